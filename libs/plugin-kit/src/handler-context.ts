import {
  actionId,
  isText,
  plainText,
  SECOND,
  toSegments,
  type Action,
  type ActionResult,
  type Clock,
  type Event,
  type Lane,
  type MessageEvent,
  type MessageLike,
  type ReplySegment,
  type Segment,
} from '@rookery/protocol';
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
}

/** For whom a context is made. */
export interface HandlerScope {
  readonly plugin: string;
  readonly handler: string;
  readonly signal: AbortSignal;
}

/** A reply that comes later than that answers nobody, and a backlog flushed at once is what gets accounts frozen. */
const EXPIRY_MS = 60 * SECOND;

interface Wanted {
  readonly name: string;
  readonly params: Readonly<Record<string, unknown>>;
  readonly lane: Lane;
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

  async reply(message: MessageLike): Promise<ActionResult> {
    const wanted = this.#replyWith(message);
    return typeof wanted === 'string' ? this.#refused(wanted) : this.#ask(wanted);
  }

  async call(
    action: string,
    params: Readonly<Record<string, unknown>> = {},
    options: { readonly lane?: Lane } = {},
  ): Promise<ActionResult> {
    const lane = options.lane ?? (action.startsWith('get_') ? 'read' : 'normal');
    return this.#ask({ name: action, params, lane });
  }

  /** As {@link reply}, but only until it is stored durably: for what a handler returns. Rejects when it could not be. */
  async post(message: MessageLike): Promise<void> {
    const wanted = this.#replyWith(message);
    const action = typeof wanted === 'string' ? wanted : this.#actionFor(wanted);
    if (typeof action === 'string') this.#refused(action);
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

  async #ask(wanted: Wanted): Promise<ActionResult> {
    const action = this.#actionFor(wanted);
    if (typeof action === 'string') return this.#refused(action);
    const { queued, result } = this.services.outbox.ask(action, this.scope.signal);
    this.#queued.add(queued);
    void queued.then(() => this.#queued.delete(queued));
    return result;
  }

  /** A text instead of an action says why there is none. */
  #replyWith(message: MessageLike): Wanted | string {
    const target = replyTarget(this.event);
    if (!target) return `an event of type ${this.event.type} happened in no chat: there is nobody to reply to`;
    const segments = toSegments(message);
    if (segments.every(isBlank)) {
      return 'the message is empty; QQ takes none without content';
    }
    return { name: target.action, params: { ...target.params, message: segments }, lane: 'interactive' };
  }

  #actionFor({ name, params, lane }: Wanted): Action | string {
    if (this.#closed) return `${name} was asked after the handler had ended or passed its deadline`;
    if (!/^[\w.]{1,100}$/.test(name)) return `${JSON.stringify(name)} is no name of an action`;
    const unfit = whyNoJson(params);
    if (unfit !== undefined) return `the parameters of ${name} cannot be written as JSON: ${unfit}`;
    const { event, scope } = this;
    const now = this.services.clock.now();
    this.#asked += 1;
    return {
      v: 1,
      id: actionId(`${event.id}.${scope.plugin}.${scope.handler}.${this.#asked}`),
      self: event.self,
      name,
      params,
      lane,
      // Reads need no order; everything else keeps the order in which the conversation asked for it.
      ...(lane !== 'read' && { conversation: event.conversation }),
      createdAt: now,
      expiresAt: now + EXPIRY_MS,
      origin: { plugin: scope.plugin, event: event.id },
    };
  }

  #refused(reason: string): ActionResult {
    this.log.warn({}, `refused: ${reason}`);
    const { event, scope } = this;
    return {
      id: actionId(`${event.id}.${scope.plugin}.${scope.handler}.refused`),
      self: event.self,
      outcome: 'refused',
      error: { code: 'ACTION_INVALID', message: reason },
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

/** A quotation alone is no message either. */
function isBlank(segment: Segment): boolean {
  return segment.type === 'reply' || (isText(segment) && segment.data.text.trim() === '');
}

function whyNoJson(params: Readonly<Record<string, unknown>>): string | undefined {
  try {
    JSON.stringify(params);
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : 'a value threw';
  }
}
