import { LeaseHolder, type LeaseStore } from '@rookery/cluster';
import type { Clock, NodeId } from '@rookery/protocol';
import type { Consume } from './consume';

export interface PartitionsOptions {
  readonly node: NodeId;
  readonly zone: string;
  readonly partitions: number;
  readonly store: LeaseStore;
  readonly clock: Clock;
  /** Made here, because it asks the leases and is told of them. */
  readonly consumeOf: (holds: (partition: number) => boolean) => Consume;
  readonly announce: () => void;
}

/** A worker that ends may need this long for the handlers that run; then its partitions go to others all the same. */
const SETTLE_MS = 8_000;

/** The partitions that this worker holds: which ones is decided by the leases, and consumed is what is held. */
export class Partitions {
  readonly leases: LeaseHolder;
  readonly consume: Consume;
  readonly #all: readonly number[];

  constructor(options: PartitionsOptions) {
    const { node, zone, partitions, store, clock, announce } = options;
    this.#all = Array.from({ length: partitions }, (_, partition) => partition);
    const wanted = { keys: this.#all.map(String) };
    this.leases = new LeaseHolder({
      self: { node, zone, capacity: partitions },
      store,
      clock,
      announce,
      wanted: () => wanted,
      settleMs: SETTLE_MS,
      // What is in hand is settled before the next worker begins: that keeps the order within conversations.
      settled: ({ key }) => this.consume.remove(Number(key)),
    });
    this.consume = options.consumeOf((partition) => this.leases.holds(String(partition)));
    this.leases.on('gained', ({ key }) => void this.consume.add(Number(key)));
    this.leases.on('lost', ({ key }) => void this.consume.remove(Number(key)));
    this.leases.on('resumed', () => this.consume.wake());
  }

  /** Those that this worker may consume at this moment. */
  get held(): readonly number[] {
    return this.#all.filter((partition) => this.leases.holds(String(partition)));
  }

  /** The same, with the epochs of their leases. */
  get epochs(): ReadonlyMap<number, number> {
    const epochs = new Map<number, number>();
    for (const partition of this.#all) {
      const epoch = this.leases.epochOf(String(partition));
      if (epoch !== undefined) epochs.set(partition, epoch);
    }
    return epochs;
  }

  /** Resolves when the partitions that are free for this worker are being consumed. */
  async start(): Promise<void> {
    const started = new Set<number>();
    await new Promise<void>((resolve) => {
      const look = (): void => {
        if (started.size >= this.leases.size) resolve();
      };
      this.consume.on('started', (partition) => {
        started.add(partition);
        look();
      });
      void this.leases.start().then(look);
    });
  }

  /** Takes nothing more, settles what is in hand and leaves the partitions to the others. */
  async stop(): Promise<void> {
    await this.leases.drain();
    await this.consume.stop();
  }
}
