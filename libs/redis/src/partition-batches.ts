/** What is asked of one partition, or of one key, while a call for it is under way travels together in the next call. */
export interface PartitionBatchesOptions<T, R, Key> {
  /** One answer per entry, in their order. Called for one batch of a partition at a time. */
  readonly run: (partition: Key, entries: readonly T[]) => Promise<readonly R[]>;
  /** Most entries of one call. */
  readonly max: number;
}

interface Waiting<T, R> {
  readonly entry: T;
  readonly resolve: (answer: R) => void;
  readonly reject: (thrown: unknown) => void;
}

/**
 * Natural batching: the first entry waits for nothing but the end of the current turn (all that its promises lead to included),
 * and under load the number of calls falls by itself. Entries of one partition keep their order.
 */
export class PartitionBatches<T, R, Key = number> {
  readonly #waiting = new Map<Key, Waiting<T, R>[]>();

  constructor(private readonly options: PartitionBatchesOptions<T, R, Key>) {}

  /** Rejects when the call that carried the entry did. */
  add(partition: Key, entry: T): Promise<R> {
    return new Promise((resolve, reject) => {
      const waiting = this.#waiting.get(partition);
      const added = { entry, resolve, reject };
      if (waiting) {
        waiting.push(added);
        return;
      }
      this.#waiting.set(partition, [added]);
      process.nextTick(() => void this.#drain(partition));
    });
  }

  async #drain(partition: Key): Promise<void> {
    for (;;) {
      const batch = this.#waiting.get(partition)?.splice(0, this.options.max) ?? [];
      if (batch.length === 0) {
        this.#waiting.delete(partition);
        return;
      }
      await this.#run(partition, batch);
    }
  }

  async #run(partition: Key, batch: readonly Waiting<T, R>[]): Promise<void> {
    try {
      const answers = await this.options.run(
        partition,
        batch.map(({ entry }) => entry),
      );
      for (const [index, { resolve }] of batch.entries()) resolve(answers[index] as R);
    } catch (thrown) {
      for (const { reject } of batch) reject(thrown);
    }
  }
}
