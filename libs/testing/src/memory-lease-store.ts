import type { Lease, LeaseStore, NodeRecord, Renewal } from '@rookery/cluster';
import type { Clock } from '@rookery/protocol';

interface Heartbeat {
  readonly record: NodeRecord;
  readonly until: number;
  robbed: boolean;
  /** Which telling of its leases it was given last. */
  readonly told: number;
}

/** A LeaseStore in memory, on a test's clock; keeps the same contract as the one in Redis. */
export class MemoryLeaseStore implements LeaseStore {
  #nodes = new Map<string, Heartbeat>();
  #leases = new Map<string, { readonly node: string; readonly epoch: number }>();
  #table = 'table-1';
  #known: string | undefined;
  #quietUntil = 0;
  #epoch = 0;
  #told = 0;
  /** While true, every call fails as if the connection were cut. */
  away = false;

  constructor(private readonly clock: Clock) {}

  /** Another master takes over. `forget`: it has none of the data. */
  failOver(forget: boolean): void {
    this.#table = `table-${Number(this.#table.slice(6)) + 1}`;
    if (!forget) return;
    this.#nodes = new Map();
    this.#leases = new Map();
  }

  async renew(self: NodeRecord, ttlMs: number, seen: string | undefined): Promise<Renewal> {
    const now = this.#now();
    if (this.#known !== this.#table) {
      const lived = seen !== undefined || [...this.#nodes.values()].some(({ until }) => until + ttlMs > now);
      this.#known = this.#table;
      if (lived) this.#quietUntil = now + ttlMs;
      for (const [key, { node }] of this.#leases) this.#leases.set(key, { node, epoch: ++this.#epoch });
    }
    const before = this.#nodes.get(self.node);
    const intact = this.#isAlive(self.node) && before?.robbed === false && seen === `${this.#table}.${before.told}`;
    const told = intact ? before.told : ++this.#told;
    this.#nodes.set(self.node, { record: self, until: now + ttlMs, robbed: false, told });
    const living = [...this.#nodes.values()].filter(({ until }) => until > now);
    const others = living.filter(({ record }) => record.node !== self.node).map(({ until }) => until - now);
    return {
      nodes: living.map(({ record }) => record),
      table: `${this.#table}.${told}`,
      quietMs: Math.max(0, this.#quietUntil - now),
      nextExpiryMs: others.length === 0 ? undefined : Math.min(...others),
      held: intact ? undefined : this.#of(({ node }) => node === self.node),
    };
  }

  async acquire(node: string, keys: readonly string[]): Promise<readonly Lease[]> {
    if (!this.#mayGet(node)) return [];
    return keys.flatMap((key) => {
      const held = this.#leases.get(key);
      if (held?.node === node) return [{ key, ...held }];
      return held !== undefined && this.#isAlive(held.node) ? [] : [this.#give(key, node)];
    });
  }

  async seize(node: string, key: string): Promise<Lease | undefined> {
    if (!this.#mayGet(node)) return undefined;
    const held = this.#leases.get(key);
    return held?.node === node ? { key, ...held } : this.#give(key, node);
  }

  async release(node: string, leases: readonly Lease[]): Promise<void> {
    this.#now();
    for (const { key, epoch } of leases) {
      const held = this.#leases.get(key);
      if (held?.node === node && held.epoch === epoch) this.#leases.delete(key);
    }
  }

  async all(): Promise<readonly Lease[]> {
    this.#now();
    return this.#of(({ node }) => this.#isAlive(node));
  }

  async leave(node: string): Promise<void> {
    this.#now();
    this.#nodes.delete(node);
  }

  #now(): number {
    if (this.away) throw new Error('the store is away');
    return this.clock.monotonic();
  }

  #isAlive(node: string): boolean {
    return (this.#nodes.get(node)?.until ?? 0) > this.clock.monotonic();
  }

  #mayGet(node: string): boolean {
    return this.#quietUntil <= this.#now() && this.#known === this.#table && this.#isAlive(node);
  }

  #give(key: string, node: string): Lease {
    const before = this.#nodes.get(this.#leases.get(key)?.node ?? '');
    if (before !== undefined) before.robbed = true;
    const lease = { node, epoch: ++this.#epoch };
    this.#leases.set(key, lease);
    return { key, ...lease };
  }

  #of(wanted: (lease: { readonly node: string }) => boolean): Lease[] {
    return [...this.#leases].filter(([, lease]) => wanted(lease)).map(([key, lease]) => ({ key, ...lease }));
  }
}
