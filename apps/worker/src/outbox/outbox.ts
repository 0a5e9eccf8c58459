import { EventEmitter } from 'node:events';
import type { Asked, Outbox as OutboxPort } from '@rookery/plugin-kit';
import {
  SECOND,
  toError,
  type Action,
  type ActionId,
  type ActionResult,
  type Clock,
  type ErrorCode,
  type NodeId,
  type Outcome,
} from '@rookery/protocol';
import type { ActionPublisher, ResultRecord } from './action-publisher';

export interface OutboxEvents {
  /** Stored durably. */
  published: [action: Action];
  /** An attempt to publish failed; it is tried again while anybody wants it. */
  publishFailed: [action: Action, error: Error];
  /** A waiting handler was told the outcome; the result is our own when none came in time. */
  ended: [action: Action, result: ActionResult];
  /** The message with this result was lost on its way; the record had it. */
  recovered: [result: ActionResult];
  /** A result came that nobody waits for: its handler has ended, or it came twice. */
  unwanted: [result: ActionResult];
}

export interface OutboxOptions {
  readonly publisher: ActionPublisher;
  readonly results: ResultRecord;
  /** This worker: where results are to come back to. */
  readonly node: NodeId;
  readonly clock: Clock;
}

const RETRY_MS = 500;
/** A result that has not come by message after this long is looked for in the record, again and again. */
const LOOK_UP_MS = 10 * SECOND;
/** Records read in one go. */
const LOOK_UP_BATCH = 200;
/** After its expiry an action is not begun any more; NapCat allows itself 90 s for a send of 20 MiB. */
const GRACE_MS = 90 * SECOND;

interface Pending extends Asked {
  readonly action: Action;
  /** Monotonic, milliseconds. */
  readonly since: number;
  readonly settle: (result: ActionResult) => void;
}

/** Publishes what handlers want and keeps the table of those who wait for a result. */
export class Outbox extends EventEmitter<OutboxEvents> implements OutboxPort {
  readonly #pending = new Map<ActionId, Pending>();
  #cancelLookUp: (() => void) | undefined;
  #closed = false;

  constructor(private readonly options: OutboxOptions) {
    super();
  }

  /** Actions whose result is being waited for. */
  get waiting(): number {
    return this.#pending.size;
  }

  ask(action: Action, signal: AbortSignal): Asked {
    const known = this.#pending.get(action.id);
    if (known) return known;
    if (signal.aborted) {
      const text = `${action.name} was not queued: its handler no longer waited`;
      return {
        queued: Promise.resolve(),
        result: Promise.resolve(this.#ending(action, 'not_sent', 'ACTION_EXPIRED', text)),
      };
    }
    const wait = new AbortController();
    const { promise, resolve } = deferred<ActionResult>();
    const giveUp = (): void => {
      const text = `no result of ${action.name} came while its handler waited; it may take effect all the same`;
      settle(this.#ending(action, 'unknown', 'ACTION_OUTCOME_UNKNOWN', text));
    };
    const cancel = this.options.clock.after(action.expiresAt - this.options.clock.now() + GRACE_MS, giveUp);
    signal.addEventListener('abort', giveUp, { once: true });
    const settle = (result: ActionResult): void => {
      cancel();
      signal.removeEventListener('abort', giveUp);
      this.#pending.delete(action.id);
      wait.abort();
      this.emit('ended', action, result);
      resolve(result);
    };
    // A failure to publish shows as the result, `unknown`, since a publish that failed may have been carried out.
    const queued = this.#publish({ ...action, replyTo: this.options.node }, wait.signal).catch(() => undefined);
    const pending = { queued, result: promise, action, since: this.options.clock.monotonic(), settle };
    this.#pending.set(action.id, pending);
    this.#lookUpLater();
    return pending;
  }

  post(action: Action, signal: AbortSignal): Promise<void> {
    return this.#publish(action, signal);
  }

  /** Takes in a result that a connector sent back. */
  resolve(result: ActionResult): void {
    const pending = this.#pending.get(result.id);
    if (pending) pending.settle(result);
    else this.emit('unwanted', result);
  }

  /** Looks for no more lost results. */
  close(): void {
    this.#closed = true;
    this.#cancelLookUp?.();
  }

  #lookUpLater(): void {
    if (this.#closed) return;
    this.#cancelLookUp ??= this.options.clock.after(LOOK_UP_MS, () => {
      void this.#lookUp().finally(() => {
        this.#cancelLookUp = undefined;
        if (this.#pending.size > 0) this.#lookUpLater();
      });
    });
  }

  /** Messages between nodes are fire and forget: one that was sent while our subscription was broken never comes. */
  async #lookUp(): Promise<void> {
    const overdue = this.options.clock.monotonic() - LOOK_UP_MS;
    const actions = [...this.#pending.values()].filter(({ since }) => since <= overdue).map(({ action }) => action);
    for (const action of actions.slice(0, LOOK_UP_BATCH)) {
      // Redis being away is reported by its connection; the next round asks again.
      const result = await this.options.results.find(action.self, action.id).catch(() => undefined);
      const pending = this.#pending.get(action.id);
      if (!result || !pending) continue;
      this.emit('recovered', result);
      pending.settle(result);
    }
  }

  /** Until it is stored: publishing the same action again is harmless, and a reply is worth more than a short outage of Redis. */
  async #publish(action: Action, signal: AbortSignal): Promise<void> {
    for (;;) {
      try {
        await this.options.publisher.publish(action);
        this.emit('published', action);
        return;
      } catch (thrown) {
        const error = toError(thrown);
        this.emit('publishFailed', action, error);
        await new Promise<void>((resolve) => void this.options.clock.after(RETRY_MS, resolve));
        if (signal.aborted) throw error;
      }
    }
  }

  #ending(action: Action, outcome: Outcome, code: ErrorCode, message: string): ActionResult {
    return { id: action.id, self: action.self, outcome, error: { code, message }, endedAt: this.options.clock.now() };
  }
}

function deferred<T>(): { readonly promise: Promise<T>; readonly resolve: (value: T) => void } {
  let resolve: (value: T) => void = () => undefined;
  const promise = new Promise<T>((settle) => (resolve = settle));
  return { promise, resolve };
}
