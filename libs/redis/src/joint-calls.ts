import { PartitionBatches } from './partition-batches';

export interface JointEntry<T, Key> {
  /** Whose it is: a partition, an account. */
  readonly key: Key;
  readonly entry: T;
}

export interface JointCallsOptions<T, R, Key> {
  readonly isCluster: boolean;
  /** Most entries of one call. */
  readonly max: number;
  /** One answer per entry, in their order, or why this one was refused. Of several keys on one server, of one on a Redis Cluster. */
  readonly run: (entries: readonly JointEntry<T, Key>[]) => Promise<readonly (R | Error)[]>;
}

/** Where entries of all keys travel together. */
const TOGETHER = Symbol('together');

/**
 * What is asked for keys of several slots, in as few calls as can be: one is under way at a time, on a Redis Cluster one for each key, and what comes up
 * meanwhile travels in the next. The first entry waits for nothing but the end of the turn. Entries of one key keep their order.
 */
export class JointCalls<T, R, Key extends string | number = number> {
  readonly #batches: PartitionBatches<JointEntry<T, Key>, R, Key | typeof TOGETHER>;
  readonly #isCluster: boolean;

  constructor({ isCluster, max, run }: JointCallsOptions<T, R, Key>) {
    this.#isCluster = isCluster;
    this.#batches = new PartitionBatches({ max, run: (_place, entries) => run(entries) });
  }

  /** Rejects when the call that carried the entry did, or the entry was refused. */
  add(key: Key, entry: T): Promise<R> {
    return this.#batches.add(this.#isCluster ? key : TOGETHER, { key, entry });
  }
}
