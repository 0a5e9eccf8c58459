import type {
  AcceptedCall,
  ActionName,
  ActionResult,
  BroadcastInput,
  Event,
  FleetStatus,
  MessageEvent,
  MessageLike,
  NoticeEvent,
  NoticeKind,
  ReplySegment,
  RequestEvent,
  Segment,
  SelfId,
} from '@rookery/protocol';
import type { z } from 'zod';
import type { AskOptions } from './ask/ask';
import type { Bot, QqNumber, SentMessage } from './bot';
import type { Broadcast, Broadcasts } from './broadcasts';
import type { CallArguments, CallOptions, CallResult, OtherAction, OtherResult, UnawaitedAction } from './call';
import type { CommandInfo } from './catalogue';
import type { Chance } from './handling/random';
import type { Fillings, Locale, LocalText } from './local-text';
import type { Log } from './log';
import type { Metrics } from './metrics';
import type { Json } from './storage/storage';
import type { Settings } from './settings';
import type { Storage } from './storage/scopes';

/** Where to send to: a group or a person. */
export type SendTo = { readonly group: QqNumber } | { readonly user: QqNumber };

/** As for `call`: who asks again under the same `id` is given the first outcome, and nothing is said a second time. */
export type ReplyOptions = Pick<CallOptions, 'id' | 'deadlineMs' | 'expiresMs' | 'expiresAt'>;

export interface SendOptions extends ReplyOptions {
  /**
   * Who sends: `pool:news`, the account of that pool that can speak there, or `account:10001`. Without it, the account that
   * the event is handled by.
   */
  readonly from?: `pool:${string}` | `account:${string}`;
}

/** What every handler is given. A message that the handler returns is a reply as well, and one that nobody waits for. */
export interface EventContext<E extends Event = Event> {
  readonly event: E;
  /** Every command there is, for help texts. */
  readonly commands: readonly CommandInfo[];
  /** Those of them that are switched on here and that the person who spoke may use. */
  usableCommands(): Promise<readonly CommandInfo[]>;
  /** Aborted at the handler's deadline. What is asked after that, or after the handler has ended, is refused. */
  readonly signal: AbortSignal;
  /** When the handler is given up, milliseconds since 1970; it begins anew with every answer. */
  readonly deadline: number;
  /** Bound to plugin, handler and event. */
  readonly log: Log;
  readonly metrics: Metrics;
  readonly locale: Locale;
  /** The plugin's settings that hold where the event happened; `schema` is that of `@BotPlugin` and gives them their type. */
  config<Schema extends z.ZodType>(schema: Schema): z.output<Schema>;
  /**
   * When the event, or the last answer, came: milliseconds since 1970. It does not move while the handler runs, so a repetition
   * sees the same time.
   */
  readonly now: number;
  /** Chance that a repetition meets again. */
  readonly random: Chance;
  readonly storage: Storage;
  /** Switches and configuration of plugins, changed on behalf of the person who spoke. */
  readonly settings: Settings;
  /** Numbers of the people who may do everything; `superusers` of rookery.yaml. */
  superusers(): Promise<readonly string[]>;
  /** How the cluster stands now: accounts by state, what waits, versions. Looks at all of it: for commands of operators. */
  fleetStatus(): Promise<FleetStatus>;
  /** The account that saw the event; after an answer, the one that saw the answer. */
  readonly bot: Bot;
  /** Another account. Rejects with ACTION_UNKNOWN_ACCOUNT when the cluster has none with that number. */
  account(self: SelfId | string): Promise<Bot>;
  /**
   * Says something where the event happened. Resolves when the outcome is known, which can be a while when sends are paced:
   * a handler that does not need the outcome returns its message instead. Never rejects: refusals are in the result, also of
   * messages that NapCat would drop or fail on.
   */
  reply(message: MessageLike, options?: ReplyOptions): Promise<ActionResult>;
  /** Says something elsewhere. As {@link reply}; `refused` when no account of the pool can speak there. */
  send(to: SendTo, message: MessageLike, options?: SendOptions): Promise<ActionResult>;
  /**
   * Begins one message for many groups or friends, sent by the accounts of a pool behind everything else. Resolves when it is stored;
   * what becomes of it is asked of the {@link Broadcast}, in this handler or a later one. The person whom the event is about needs
   * to be a superuser or to have the grant `broadcast` (rejects with BROADCAST_REFUSED); what a schedule begins needs none. Rejects
   * with BROADCAST_INVALID or ACTION_INVALID when it cannot be carried out, and with BROADCASTS_FULL.
   */
  broadcast(what: BroadcastInput): Promise<Broadcast>;
  /** The broadcasts of the cluster; the same right is needed. */
  readonly broadcasts: Broadcasts;
  /**
   * Asks the person whom the event is about, and waits for their next message in this conversation. Meanwhile the conversation
   * goes on, and the handler is not kept: when the answer comes it is run again, on whichever worker, and everything it
   * awaited of its context gives what it gave before. Whatever else it does before its last question it therefore does again:
   * put calls to the outside into {@link once}. Rejects with AskEnded when no answer came, it did not fit, or the person
   * wanted to stop, and with ASK_REFUSED where nobody can be asked.
   */
  ask(question: MessageLike, options?: AskOptions): Promise<string>;
  ask<T>(question: MessageLike, options: AskOptions<T> & { readonly parse: object }): Promise<T>;
  /** The result of `make`, which is not called again when the handler is run again for an answer. */
  once<T extends Json | undefined>(name: string, make: () => Promise<T> | T): Promise<T>;
  /** A text in the language of this bot. */
  text<const Text extends LocalText>(text: Text, ...fillings: Fillings<Text>): string;
  /** As `bot.call`. */
  call<Name extends ActionName>(action: Name, ...rest: CallArguments<Name>): Promise<CallResult<Name>>;
  /** Resolves as soon as the action is stored durably; what comes of it is not told. */
  call<Name extends ActionName>(action: UnawaitedAction<Name>, ...rest: CallArguments<Name>): Promise<AcceptedCall>;
  /** An action that the protocol table does not know, with parameters that nobody checks. */
  call<Name extends string>(
    action: OtherAction<Name>,
    params?: Readonly<Record<string, unknown>>,
    options?: CallOptions,
  ): Promise<OtherResult<Name>>;
}

export interface MessageContext extends EventContext<MessageEvent> {
  /**
   * The text after the command and the one white-space character that ends it, exactly as typed. For a handler of messages
   * that is no command: the whole text.
   */
  readonly args: string;
  /** As `args`, with everything that is no text: pictures, faces, mentions. */
  readonly rest: readonly Segment[];
  /** Put before a message, it quotes the one that is handled. Empty where the message has no reference. */
  readonly quotation: readonly ReplySegment[];
  /** `reply` with the quotation. */
  quote(message: MessageLike, options?: ReplyOptions): Promise<ActionResult>;
  /** Takes back a message that was sent, or the one that is handled. */
  recall(message?: SentMessage): Promise<ActionResult>;
  /** Puts an emoji under the message that is handled. */
  react(emoji: QqNumber, on?: boolean): Promise<ActionResult>;
}

/** The context of notices of a kind. */
export type NoticeContext<Kind extends NoticeKind = NoticeKind> = EventContext<
  Extract<NoticeEvent, { readonly kind: Kind }>
>;

/** The context of a friend request or a group request. */
export interface RequestContext<Kind extends RequestEvent['kind'] = RequestEvent['kind']> extends EventContext<
  RequestEvent & { readonly kind: Kind }
> {
  /** `remark`: the name for a new friend. */
  approve(remark?: string): Promise<ActionResult>;
  /** `reason`: told to who wants to join a group. */
  reject(reason?: string): Promise<ActionResult>;
}
