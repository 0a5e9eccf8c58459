import { EventEmitter } from 'node:events';
import {
  SECOND,
  toError,
  type AccountStatus,
  type Clock,
  type ConversationKey,
  type PoolName,
  type SelfId,
} from '@rookery/protocol';

export interface AccountFitnessEvents {
  /** Redis did not answer; what was known before goes on to count. */
  trouble: [error: Error];
}

export interface AccountFitnessOptions {
  readonly clock: Clock;
  readonly board: { all(): Promise<readonly AccountStatus[]> };
  /** What operators want while the cluster runs: who answers in a group. */
  readonly assignments: { all(): Promise<ReadonlyMap<ConversationKey, SelfId>> };
  readonly everyMs?: number;
}

const EVERY_MS = 2 * SECOND;

/** What the worker knows of accounts that connectors hold, and of the operators' wishes: read again every two seconds. */
export class AccountFitness extends EventEmitter<AccountFitnessEvents> {
  #unfit: ReadonlySet<SelfId> = new Set();
  #pools: ReadonlyMap<string, PoolName> = new Map();
  #assignments: ReadonlyMap<ConversationKey, SelfId> = new Map();
  #cancel: () => void = () => undefined;
  #closed = false;

  constructor(private readonly options: AccountFitnessOptions) {
    super();
  }

  /** Resolves after the first reading, also when it failed. */
  async start(): Promise<void> {
    await this.#read();
    this.#cancel = this.options.clock.after(this.options.everyMs ?? EVERY_MS, () => {
      if (!this.#closed) void this.start();
    });
    if (this.#closed) this.#cancel();
  }

  close(): void {
    this.#closed = true;
    this.#cancel();
  }

  /** True for an account of which nothing is known: a message of it has just come in. */
  isOnline(account: SelfId): boolean {
    return !this.#unfit.has(account);
  }

  /** Undefined for a number that no connector has as an account. */
  poolOf(account: string): PoolName | undefined {
    return this.#pools.get(account);
  }

  /** Accounts of the pool that can act, in the order of their numbers. */
  onlineOf(pool: PoolName): readonly SelfId[] {
    const accounts = [...this.#pools].filter(([, of]) => of === pool).map(([self]) => self as SelfId);
    return accounts.filter((self) => this.isOnline(self)).sort();
  }

  /** The account that an operator wants in a group. */
  assigned(group: ConversationKey): SelfId | undefined {
    return this.#assignments.get(group);
  }

  async #read(): Promise<void> {
    const { board, assignments } = this.options;
    try {
      const [statuses, assigned] = await Promise.all([board.all(), assignments.all()]);
      this.#unfit = new Set(statuses.filter(({ state }) => state !== 'online').map(({ self }) => self));
      this.#pools = new Map(statuses.map(({ self, pool }) => [self, pool]));
      this.#assignments = assigned;
    } catch (thrown) {
      this.emit('trouble', toError(thrown));
    }
  }
}
