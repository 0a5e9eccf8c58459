import {
  groupConversation,
  groupId,
  plainText,
  poolName,
  privateConversation,
  RookeryError,
  selfId,
  userId,
  type AcceptedCall,
  type ActionName,
  type ActionResult,
  type AnswerRecord,
  type Event,
  type MessageEvent,
  type MessageLike,
  type ReplySegment,
  type RequestEvent,
  type Segment,
  type SelfId,
  type Target,
} from '@rookery/protocol';
import type { z } from 'zod';
import { ask, type AskOptions } from './ask/ask';
import { Bot, quoting, type QqNumber, type SentMessage } from './bot';
import type { CallArguments, CallOptions, CallResult, OtherAction, OtherResult, UnawaitedAction } from './call';
import type { CommandInfo } from './catalogue';
import type { EventContext, MessageContext, RequestContext, SendOptions, SendTo } from './context';
import type { ContextServices, HandlerScope } from './context-services';
import type { Sender, SenderRequest } from './handling/backing';
import { Handling, invalid, type Wanted } from './handling/handling';
import { SeededChance, type Chance } from './handling/random';
import { Suspending } from './handling/suspending';
import { textIn, type Fillings, type Locale, type LocalText } from './local-text';
import type { Log } from './log';
import type { Metrics } from './metrics';
import { replyTarget } from './reply-target';
import { HandlingStorage, type Storage } from './storage/scopes';
import type { Json } from './storage/storage';

/** The context's working side: turns what a handler wants into actions and steps of its handling. */
export class HandlerContext<E extends Event = Event> implements EventContext<E> {
  /** The run of the handler that this context is for. */
  readonly handling: Handling;
  readonly suspending: Suspending;
  readonly storage: Storage;
  readonly bot: Bot;
  #random: Chance | undefined;

  constructor(
    readonly event: E,
    scope: HandlerScope,
    private readonly services: ContextServices,
  ) {
    this.handling = new Handling(event, scope, services);
    this.suspending = new Suspending(this.handling);
    this.storage = new HandlingStorage(this.handling);
    this.bot = new Bot(this.handling);
  }

  get commands(): readonly CommandInfo[] {
    return this.services.commands;
  }

  get signal(): AbortSignal {
    return this.handling.scope.signal;
  }

  get deadline(): number {
    return this.handling.scope.deadline;
  }

  get log(): Log {
    return this.handling.log;
  }

  get metrics(): Metrics {
    return this.services.metrics;
  }

  get locale(): Locale {
    return this.services.locale;
  }

  config<Schema extends z.ZodType>(schema: Schema): z.output<Schema> {
    const { config } = this.services;
    return (config ? config(this.event) : schema.parse({})) as z.output<Schema>;
  }

  get now(): number {
    return this.handling.now;
  }

  get random(): Chance {
    this.#random ??= new SeededChance(this.services.seed, this.handling.id);
    return this.#random;
  }

  async account(self: SelfId | string): Promise<Bot> {
    const account = selfId(String(self));
    const sender = await this.#sender({ from: { account }, to: { user: userId(account) } });
    if (sender) return new Bot(this.handling, sender);
    throw new RookeryError('ACTION_UNKNOWN_ACCOUNT', `no account of this cluster has the number ${account}`);
  }

  async reply(message: MessageLike): Promise<ActionResult> {
    const wanted = this.#replyWith(message);
    return typeof wanted === 'string' ? this.handling.refused(invalid(wanted)) : this.handling.act(wanted);
  }

  async send(to: SendTo, message: MessageLike, { from }: SendOptions = {}): Promise<ActionResult> {
    try {
      const target = targetOf(to);
      const sender = from === undefined ? this.bot : await this.#sender({ from: senderOf(from), to: target });
      if (sender) return await this.handling.act(this.#sendTo(target, message, sender));
      const text = `no account of ${from} can send there now`;
      return this.handling.refused({ code: 'ACTION_UNKNOWN_ACCOUNT', message: text });
    } catch (error) {
      return this.handling.refused(
        invalid(error instanceof Error ? error.message : 'the message threw when it was read'),
      );
    }
  }

  ask(question: MessageLike, options?: AskOptions): Promise<string>;
  ask<T>(question: MessageLike, options: AskOptions<T> & { readonly parse: object }): Promise<T>;
  ask<T>(question: MessageLike, options: AskOptions<T> = {}): Promise<T | string> {
    const asking = {
      locale: this.locale,
      say: (message: MessageLike) => this.reply(message),
      wait: (message: MessageLike | undefined, withinMs: number) => this.#wait(message, withinMs),
    };
    return ask(asking, question, options);
  }

  once<T extends Json | undefined>(name: string, make: () => Promise<T> | T): Promise<T> {
    return this.handling.step(`once ${name}`, async () => make());
  }

  text<const Text extends LocalText>(text: Text, ...fillings: Fillings<Text>): string {
    return textIn(this.locale, text, ...fillings);
  }

  call<Name extends ActionName>(action: Name, ...rest: CallArguments<Name>): Promise<CallResult<Name>>;
  call<Name extends ActionName>(action: UnawaitedAction<Name>, ...rest: CallArguments<Name>): Promise<AcceptedCall>;
  call<Name extends string>(
    action: OtherAction<Name>,
    params?: Readonly<Record<string, unknown>>,
    options?: CallOptions,
  ): Promise<OtherResult<Name>>;
  call(
    action: string,
    params?: Readonly<Record<string, unknown>>,
    options?: CallOptions,
  ): Promise<ActionResult | AcceptedCall> {
    return this.bot.call<string>(action, params, options);
  }

  /** As {@link reply}, but only until it is stored durably: for what a handler returns. Rejects when it could not be. */
  async post(message: MessageLike): Promise<void> {
    const wanted = this.#replyWith(message);
    if (typeof wanted === 'string') this.handling.refused(invalid(wanted));
    else await this.handling.post(wanted);
  }

  /** The handler does not do what it did before it was suspended. */
  get changed(): boolean {
    return this.handling.journal.changed;
  }

  /** Tells the person who answered that the handler has changed since it asked and cannot go on. */
  async sayChanged(): Promise<void> {
    const wanted = this.#replyWith(textIn(this.locale, CHANGED));
    if (typeof wanted !== 'string') await this.handling.lastWords(wanted);
  }

  /** From now on everything is refused: the handler has ended or was given up. */
  close(): void {
    this.handling.close();
  }

  /** Resolves when nothing that the handler asked, awaited or not, could still be lost with this process. */
  queued(): Promise<void> {
    return this.handling.queued();
  }

  #wait(message: MessageLike | undefined, withinMs: number): Promise<AnswerRecord> {
    const wanted = message === undefined ? undefined : this.#replyWith(message);
    if (typeof wanted === 'string') return Promise.reject(new RookeryError('ACTION_INVALID', wanted));
    return this.suspending.wait(wanted, withinMs);
  }

  #sender(request: SenderRequest): Promise<Sender | undefined> {
    return this.handling.step('sender', () => this.services.backing.sender(request));
  }

  /** A text instead of an action says why there is none. */
  #replyWith(message: MessageLike): Wanted | string {
    const target = replyTarget(this.event);
    if (!target) return `an event of type ${this.event.type} happened in no chat: there is nobody to reply to`;
    try {
      const { params } = this.handling.prepared(target.action, { ...target.params, message });
      return { name: target.action, params, lane: 'interactive' };
    } catch (error) {
      return error instanceof Error ? error.message : 'the message threw when it was read';
    }
  }

  /** Throws ACTION_INVALID. */
  #sendTo(target: Target, message: MessageLike, { self, pool }: Sender): Wanted {
    const [name, params, conversation] =
      'group' in target
        ? (['send_group_msg', { group_id: target.group }, groupConversation(pool, target.group)] as const)
        : (['send_private_msg', { user_id: target.user }, privateConversation(self, target.user)] as const);
    const prepared = this.handling.prepared(name, { ...params, message });
    return { name, params: prepared.params, lane: 'normal', at: { self, conversation } };
  }
}

/** The context of a message; `rest` is what follows the command. */
export class MessageHandlerContext extends HandlerContext<MessageEvent> implements MessageContext {
  readonly args: string;

  constructor(
    event: MessageEvent,
    readonly rest: readonly Segment[],
    scope: HandlerScope,
    services: ContextServices,
  ) {
    super(event, scope, services);
    this.args = plainText(rest);
  }

  /** The sequence number wins: it is right for every account in the group, the message id only for the one that saw it. */
  get quotation(): readonly ReplySegment[] {
    const { seq, messageId } = this.event;
    if (seq !== undefined) return [{ type: 'reply', data: { seq } }];
    return messageId === undefined ? [] : [{ type: 'reply', data: { id: messageId } }];
  }

  quote(message: MessageLike): Promise<ActionResult> {
    return this.reply(quoting(this.quotation, message));
  }

  recall(message?: SentMessage): Promise<ActionResult> {
    if (message !== undefined) return this.bot.recall(message);
    return this.#onOwn((bot, id) => bot.recall(id));
  }

  react(emoji: QqNumber, on = true): Promise<ActionResult> {
    return this.#onOwn((bot, id) => bot.react(id, emoji, on));
  }

  /** A message id is good only for the account that saw it. */
  #onOwn(act: (bot: Bot, id: string) => Promise<ActionResult>): Promise<ActionResult> {
    const { messageId, self, pool } = this.event;
    if (messageId !== undefined) return act(new Bot(this.handling, { self, pool }), messageId);
    return Promise.resolve(this.handling.refused(invalid('the message that is handled has no id')));
  }
}

/** The context of a friend request or a group request. */
export class RequestHandlerContext extends HandlerContext<RequestEvent> implements RequestContext {
  approve(remark?: string): Promise<ActionResult> {
    const { kind, flag } = this.event;
    return kind === 'friend' ? this.bot.approveFriend(flag, remark) : this.bot.approveGroup(flag);
  }

  reject(reason?: string): Promise<ActionResult> {
    const { kind, flag } = this.event;
    return kind === 'friend' ? this.bot.rejectFriend(flag) : this.bot.rejectGroup(flag, reason);
  }
}

/** The context that fits the event; `rest` is what follows the command. */
export function contextFor(
  event: Event,
  rest: readonly Segment[],
  scope: HandlerScope,
  services: ContextServices,
): HandlerContext {
  switch (event.type) {
    case 'message':
      return new MessageHandlerContext(event, rest, scope, services);
    case 'request':
      return new RequestHandlerContext(event, scope, services);
    case 'notice':
    case 'schedule':
    case 'meta':
    case 'unknown':
      return new HandlerContext(event, scope, services);
  }
}

const CHANGED: LocalText = {
  zh: '插件刚刚更新，刚才的问答无法继续，请重新开始。',
  en: 'The plugin was just updated and cannot go on from here; please start again.',
};

function targetOf(to: SendTo): Target {
  return 'group' in to ? { group: groupId(String(to.group)) } : { user: userId(String(to.user)) };
}

function senderOf(from: string): SenderRequest['from'] {
  const [kind, name = ''] = from.split(':', 2);
  if (kind === 'pool') return { pool: poolName(name) };
  if (kind === 'account') return { account: selfId(name) };
  throw new RookeryError('ACTION_INVALID', `"${from}" names no sender; write "pool:news" or "account:10001"`);
}
