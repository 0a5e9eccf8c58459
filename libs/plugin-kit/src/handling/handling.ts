import {
  actionId,
  prepareAction,
  RookeryError,
  toError,
  type AcceptedCall,
  type Action,
  type ActionResult,
  type ConversationKey,
  type ErrorCode,
  type Event,
  type Lane,
  type PreparedAction,
  type SelfId,
} from '@rookery/protocol';
import { expiryOf, keyedId } from '../asking';
import type { CallOptions } from '../call';
import type { ContextServices, HandlerScope } from '../context-services';
import type { Log } from '../log';
import { Journal } from './journal';

/** What one handler may ask for one event: a loop gone wrong must not flood the account. */
const ASKS_MAX = 50;

interface Refusal {
  readonly code: ErrorCode;
  readonly message: string;
}

/** An action as a handler wants it. */
export interface Wanted {
  readonly name: string;
  readonly params: Readonly<Record<string, unknown>>;
  readonly lane: Lane;
  readonly options?: CallOptions;
  /** Where it belongs; without it, to the conversation of the event. */
  readonly at?: { readonly self: SelfId; readonly conversation: ConversationKey };
}

/**
 * One run of a handler for one event: what it asks for goes through here, in order, and is written down in its journal. Action ids
 * follow from event, plugin, handler and the order of asking. The runner of the handler closes it when the handler has ended.
 */
export class Handling {
  readonly id: string;
  readonly journal: Journal;
  /** The account that acts: the one that saw the event, or since then the one that saw the last answer. */
  self: SelfId;
  /** Milliseconds since 1970, of the event or of the last answer: the same when the handler is run again. */
  now: number;
  #asked = 0;
  #closed = false;
  #log: Log | undefined;
  readonly #queued = new Set<Promise<void>>();

  constructor(
    readonly event: Event,
    readonly scope: HandlerScope,
    readonly services: ContextServices,
  ) {
    this.id = `${event.id}.${scope.plugin}.${scope.handler}`;
    this.journal = new Journal(scope.journal);
    this.self = event.self;
    this.now = event.receivedAt;
  }

  get log(): Log {
    const { plugin, handler } = this.scope;
    this.#log ??= this.services.log.child({ plugin, handler, event: this.event.id });
    return this.#log;
  }

  /** From now on everything is refused: the handler has ended or was given up. */
  close(): void {
    this.#closed = true;
  }

  /** Resolves when nothing that the handler asked, awaited or not, could still be lost with this process. */
  async queued(): Promise<void> {
    await Promise.all(this.#queued);
  }

  /** Asks and waits for the outcome. Never rejects, unless the handler has changed since it was suspended. */
  act(wanted: Wanted): Promise<ActionResult> {
    const action = this.#actionFor(wanted);
    if ('code' in action) return Promise.resolve(this.refused(action));
    const ask = (): Promise<ActionResult> => {
      const { queued, result } = this.services.outbox.ask(action, this.scope.signal, wanted.options?.deadlineMs);
      this.#keepUntil(queued);
      return result;
    };
    return this.journal.step(`action ${wanted.name}`, ask, () => this.#unknown(action));
  }

  /** For callers who do not wait for the outcome: an answer as soon as it is stored. */
  async accept(wanted: Wanted): Promise<AcceptedCall> {
    const action = this.#actionFor(wanted);
    if ('code' in action) return { id: this.refused(action).id, status: 'failed', error: action };
    return this.journal.step(`accept ${wanted.name}`, () => this.#accept(action));
  }

  /**
   * What the handler returned: as {@link act}, but only until it is stored durably, or until whoever runs the handler has taken that upon
   * himself. Rejects when it could not be; what is refused is logged.
   */
  async post(wanted: Wanted): Promise<void> {
    const action = this.#actionFor(wanted);
    if ('code' in action) return void this.refused(action);
    const { outbox } = this.services;
    const post = async () => (outbox.leave ? outbox.leave(action) : outbox.post(action, this.scope.signal));
    await this.journal.step(`post ${wanted.name}`, post).catch((thrown: unknown) => {
      const refusal = notGranted(thrown);
      if (!refusal) throw thrown;
      this.refused(refusal);
    });
  }

  /**
   * Takes the place of an action among the others and gives back what stores it; nothing is asked until that is called, and
   * nothing is written down. Throws ACTION_LATE or ACTION_OVER_BUDGET.
   */
  reserve(wanted: Wanted): () => Promise<void> {
    const action = this.#actionFor(wanted);
    if ('code' in action) throw new RookeryError(action.code, action.message);
    return () => this.services.outbox.post(action, this.scope.signal);
  }

  /** A step that is no action. Rejects with ACTION_LATE when the handler has ended. */
  step<T>(step: string, make: () => Promise<T>): Promise<T> {
    if (this.#closed)
      return Promise.reject(new RookeryError('ACTION_LATE', `${step} was asked after the handler had ended`));
    return this.journal.step(step, make);
  }

  /** Stores a message of the handling that is said once, however often it comes to that, and after it was closed. */
  async lastWords({ name, params, lane }: Wanted): Promise<void> {
    await this.services.outbox.post(this.#action('last', { name, params, lane }), this.scope.signal);
  }

  /** Throws ACTION_INVALID. */
  prepared(name: string, params: Readonly<Record<string, unknown>>): PreparedAction {
    const prepared = prepareAction(name, params, this.services.media);
    for (const note of prepared.notes) this.log.info({ action: name }, note);
    return prepared;
  }

  refused(error: Refusal): ActionResult {
    this.log.warn({ code: error.code }, `refused: ${error.message}`);
    const { self } = this;
    return {
      id: actionId(`${this.id}.refused`),
      self,
      outcome: 'refused',
      error,
      endedAt: this.services.clock.now(),
    };
  }

  #actionFor(wanted: Wanted): Action | Refusal {
    const { name } = wanted;
    if (this.#closed) {
      return { code: 'ACTION_LATE', message: `${name} was asked after the handler had ended or passed its deadline` };
    }
    if (this.#asked >= ASKS_MAX) {
      return { code: 'ACTION_OVER_BUDGET', message: `${name} was asked after ${ASKS_MAX} other actions for one event` };
    }
    this.#asked += 1;
    return this.#action(String(this.#asked), wanted);
  }

  #accept({ id, name, ...action }: Action): Promise<AcceptedCall> {
    const posted = this.services.outbox.post({ id, name, ...action }, this.scope.signal).then(
      (): AcceptedCall => ({ id, status: 'async', retcode: 1 }),
      (thrown: unknown): AcceptedCall => {
        const refusal = notGranted(thrown);
        if (refusal) return { id, status: 'failed', error: refusal };
        const message = `${name} could not be stored while its handler ran, and may be carried out all the same: ${toError(thrown).message}`;
        return { id, status: 'failed', error: { code: 'ACTION_OUTCOME_UNKNOWN', message } };
      },
    );
    this.#keepUntil(posted.then(() => undefined));
    return posted;
  }

  #keepUntil(queued: Promise<void>): void {
    this.#queued.add(queued);
    void queued.then(() => this.#queued.delete(queued));
  }

  #action(ordinal: string, { name, params, lane, options, at }: Wanted): Action {
    const { event, scope } = this;
    const now = this.services.clock.now();
    const conversation = at?.conversation ?? event.conversation;
    return {
      v: 1,
      id: options?.id === undefined ? actionId(`${this.id}.${ordinal}`) : keyedId(scope.plugin, options.id),
      self: at?.self ?? this.self,
      name,
      params,
      lane,
      // Reads need no order; everything else keeps the order in which the conversation asked for it.
      ...(lane !== 'read' && { conversation }),
      createdAt: now,
      expiresAt: expiryOf(now, lane, options),
      origin: { plugin: scope.plugin, event: event.id },
    };
  }

  #unknown({ id, self, name, createdAt }: Action): ActionResult {
    const message = `${name} was asked before the handler waited for an answer, and its outcome was not awaited`;
    return { id, self, outcome: 'unknown', error: { code: 'ACTION_OUTCOME_UNKNOWN', message }, endedAt: createdAt };
  }
}

/** The worker decides what a plugin may ask for, and says so by rejecting. */
function notGranted(thrown: unknown): Refusal | undefined {
  if (!(thrown instanceof RookeryError) || thrown.code !== 'ACTION_NOT_GRANTED') return undefined;
  return { code: thrown.code, message: thrown.message };
}

export const invalid = (message: string): Refusal => ({ code: 'ACTION_INVALID', message });
