import { EventEmitter } from 'node:events';
import type { Asked, Outbox as OutboxPort } from '@rookery/plugin-kit';
import {
  pause,
  SECOND,
  SlotMap,
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
/** A result that has not come by message after this long is looked for in the record, again and again, and its action is published again. */
const LOOK_UP_MS = 10 * SECOND;
/** Records read in one go. */
const LOOK_UP_BATCH = 200;
/** After its expiry an action is not begun any more; NapCat allows itself 90 s for a send of 20 MiB. */
const GRACE_MS = 90 * SECOND;
/** Before a caller is told that nothing is known, the record is asked once more: so long before, or half-way where that is sooner. */
const LAST_LOOK_MS = SECOND;

/** One who waits for the result of an action. */
interface Waiter {
  end(result: ActionResult): void;
}

interface Pending {
  readonly action: Action;
  readonly queued: Promise<void>;
  /** Monotonic, milliseconds. */
  readonly since: number;
  readonly waiters: Set<Waiter>;
  /** Aborted when nobody waits any more. */
  readonly unwanted: AbortController;
}

/** Publishes what handlers want and keeps the table of those who wait for a result. */
export class Outbox extends EventEmitter<OutboxEvents> implements OutboxPort {
  readonly #pending = new SlotMap<ActionId, Pending>();
  #cancelLookUp: (() => void) | undefined;
  #closed = false;

  constructor(private readonly options: OutboxOptions) {
    super();
  }

  /** Actions whose result is being waited for. */
  get waiting(): number {
    return this.#pending.size;
  }

  ask(action: Action, signal: AbortSignal, deadlineMs = Number.POSITIVE_INFINITY): Asked {
    if (signal.aborted) {
      const text = `${action.name} was not queued: its handler no longer waited`;
      return {
        queued: Promise.resolve(),
        result: Promise.resolve(this.#ending(action, 'not_sent', 'ACTION_EXPIRED', text)),
      };
    }
    const pending = this.#pending.get(action.id) ?? this.#begin(action);
    return { queued: pending.queued, result: this.#result(pending, signal, deadlineMs) };
  }

  post(action: Action, time: Pick<AbortSignal, 'aborted'>): Promise<void> {
    return this.#publish(action, time);
  }

  /** Takes in a result that a connector sent back. */
  resolve(result: ActionResult): void {
    const pending = this.#pending.get(result.id);
    if (!pending) {
      this.emit('unwanted', result);
      return;
    }
    for (const waiter of pending.waiters) waiter.end(result);
  }

  /** Looks for no more lost results. */
  close(): void {
    this.#closed = true;
    this.#cancelLookUp?.();
  }

  #begin(action: Action): Pending {
    const unwanted = new AbortController();
    // A failure to publish shows as the result, `unknown`, since a publish that failed may have been carried out.
    const queued = this.#publish(this.#awaited(action), unwanted.signal).catch(() => undefined);
    const pending = { action, queued, since: this.options.clock.monotonic(), waiters: new Set<Waiter>(), unwanted };
    this.#pending.set(action.id, pending);
    this.#lookUpLater();
    return pending;
  }

  /** Resolves with the result, or with `unknown` when the waiting is over before. */
  #result(pending: Pending, signal: AbortSignal, deadlineMs: number): Promise<ActionResult> {
    const { action, waiters } = pending;
    const { clock } = this.options;
    const limitMs = Math.max(0, Math.min(deadlineMs, action.expiresAt - clock.now() + GRACE_MS));
    return new Promise((resolve) => {
      const giveUp = (): void => {
        const text = `no result of ${action.name} came while its caller waited; it may take effect all the same`;
        waiter.end(this.#ending(action, 'unknown', 'ACTION_OUTCOME_UNKNOWN', text));
      };
      const cancelLook = clock.after(Math.max(limitMs - LAST_LOOK_MS, limitMs / 2), () => void this.#lookAt(action));
      const cancelLimit = clock.after(limitMs, giveUp);
      signal.addEventListener('abort', giveUp, { once: true });
      const waiter: Waiter = {
        end: (result) => {
          if (!waiters.delete(waiter)) return;
          cancelLook();
          cancelLimit();
          signal.removeEventListener('abort', giveUp);
          if (waiters.size === 0) {
            this.#pending.delete(action.id);
            pending.unwanted.abort();
          }
          this.emit('ended', action, result);
          resolve(result);
        },
      };
      waiters.add(waiter);
    });
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
    const looked = actions.slice(0, LOOK_UP_BATCH);
    for (const action of looked) await this.#lookAt(action);
    // At once: those of one account are put by one call.
    await Promise.all(looked.map((action) => this.#publishAgain(action)));
  }

  /** The action with where its result is to be sent. */
  #awaited(action: Action): Action {
    return Object.assign({}, action, { replyTo: this.options.node });
  }

  /** A Redis that lost power has forgotten what it took last. The same action again is recognised where it was not forgotten. */
  async #publishAgain(action: Action): Promise<void> {
    if (!this.#pending.has(action.id) || action.expiresAt <= this.options.clock.now()) return;
    await this.options.publisher
      .publish(this.#awaited(action))
      .catch((thrown: unknown) => void this.emit('publishFailed', action, toError(thrown)));
  }

  async #lookAt({ self, id }: Action): Promise<void> {
    if (this.#closed) return;
    // Redis being away is reported by its connection; the next round asks again.
    const result = await this.options.results.find(self, id).catch(() => undefined);
    if (!result || !this.#pending.has(id)) return;
    this.emit('recovered', result);
    this.resolve(result);
  }

  /** Until it is stored: publishing the same action again is harmless, and a reply is worth more than a short outage of Redis. */
  async #publish(action: Action, time: Pick<AbortSignal, 'aborted'>): Promise<void> {
    for (;;) {
      try {
        await this.options.publisher.publish(action);
        this.emit('published', action);
        return;
      } catch (thrown) {
        const error = toError(thrown);
        this.emit('publishFailed', action, error);
        await pause(this.options.clock, RETRY_MS);
        if (time.aborted) throw error;
      }
    }
  }

  #ending(action: Action, outcome: Outcome, code: ErrorCode, message: string): ActionResult {
    return { id: action.id, self: action.self, outcome, error: { code, message }, endedAt: this.options.clock.now() };
  }
}
