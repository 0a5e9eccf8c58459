import { EventEmitter } from 'node:events';
import { pause, SECOND, toError } from '@rookery/protocol';
import type { LeaseHolderEvents, LeaseHolderOptions, LossReason, Wanted } from './lease-holder-options';
import type { Lease, NodeRecord, Renewal } from './lease-store';
import { place, type Place } from './placement';
import { Releases } from './releases';
import { Validity } from './validity';

const DEFAULT_TTL_MS = 6 * SECOND;
const DEFAULT_SETTLE_MS = 5 * SECOND;

/**
 * One node's part in sharing out the keys of a realm.
 *
 * Every round renews the heartbeat (one call, however many leases), learns the members, computes the placement, gives up what is
 * not its own and takes what is its own and free. A key that placement wants elsewhere is given up only when the members have not
 * changed for a time to live, so that a node that restarts or blinks moves keys once and not to and fro.
 *
 * It may act for a key while `holds` is true: from the sending of a renewal until a sixth before the end of the time to live,
 * by its own monotonic clock. The store's clock counts from the arrival, so it ends later.
 */
export class LeaseHolder extends EventEmitter<LeaseHolderEvents> {
  readonly #ttlMs: number;
  readonly #leases = new Map<string, Lease>();
  readonly #validity: Validity;
  readonly #releases: Releases;
  #members: readonly NodeRecord[] = [];
  #membersText = '';
  #stableSince = 0;
  #places: { readonly of: Wanted; readonly members: string; readonly map: ReadonlyMap<string, Place> } | undefined;
  #standbys: ReadonlySet<string> = new Set();
  #table: string | undefined;
  #draining = false;
  #closed = false;
  /** Rounds and seizures, one after the other: each is judged by what the store said last. */
  #turn: Promise<void> = Promise.resolve();
  #waiting = false;
  #cancelNext: () => void = () => undefined;

  constructor(private readonly options: LeaseHolderOptions) {
    super();
    const { clock, store, self } = options;
    this.#ttlMs = options.ttlMs ?? DEFAULT_TTL_MS;
    this.#validity = new Validity(clock, (state) => this.emit(state));
    this.#releases = new Releases({
      clock,
      settled: options.settled,
      settleMs: options.settleMs ?? DEFAULT_SETTLE_MS,
      release: (leases) => store.release(self.node, leases),
      onReleased: options.announce,
      onTrouble: (error) => this.emit('trouble', error),
    });
  }

  /** Joins; resolves after the first round, whether the store answered or not. */
  async start(): Promise<void> {
    await this.#round();
    this.options.announce();
  }

  /** True while this node may act for the key. */
  holds(key: string): boolean {
    return this.epochOf(key) !== undefined;
  }

  /** The epoch under which this node may act for the key now. */
  epochOf(key: string): number | undefined {
    return this.#validity.isValid ? this.#leases.get(key)?.epoch : undefined;
  }

  /** Whether the key is this node's, also while suspended. */
  includes(key: string): boolean {
    return this.#leases.has(key);
  }

  /** Whether this very lease is still this node's, also while suspended. */
  has(lease: Lease): boolean {
    return this.#leases.get(lease.key)?.epoch === lease.epoch;
  }

  /** Keys with a lease, also while suspended. */
  get size(): number {
    return this.#leases.size;
  }

  /** The other living nodes that are not leaving. */
  get peers(): readonly NodeRecord[] {
    return this.#members.filter(({ node, draining }) => node !== this.options.self.node && !draining);
  }

  /** Something has changed (keys, pins, another node): do the next round now. */
  poke(): void {
    if (this.#waiting || this.#closed) return;
    this.#waiting = true;
    void this.#round();
  }

  /** Takes a key from whoever holds it. False when that is not possible now; try again. */
  async seize(key: string): Promise<boolean> {
    return await this.#exclusive(async () => {
      if (this.#draining) return false;
      if (this.#leases.has(key)) return true;
      const lease = await this.options.store.seize(this.options.self.node, key);
      if (lease === undefined || this.#releases.has(key)) return false;
      this.#gain(lease, 'seized');
      this.options.announce();
      return true;
    }).catch((thrown: unknown) => {
      this.emit('trouble', toError(thrown));
      return false;
    });
  }

  /** Gives everything up, each key as soon as it is settled, and leaves. Resolves when the others may have all of it. */
  async drain(): Promise<void> {
    this.#draining = true;
    for (const lease of [...this.#leases.values()]) this.#giveUp(lease, 'drained');
    // Tells the others that we are leaving, and keeps the leases ours until each is settled.
    this.poke();
    await Promise.race([
      this.#releases.empty(),
      pause(this.options.clock, (this.options.settleMs ?? DEFAULT_SETTLE_MS) + SECOND),
    ]);
    this.#closed = true;
    this.#cancelNext();
    await this.#turn;
    if (this.#releases.size > 0) this.emit('kept', this.#releases.size);
    this.#validity.close();
    try {
      await this.options.store.leave(this.options.self.node);
      this.options.announce();
    } catch (thrown) {
      this.emit('trouble', toError(thrown));
    }
  }

  #round(): Promise<void> {
    return this.#exclusive(async () => {
      this.#waiting = false;
      if (this.#closed) return;
      this.#cancelNext();
      let nextMs = this.#ttlMs / 12;
      try {
        nextMs = await this.#renew();
      } catch (thrown) {
        this.emit('trouble', toError(thrown));
      }
      if (!this.#closed) this.#cancelNext = this.options.clock.after(nextMs, () => this.poke());
    });
  }

  /** Returns when to do so again. */
  async #renew(): Promise<number> {
    const { clock, self, store } = this.options;
    const sentAt = clock.monotonic();
    const renewal = await store.renew({ ...self, draining: this.#draining }, this.#ttlMs, this.#table);
    if (renewal.held !== undefined) this.#compare(renewal.held);
    this.#table = renewal.table;
    this.#meet(renewal.nodes);
    this.#validity.renewed(sentAt + this.#ttlMs * (5 / 6), renewal.quietMs);
    await this.#releases.retry();
    if (!this.#draining && this.#validity.isValid) await this.#follow();
    return this.#nextMs(renewal);
  }

  /** Sooner than usual when a silent node's heartbeat is about to run out, or a quiet time is about to end. */
  #nextMs({ nextExpiryMs, quietMs }: Renewal): number {
    const candidates = [this.#ttlMs / 3];
    if (nextExpiryMs !== undefined) candidates.push(nextExpiryMs + 20);
    if (quietMs > 0) candidates.push(quietMs + 20);
    return Math.min(...candidates);
  }

  /** Brings what we believe in line with what the store says. */
  #compare(held: readonly Lease[]): void {
    const keys = new Set(held.map(({ key }) => key));
    for (const lease of [...this.#leases.values()]) {
      if (keys.has(lease.key)) continue;
      this.#leases.delete(lease.key);
      this.emit('lost', lease, 'taken');
    }
    for (const lease of held) {
      const known = this.#leases.get(lease.key);
      if (known === undefined) this.#releases.found(lease);
      else if (known.epoch !== lease.epoch) {
        this.#leases.set(lease.key, lease);
        this.emit('renumbered', lease);
      }
    }
  }

  #meet(nodes: readonly NodeRecord[]): void {
    const members = [...nodes].sort((a, b) => (a.node < b.node ? -1 : 1));
    const text = JSON.stringify(members);
    if (text === this.#membersText) return;
    this.#membersText = text;
    this.#members = members;
    this.#stableSince = this.options.clock.monotonic();
    this.emit('members', members);
  }

  async #follow(): Promise<void> {
    const { self, store, clock, stays } = this.options;
    const places = this.#placement();
    const mayMove = clock.monotonic() - this.#stableSince >= this.#ttlMs;
    for (const lease of [...this.#leases.values()]) {
      const wanted = places.get(lease.key);
      if (wanted === undefined) this.#giveUp(lease, 'removed');
      else if (wanted.owner === self.node || wanted.owner === undefined || stays?.(lease.key) === true) continue;
      else if (mayMove || wanted.pinned) this.#giveUp(lease, 'rebalanced');
    }
    const missing: string[] = [];
    for (const [key, { owner }] of places) {
      if (owner === self.node && !this.#leases.has(key) && !this.#releases.has(key)) missing.push(key);
    }
    if (missing.length === 0) return;
    for (const lease of await store.acquire(self.node, missing)) this.#gain(lease, 'acquired');
  }

  #placement(): ReadonlyMap<string, Place> {
    const wanted = this.options.wanted();
    if (this.#places?.of !== wanted || this.#places.members !== this.#membersText) {
      const map = place({ ...wanted, nodes: this.#members });
      this.#places = { of: wanted, members: this.#membersText, map };
      this.#standBy(wanted, map);
    }
    return this.#places.map;
  }

  /** Owners too: whoever is to become one attaches before it gets the lease, and no longer standing by must not detach it. */
  #standBy({ standbys = new Set() }: Wanted, places: ReadonlyMap<string, Place>): void {
    const { node } = this.options.self;
    const keys = [...standbys].filter((key) => {
      const found = places.get(key);
      return found?.owner === node || found?.standby === node;
    });
    if (keys.length === this.#standbys.size && keys.every((key) => this.#standbys.has(key))) return;
    this.#standbys = new Set(keys);
    this.emit('standbys', this.#standbys);
  }

  #gain(lease: Lease, how: 'acquired' | 'seized'): void {
    this.#leases.set(lease.key, lease);
    this.emit('gained', lease, how);
    // The drain began while the store was asked.
    if (this.#draining) this.#giveUp(lease, 'drained');
  }

  #giveUp(lease: Lease, reason: LossReason): void {
    this.#leases.delete(lease.key);
    this.emit('lost', lease, reason);
    this.#releases.add(lease);
  }

  #exclusive<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#turn.then(work);
    this.#turn = result.then(
      () => undefined,
      () => undefined,
    );
    return result;
  }
}
