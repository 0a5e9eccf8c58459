import type {
  AcceptedCall,
  ActionName,
  ActionResult,
  Event,
  MessageEvent,
  MessageLike,
  ReplySegment,
  Segment,
} from '@rookery/protocol';
import type { z } from 'zod';
import type { CallArguments, CallOptions, CallResult, OtherAction, OtherResult, UnawaitedAction } from './call';
import type { CommandInfo } from './catalogue';
import type { Locale } from './local-text';
import type { Log } from './log';

/** What every handler is given. A message that the handler returns is a reply as well, and one that nobody waits for. */
export interface EventContext<E extends Event = Event> {
  readonly event: E;
  /** Every command there is, for help texts. */
  readonly commands: readonly CommandInfo[];
  /** Aborted at the handler's deadline. What is asked after that, or after the handler has ended, is refused. */
  readonly signal: AbortSignal;
  /** Bound to plugin, handler and event. */
  readonly log: Log;
  readonly locale: Locale;
  /** The plugin's settings that hold where the event happened; `schema` is that of `@BotPlugin` and gives them their type. */
  config<Schema extends z.ZodType>(schema: Schema): z.output<Schema>;
  /**
   * Says something where the event happened. Resolves when the outcome is known, which can be a while when sends are paced:
   * a handler that does not need the outcome returns its message instead. Never rejects: refusals are in the result, also of
   * messages that NapCat would drop or fail on.
   */
  reply(message: MessageLike): Promise<ActionResult>;
  /**
   * Any OneBot action of the account that saw the event. Rejects with ACTION_INVALID, naming the parameter, when the call is
   * wrong: nothing was asked of anybody then. Whatever happens later is in the result.
   */
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
  quote(message: MessageLike): Promise<ActionResult>;
}
