import { SlotMap } from '@rookery/protocol';
import { tellEach, type Told } from './told';

/** What is asked of one partition, or of one key, while a call for it is under way travels together in the next call. */
export interface PartitionBatchesOptions<T, R, Key> {
  /**
   * One answer per entry, in their order, or why this one was refused; a promise where it takes longer than for the others. Called for one
   * batch of a partition at a time.
   */
  readonly run: (partition: Key, entries: readonly T[]) => Promise<readonly (R | Promise<R> | Error)[]>;
  /** Most entries of one call. */
  readonly max: number;
}

/** Entries that wait for the next call, and what each is told of it, at the same place. */
interface Waiting<T, R> {
  readonly entries: T[];
  readonly told: Told<R>[];
}

/**
 * Natural batching: the first entry waits for nothing but the end of the current turn (all that its promises lead to included),
 * and under load the number of calls falls by itself. Entries of one partition keep their order.
 */
export class PartitionBatches<T, R, Key = number> {
  readonly #waiting = new SlotMap<Key, Waiting<T, R>>();

  constructor(private readonly options: PartitionBatchesOptions<T, R, Key>) {}

  /** Rejects when the call that carried the entry did, or the entry was refused. */
  add(partition: Key, entry: T): Promise<R> {
    return new Promise((resolve, reject) => {
      let waiting = this.#waiting.get(partition);
      if (!waiting) {
        waiting = { entries: [], told: [] };
        this.#waiting.set(partition, waiting);
        process.nextTick(() => void this.#drain(partition));
      }
      waiting.entries.push(entry);
      waiting.told.push({ resolve, reject });
    });
  }

  async #drain(partition: Key): Promise<void> {
    const { max } = this.options;
    for (;;) {
      const waiting = this.#waiting.get(partition);
      if (!waiting || waiting.entries.length === 0) {
        this.#waiting.delete(partition);
        return;
      }
      const entries = waiting.entries.splice(0, max);
      await tellEach(waiting.told.splice(0, max), () => this.options.run(partition, entries));
    }
  }
}
