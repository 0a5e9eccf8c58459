import { EventEmitter } from 'node:events';
import { RookeryError, SECOND, toError, type Clock } from '@rookery/protocol';
import type { EnvelopeEnd } from '@rookery/queues';
import type { FailedHandling, TakenRetry } from '@rookery/redis';
import type { FailureKeeper } from './dispatcher';

/** The store of retries, as seen by the one who makes them. */
export interface RetrySource {
  /** Those that are due, of all these partitions; each is given to nobody else for a minute. */
  take(partitions: readonly number[], limit: number): Promise<readonly TakenRetry[]>;
  /** For another minute. */
  renew(taken: readonly TakenRetry[]): Promise<void>;
  /** Forgets it, unless it was put anew since it was taken. */
  settle(taken: TakenRetry): Promise<void>;
}

export interface RetryRoundsOptions {
  readonly retries: RetrySource;
  readonly failures: FailureKeeper;
  /** The partitions that this worker holds now. */
  readonly partitions: () => readonly number[];
  /** Repeats the handling, in its conversation's turn; resolves when its outcome is stored or it was withdrawn, rejects when it was not run. */
  readonly repeat: (failed: FailedHandling) => Promise<EnvelopeEnd>;
  readonly clock: Clock;
}

export interface RetryRoundsEvents {
  trouble: [error: Error];
}

const ROUND_MS = 500;
const RENEW_MS = 20 * SECOND;
/** Repetitions under way at once: replays of many dead letters must not push live events aside. */
const IN_HAND_MAX = 32;
/** Taken so often and never settled, it is what ends the workers that take it. */
const TAKES_MAX = 3;

/** Looks twice a second for handlings whose time has come, in the partitions that this worker holds. */
export class RetryRounds extends EventEmitter<RetryRoundsEvents> {
  readonly #inHand = new Map<TakenRetry, Promise<void>>();
  #renewedAt = 0;
  #stopped = false;
  #cancel: () => void = () => undefined;
  #round: Promise<void> = Promise.resolve();

  constructor(private readonly options: RetryRoundsOptions) {
    super();
  }

  start(): void {
    this.#cancel = this.options.clock.after(ROUND_MS, () => {
      this.#round = this.#look()
        .catch((thrown: unknown) => void this.emit('trouble', toError(thrown)))
        .finally(() => {
          if (!this.#stopped) this.start();
        });
    });
  }

  /** Takes no more; resolves when what is in hand is settled. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#cancel();
    await this.#round;
    await Promise.all(this.#inHand.values());
  }

  async #look(): Promise<void> {
    const { retries, partitions, clock } = this.options;
    if (this.#inHand.size > 0 && clock.monotonic() - this.#renewedAt >= RENEW_MS) {
      this.#renewedAt = clock.monotonic();
      await retries.renew([...this.#inHand.keys()]);
    }
    const room = IN_HAND_MAX - this.#inHand.size;
    const held = partitions();
    if (room <= 0 || held.length === 0) return;
    for (const taken of await retries.take(held, room)) {
      if (this.#inHand.size === 0) this.#renewedAt = clock.monotonic();
      const done = this.#handle(taken).finally(() => this.#inHand.delete(taken));
      this.#inHand.set(taken, done);
    }
  }

  async #handle(taken: TakenRetry): Promise<void> {
    const { retries, failures, repeat } = this.options;
    const { failed, takes } = taken;
    if (takes > TAKES_MAX) {
      const text = `the workers that took ${failed.id} ended before it was settled, ${takes - 1} times`;
      await failures.keep(failed, new RookeryError('HANDLER_ENDED_HOST', text));
    }
    try {
      // Withdrawn: it comes again when its minute is over, to the worker that has its partition then.
      if (takes <= TAKES_MAX && (await repeat(failed)) === 'withdrawn') return;
      await retries.settle(taken);
    } catch (thrown) {
      // It comes again when its minute is over; what it asked for is known by its ids.
      this.emit('trouble', toError(thrown));
    }
  }
}
