import {
  actionId,
  actionSpec,
  plainText,
  prepareAction,
  RookeryError,
  toError,
  toSegments,
  type AcceptedCall,
  type Action,
  type ActionName,
  type ActionResult,
  type Clock,
  type ErrorCode,
  type Event,
  type Lane,
  type MediaPolicy,
  type MessageEvent,
  type MessageLike,
  type PreparedAction,
  type ReplySegment,
  type Segment,
} from '@rookery/protocol';
import { checkOptions, expiryOf, keyedId } from './asking';
import type { z } from 'zod';
import type { CallArguments, CallOptions, CallResult, OtherAction, OtherResult, UnawaitedAction } from './call';
import type { CommandInfo } from './catalogue';
import type { EventContext, MessageContext } from './context';
import type { Locale } from './local-text';
import type { Log } from './log';
import type { Outbox } from './outbox';
import { replyTarget } from './reply-target';

/** What all contexts of a process share. */
export interface ContextServices {
  readonly outbox: Outbox;
  readonly clock: Clock;
  readonly commands: readonly CommandInfo[];
  readonly log: Log;
  readonly locale: Locale;
  /** What holds where an event happened; without it, what the plugin's schema makes of nothing. */
  readonly config?: (event: Event) => unknown;
  /** Which files and addresses NapCat may be told to read; the default allows public addresses only. */
  readonly media?: MediaPolicy;
}

/** For whom a context is made. */
export interface HandlerScope {
  readonly plugin: string;
  readonly handler: string;
  readonly signal: AbortSignal;
}

/** What one handler may ask for one event: a loop gone wrong must not flood the account. */
const ASKS_MAX = 50;

interface Refusal {
  readonly code: ErrorCode;
  readonly message: string;
}

interface Wanted {
  readonly name: string;
  readonly params: Readonly<Record<string, unknown>>;
  readonly lane: Lane;
  readonly options?: CallOptions;
}

/**
 * The context's working side: turns what a handler wants into actions and hands them to the outbox. Action ids follow from
 * event, plugin, handler and the order of asking. The runner of the handler closes it when the handler has ended.
 */
export class HandlerContext<E extends Event = Event> implements EventContext<E> {
  #asked = 0;
  #closed = false;
  #log: Log | undefined;
  readonly #queued = new Set<Promise<void>>();

  constructor(
    readonly event: E,
    private readonly scope: HandlerScope,
    private readonly services: ContextServices,
  ) {}

  get commands(): readonly CommandInfo[] {
    return this.services.commands;
  }

  get signal(): AbortSignal {
    return this.scope.signal;
  }

  get log(): Log {
    const { plugin, handler } = this.scope;
    this.#log ??= this.services.log.child({ plugin, handler, event: this.event.id });
    return this.#log;
  }

  get locale(): Locale {
    return this.services.locale;
  }

  config<Schema extends z.ZodType>(schema: Schema): z.output<Schema> {
    const { config } = this.services;
    return (config ? config(this.event) : schema.parse({})) as z.output<Schema>;
  }

  async reply(message: MessageLike): Promise<ActionResult> {
    const wanted = this.#replyWith(message);
    return typeof wanted === 'string' ? this.#refused(invalid(wanted)) : this.#ask(wanted);
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
    params: Readonly<Record<string, unknown>> = {},
    options: CallOptions = {},
  ): Promise<ActionResult | AcceptedCall> {
    const result = this.#call(action, params, options);
    // A handler that does not wait must not end the process with an unhandled rejection; the log has the reason.
    result.catch(() => undefined);
    return result;
  }

  /** As {@link reply}, but only until it is stored durably: for what a handler returns. Rejects when it could not be. */
  async post(message: MessageLike): Promise<void> {
    const wanted = this.#replyWith(message);
    const action = typeof wanted === 'string' ? invalid(wanted) : this.#actionFor(wanted);
    if ('code' in action) this.#refused(action);
    else await this.services.outbox.post(action, this.scope.signal);
  }

  /** From now on everything is refused: the handler has ended or was given up. */
  close(): void {
    this.#closed = true;
  }

  /** Resolves when nothing that the handler asked, awaited or not, could still be lost with this process. */
  async queued(): Promise<void> {
    await Promise.all(this.#queued);
  }

  async #call(
    wanted: string,
    params: Readonly<Record<string, unknown>>,
    options: CallOptions,
  ): Promise<ActionResult | AcceptedCall> {
    try {
      checkOptions(wanted, options);
      const { name, form, params: prepared } = this.#prepared(wanted, params);
      const lane = options.lane ?? (form === 'rate_limited' ? 'normal' : laneOf(name));
      const call: Wanted = { name, params: prepared, lane, options };
      return form === 'plain' ? await this.#ask(call) : await this.#accept(call);
    } catch (error) {
      if (error instanceof RookeryError) this.log.warn({}, `refused: ${error.message}`);
      throw error;
    }
  }

  async #ask(wanted: Wanted): Promise<ActionResult> {
    const action = this.#actionFor(wanted);
    if ('code' in action) return this.#refused(action);
    const { queued, result } = this.services.outbox.ask(action, this.scope.signal, wanted.options?.deadlineMs);
    this.#keepUntil(queued);
    return result;
  }

  /** For callers who do not wait for the outcome: an answer as soon as it is stored. */
  async #accept(wanted: Wanted): Promise<AcceptedCall> {
    const action = this.#actionFor(wanted);
    if ('code' in action) return { id: this.#refused(action).id, status: 'failed', error: action };
    const { id } = action;
    const posted = this.services.outbox.post(action, this.scope.signal).then(
      (): AcceptedCall => ({ id, status: 'async', retcode: 1 }),
      (thrown: unknown): AcceptedCall => {
        const message = `${action.name} could not be stored while its handler ran, and may be carried out all the same: ${toError(thrown).message}`;
        return { id, status: 'failed', error: { code: 'ACTION_OUTCOME_UNKNOWN', message } };
      },
    );
    this.#keepUntil(posted.then(() => undefined));
    return await posted;
  }

  #keepUntil(queued: Promise<void>): void {
    this.#queued.add(queued);
    void queued.then(() => this.#queued.delete(queued));
  }

  /** A text instead of an action says why there is none. */
  #replyWith(message: MessageLike): Wanted | string {
    const target = replyTarget(this.event);
    if (!target) return `an event of type ${this.event.type} happened in no chat: there is nobody to reply to`;
    try {
      const { params } = this.#prepared(target.action, { ...target.params, message });
      return { name: target.action, params, lane: 'interactive' };
    } catch (error) {
      return error instanceof Error ? error.message : 'the message threw when it was read';
    }
  }

  /** Throws ACTION_INVALID. */
  #prepared(name: string, params: Readonly<Record<string, unknown>>): PreparedAction {
    const prepared = prepareAction(name, params, this.services.media);
    for (const note of prepared.notes) this.log.info({ action: name }, note);
    return prepared;
  }

  #actionFor({ name, params, lane, options }: Wanted): Action | Refusal {
    if (this.#closed) {
      return { code: 'ACTION_LATE', message: `${name} was asked after the handler had ended or passed its deadline` };
    }
    if (this.#asked >= ASKS_MAX) {
      return { code: 'ACTION_OVER_BUDGET', message: `${name} was asked after ${ASKS_MAX} other actions for one event` };
    }
    const { event, scope } = this;
    const now = this.services.clock.now();
    this.#asked += 1;
    return {
      v: 1,
      id:
        options?.id === undefined
          ? actionId(`${event.id}.${scope.plugin}.${scope.handler}.${this.#asked}`)
          : keyedId(scope.plugin, options.id),
      self: event.self,
      name,
      params,
      lane,
      // Reads need no order; everything else keeps the order in which the conversation asked for it.
      ...(lane !== 'read' && { conversation: event.conversation }),
      createdAt: now,
      expiresAt: expiryOf(now, lane, options),
      origin: { plugin: scope.plugin, event: event.id },
    };
  }

  #refused(error: Refusal): ActionResult {
    this.log.warn({ code: error.code }, `refused: ${error.message}`);
    const { event, scope } = this;
    return {
      id: actionId(`${event.id}.${scope.plugin}.${scope.handler}.refused`),
      self: event.self,
      outcome: 'refused',
      error,
      endedAt: this.services.clock.now(),
    };
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
    return this.reply([...this.quotation, ...toSegments(message)]);
  }
}

const invalid = (message: string): Refusal => ({ code: 'ACTION_INVALID', message });

/** Reads are not paced by sends. */
function laneOf(action: string): Lane {
  const kind = actionSpec(action)?.kind ?? (action.startsWith('get_') ? 'read' : 'write');
  return kind === 'read' ? 'read' : 'normal';
}
