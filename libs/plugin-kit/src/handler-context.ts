import {
  groupConversation,
  groupId,
  poolName,
  privateConversation,
  RookeryError,
  selfId,
  userId,
  type AcceptedCall,
  type ActionName,
  type ActionResult,
  type AnswerRecord,
  type BroadcastInput,
  type Event,
  type FleetStatus,
  type MessageLike,
  type SelfId,
  type Target,
} from '@rookery/protocol';
import type { z } from 'zod';
import { ask, type AskOptions } from './ask/ask';
import { checkOptions } from './asking';
import { Bot } from './bot';
import { Broadcasts, type Broadcast } from './broadcasts';
import type { CallArguments, CallOptions, CallResult, OtherAction, OtherResult, UnawaitedAction } from './call';
import type { CommandInfo } from './catalogue';
import type { EventContext, ReplyOptions, SendOptions, SendTo } from './context';
import type { ContextServices, HandlerScope } from './context-services';
import type { Sender, SenderRequest } from './handling/backing';
import { Handling, invalid, type Wanted } from './handling/handling';
import { SeededChance, type Chance } from './handling/random';
import { Suspending } from './handling/suspending';
import { textIn, type Fillings, type Locale, type LocalText } from './local-text';
import type { Log } from './log';
import type { Metrics } from './metrics';
import { replyTarget } from './reply-target';
import { Settings } from './settings';
import { HandlingStorage, type Storage } from './storage/scopes';
import type { Json } from './storage/storage';

/** The context's working side: turns what a handler wants into actions and steps of its handling. */
export class HandlerContext<E extends Event = Event> implements EventContext<E> {
  /** The run of the handler that this context is for. */
  readonly handling: Handling;
  readonly suspending: Suspending;
  readonly storage: Storage;
  readonly bot: Bot;
  readonly broadcasts: Broadcasts;
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
    this.broadcasts = new Broadcasts(this.handling);
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

  async usableCommands(): Promise<readonly CommandInfo[]> {
    const usable = await this.handling.step('usable commands', () => this.services.backing.usable());
    return this.commands.filter(({ plugin, handler }) => usable.includes(`${plugin}.${handler}`));
  }

  superusers(): Promise<readonly string[]> {
    return this.handling.step('superusers', () => this.services.backing.superusers());
  }

  fleetStatus(): Promise<FleetStatus> {
    return this.handling.step('fleet status', () => this.services.backing.fleet());
  }

  get settings(): Settings {
    return new Settings(this.handling);
  }

  async account(self: SelfId | string): Promise<Bot> {
    const account = selfId(String(self));
    const sender = await this.#sender({ from: { account }, to: { user: userId(account) } });
    if (sender) return new Bot(this.handling, sender);
    throw new RookeryError('ACTION_UNKNOWN_ACCOUNT', `no account of this cluster has the number ${account}`);
  }

  async reply(message: MessageLike, options: ReplyOptions = {}): Promise<ActionResult> {
    const wanted = this.#replyWith(message, options);
    return typeof wanted === 'string' ? this.handling.refused(invalid(wanted)) : this.handling.act(wanted);
  }

  async send(to: SendTo, message: MessageLike, { from, ...options }: SendOptions = {}): Promise<ActionResult> {
    try {
      checkOptions('send', options);
      const target = targetOf(to);
      const sender = from === undefined ? this.bot : await this.#sender({ from: senderOf(from), to: target });
      if (sender) return await this.handling.act({ options, ...this.#sendTo(target, message, sender) });
      const text = `no account of ${from} can send there now`;
      return this.handling.refused({ code: 'ACTION_UNKNOWN_ACCOUNT', message: text });
    } catch (error) {
      return this.handling.refused(
        invalid(error instanceof Error ? error.message : 'the message threw when it was read'),
      );
    }
  }

  broadcast(what: BroadcastInput): Promise<Broadcast> {
    return this.broadcasts.start(what);
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

  /** As {@link reply}, for what a handler returns: nobody waits for the outcome. Rejects when it could not be stored. */
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
  #replyWith(message: MessageLike, options: ReplyOptions = {}): Wanted | string {
    const target = replyTarget(this.event);
    if (!target) return `an event of type ${this.event.type} happened in no chat: there is nobody to reply to`;
    try {
      checkOptions('reply', options);
      const { params } = this.handling.prepared(target.action, { message, ...target.params });
      return { name: target.action, params, lane: 'interactive', options };
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
    const prepared = this.handling.prepared(name, { message, ...params });
    return { name, params: prepared.params, lane: 'normal', at: { self, conversation } };
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
