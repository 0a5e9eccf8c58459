import { EventEmitter } from 'node:events';
import { pause, RookeryError, SECOND, toError, type Clock, type Event } from '@rookery/protocol';
import type { DeadLetter, FailedHandling } from '@rookery/redis';
import type { Route } from './route';

/** Failed handlings that wait for their next attempt. */
export interface RetryStore {
  /** The same id again replaces what is known of it. False when the partition has no room for more. */
  put(failed: FailedHandling, dueInMs: number): Promise<boolean>;
}

/** Failed handlings that a person has to look at. */
export interface DeadLetterStore {
  /** Returns how many of the oldest had to go for it. */
  put(letter: DeadLetter): Promise<number>;
}

export interface FailuresOptions {
  readonly retries: RetryStore;
  readonly deadLetters: DeadLetterStore;
  readonly clock: Clock;
}

export interface FailuresEvents {
  retryPlanned: [failed: FailedHandling, inMs: number];
  /** `dropped`: how many older dead letters had to go. */
  buried: [letter: DeadLetter, dropped: number];
  /** Redis did not take a failure; it is offered again until it does. */
  trouble: [error: Error];
}

/** Before the second attempt, and before the third, which is the last. */
const BACK_OFF_MS = [1 * SECOND, 10 * SECOND] as const;
const STORE_AGAIN_MS = 500;

/** What is known before the first attempt. Without a route: of an event that reached no handler. */
export function failedHandling(event: Event, route?: Pick<Route, 'plugin' | 'handler'>): FailedHandling {
  const id = route ? `${event.id}.${route.plugin}.${route.handler}` : event.id;
  return { v: 1, id, event, ...(route && { plugin: route.plugin, handler: route.handler }), attempts: 0, done: [] };
}

/** Decides whether a failed handling is tried again, by its error's advice and the number of attempts, and stores it. */
export class Failures extends EventEmitter<FailuresEvents> {
  constructor(private readonly options: FailuresOptions) {
    super();
  }

  /** Resolves when it is stored; while Redis is away that takes as long as the outage. */
  keep(failed: FailedHandling, error: RookeryError): Promise<void> {
    return this.#untilStored(() => this.#store(failed, error));
  }

  /**
   * For an event of an envelope whose holders died again and again: it is handled by itself, so that the one to blame, if it is
   * one, is found and kept alone.
   */
  setAside(event: Event): Promise<void> {
    const failed = failedHandling(event);
    const full = new RookeryError('CONVERSATION_FULL', `no room to handle event ${event.id} by itself`);
    return this.#untilStored(async () => {
      if (!(await this.options.retries.put(failed, 0))) await this.#store(failed, full);
    });
  }

  async #untilStored(store: () => Promise<void>): Promise<void> {
    for (;;) {
      try {
        return await store();
      } catch (thrown) {
        this.emit('trouble', toError(thrown));
        await pause(this.options.clock, STORE_AGAIN_MS);
      }
    }
  }

  async #store(failed: FailedHandling, error: RookeryError): Promise<void> {
    const { retries, deadLetters, clock } = this.options;
    const inMs = error.retry.kind === 'never' ? undefined : BACK_OFF_MS[Math.max(0, failed.attempts - 1)];
    if (inMs !== undefined && (await retries.put(failed, inMs))) {
      this.emit('retryPlanned', failed, inMs);
      return;
    }
    const stack = error.cause instanceof Error ? error.cause.stack : undefined;
    const letter = {
      ...failed,
      error: { code: error.code, message: error.message, ...(stack !== undefined && { stack }) },
      at: clock.now(),
    };
    this.emit('buried', letter, await deadLetters.put(letter));
  }
}
