import {
  SECOND,
  type AccountStatus,
  type Clock,
  type PoolName,
  type SelfId,
  type WantedState,
} from '@rookery/protocol';

export interface PoolAccount {
  readonly self: SelfId;
  /** Connected and able to act. */
  readonly online: boolean;
  /** Not online, and meant to be: it may come yet. */
  readonly awaited: boolean;
}

export interface PoolAccountsOptions {
  readonly clock: Clock;
  readonly registry: {
    list(): Promise<readonly { readonly self: SelfId; readonly pool: PoolName; readonly wanted: WantedState }[]>;
  };
  readonly board: { all(): Promise<readonly Pick<AccountStatus, 'self' | 'state'>[]> };
}

/** What was read is good for this long. */
const FRESH_MS = 2 * SECOND;

/** The accounts of each pool and whether they can act, as registry and board say. */
export class PoolAccounts {
  #pools: ReadonlyMap<PoolName, readonly PoolAccount[]> = new Map();
  #readAt = Number.NEGATIVE_INFINITY;
  #reading: Promise<void> | undefined;

  constructor(private readonly options: PoolAccountsOptions) {}

  /** Resolves when what is known is fresh; several who ask at once cost one reading. Rejects when Redis is away. */
  look(): Promise<void> {
    if (this.options.clock.monotonic() - this.#readAt < FRESH_MS) return Promise.resolve();
    this.#reading ??= this.#read().finally(() => (this.#reading = undefined));
    return this.#reading;
  }

  of(pool: PoolName): readonly PoolAccount[] {
    return this.#pools.get(pool) ?? [];
  }

  async #read(): Promise<void> {
    const { registry, board, clock } = this.options;
    const [registered, statuses] = await Promise.all([registry.list(), board.all()]);
    const states = new Map(statuses.map(({ self, state }) => [self, state]));
    const pools = new Map<PoolName, PoolAccount[]>();
    for (const { self, pool, wanted } of registered) {
      const state = states.get(self);
      const online = state === 'online' && wanted === 'started';
      const accounts = pools.get(pool) ?? [];
      accounts.push({ self, online, awaited: !online && wanted === 'started' && state !== 'failed' });
      pools.set(pool, accounts);
    }
    this.#pools = pools;
    this.#readAt = clock.monotonic();
  }
}
