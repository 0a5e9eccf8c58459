import { EventEmitter } from 'node:events';
import { LeaseHolder, type LeaseStore } from '@rookery/cluster';
import { SECOND, toError, type Clock, type NodeId } from '@rookery/protocol';
import type { ClusterPicture } from './survey';

export interface WatchEvents {
  /** This node has looked at the cluster. */
  looked: [picture: ClusterPicture];
  /** Another node looks from now on, or nobody can: what this one said before is not to be relied on any more. */
  relieved: [];
  /** Looking failed; it is tried again. */
  trouble: [error: Error];
}

export interface WatchOptions {
  readonly node: NodeId;
  readonly zone: string;
  readonly store: LeaseStore;
  readonly clock: Clock;
  readonly look: () => Promise<ClusterPicture>;
  readonly announce: () => void;
  /** Between two looks, default 10 s. */
  readonly everyMs?: number;
}

const KEY = 'cluster';
const WANTED = { keys: [KEY] };
const EVERY_MS = 10 * SECOND;

/** Looks at the cluster every ten seconds while this node holds the lease to do so. A dead watcher is replaced within six. */
export class Watch extends EventEmitter<WatchEvents> {
  readonly leases: LeaseHolder;
  #cancel: () => void = () => undefined;
  #looking: Promise<void> | undefined;
  #closed = false;

  constructor(private readonly options: WatchOptions) {
    super();
    const { node, zone, store, clock, announce } = options;
    this.leases = new LeaseHolder({
      self: { node, zone, capacity: 1 },
      store,
      clock,
      announce,
      wanted: () => WANTED,
      settled: async () => this.#looking,
    });
    this.leases.on('gained', () => this.#begin());
    this.leases.on('resumed', () => this.#begin());
    for (const end of ['lost', 'suspended'] as const) this.leases.on(end, () => this.#end());
  }

  get isWatching(): boolean {
    return this.leases.holds(KEY);
  }

  async start(): Promise<void> {
    await this.leases.start();
  }

  async stop(): Promise<void> {
    this.#closed = true;
    this.#cancel();
    await this.#looking;
    await this.leases.drain();
  }

  #begin(): void {
    // The lease is told of before it counts: look in a turn of its own.
    this.#cancel();
    this.#cancel = this.options.clock.after(0, () => void this.#look());
  }

  #end(): void {
    this.#cancel();
    this.emit('relieved');
  }

  async #look(): Promise<void> {
    if (this.#closed || this.#looking !== undefined) return;
    this.#looking = this.#lookOnce();
    await this.#looking;
    this.#looking = undefined;
    if (this.#closed || !this.leases.includes(KEY)) return;
    this.#cancel = this.options.clock.after(this.options.everyMs ?? EVERY_MS, () => void this.#look());
  }

  async #lookOnce(): Promise<void> {
    if (!this.isWatching) return;
    try {
      const picture = await this.options.look();
      // Another node may have become the watcher meanwhile.
      if (this.isWatching) this.emit('looked', picture);
    } catch (thrown) {
      this.emit('trouble', toError(thrown));
    }
  }
}
