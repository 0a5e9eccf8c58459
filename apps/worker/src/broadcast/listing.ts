import { SECOND, toError, type BroadcastTarget, type Clock, type SelfId } from '@rookery/protocol';
import type { BroadcastRecord } from '@rookery/redis';
import type { PoolAccounts } from './pool-accounts';
import type { Reach } from './reach';

export interface ListingOptions {
  readonly reach: Pick<Reach, 'of'>;
  readonly accounts: Pick<PoolAccounts, 'of'>;
  /** Stores whom an account can reach. */
  readonly store: (self: SelfId, targets: readonly BroadcastTarget[], adds: boolean) => Promise<void>;
  readonly clock: Clock;
  readonly onTrouble: (error: Error) => void;
}

/** An account that gave no answer is asked again after this long. */
const AGAIN_MS = 5 * SECOND;
/** Accounts that are asked at once. */
const AT_ONCE = 8;

/** Finds out, once per account and broadcast, whom the accounts of the pool can reach. An account is asked when it is online. */
export class Listing {
  readonly #listed = new Set<SelfId>();
  readonly #asking = new Set<SelfId>();
  /** Monotonic. */
  readonly #notBefore = new Map<SelfId, number>();

  constructor(private readonly options: ListingOptions) {}

  /** Accounts that have been listed. */
  get size(): number {
    return this.#listed.size;
  }

  has(self: SelfId): boolean {
    return this.#listed.has(self);
  }

  /** These were listed before. */
  known(accounts: readonly SelfId[]): void {
    for (const self of accounts) this.#listed.add(self);
  }

  /** Asks those that can be asked now; `done` is called after each answer that was stored. */
  look(record: BroadcastRecord, signal: AbortSignal, done: () => void): void {
    const now = this.options.clock.monotonic();
    for (const { self, online } of this.options.accounts.of(record.pool)) {
      if (this.#asking.size >= AT_ONCE) return;
      if (!online || this.#listed.has(self) || this.#asking.has(self)) continue;
      if ((this.#notBefore.get(self) ?? Number.NEGATIVE_INFINITY) > now) continue;
      this.#asking.add(self);
      void this.#ask(self, record, signal).finally(() => {
        this.#asking.delete(self);
        done();
      });
    }
  }

  async #ask(self: SelfId, record: BroadcastRecord, signal: AbortSignal): Promise<void> {
    try {
      const targets = await this.options.reach.of(self, record, signal);
      await this.options.store(self, targets, record.audience !== 'list');
      this.#listed.add(self);
    } catch (thrown) {
      this.#notBefore.set(self, this.options.clock.monotonic() + AGAIN_MS);
      if (!signal.aborted) this.options.onTrouble(toError(thrown));
    }
  }
}
