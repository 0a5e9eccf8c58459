import { partitionOf, SECOND } from '@rookery/protocol';
import type { Redis } from './client';
import { parseFailedHandling, type FailedHandling } from './failed-handling';
import { keys } from './keys';
import { runScript } from './run-script';
import { END_RETRY, PUT_RETRY, TAKE_RETRIES } from './scripts/retries';

/** A handling that was handed out for another attempt. */
export interface TakenRetry {
  readonly failed: FailedHandling;
  readonly partition: number;
  /** How often it was handed out since it was put, this time included. */
  readonly takes: number;
}

export interface RetriesOptions {
  readonly redis: Redis;
  readonly partitions: number;
  /** An entry that is not of ours was found and removed. */
  readonly onForeign: (id: string, thrown: unknown) => void;
}

const LEASE_MS = 60 * SECOND;
const PER_PARTITION = 10_000;

/** Failed handlings until their next attempt: in the slot of their conversation's partition, bounded, and safe from the death of who makes it. */
export class Retries {
  constructor(private readonly options: RetriesOptions) {}

  /** False when the partition has no room. The same id again replaces the entry and sets its time anew. */
  async put(failed: FailedHandling, dueInMs: number): Promise<boolean> {
    const partition = partitionOf(failed.event.conversation, this.options.partitions);
    const json = JSON.stringify(failed);
    const entry = [failed.id, json, Math.round(dueInMs), PER_PARTITION];
    return (await runScript(this.options.redis, PUT_RETRY, retryKeys(partition), entry)) === 1;
  }

  /** What is due in these partitions, for a minute. */
  async take(partitions: readonly number[], limit: number): Promise<readonly TakenRetry[]> {
    const taken: TakenRetry[] = [];
    const share = Math.max(1, Math.floor(limit / partitions.length));
    const answers = await Promise.all(
      partitions.map((partition) =>
        runScript(this.options.redis, TAKE_RETRIES, retryKeys(partition), [LEASE_MS, share]),
      ),
    );
    for (const [index, answer] of answers.entries()) {
      const partition = partitions[index] ?? 0;
      const items = answer as readonly (string | number)[];
      for (let at = 0; at + 2 < items.length; at += 3) {
        const [id, json, takes] = [String(items[at]), String(items[at + 1]), Number(items[at + 2])];
        try {
          taken.push({ failed: parseFailedHandling(json), partition, takes });
        } catch (thrown) {
          await this.#end(partition, id, takes, '');
          this.options.onForeign(id, thrown);
        }
      }
    }
    return taken;
  }

  /** Those that wait or are being repeated, in all partitions. */
  async count(): Promise<number> {
    const { redis, partitions } = this.options;
    const counts = Array.from({ length: partitions }, (_, partition) => redis.zcard(keys.retries(partition)));
    return (await Promise.all(counts)).reduce((sum, count) => sum + count, 0);
  }

  async renew(taken: readonly TakenRetry[]): Promise<void> {
    await Promise.all(taken.map(({ partition, failed, takes }) => this.#end(partition, failed.id, takes, LEASE_MS)));
  }

  async settle({ partition, failed, takes }: TakenRetry): Promise<void> {
    await this.#end(partition, failed.id, takes, '');
  }

  async #end(partition: number, id: string, takes: number, lease: number | ''): Promise<void> {
    await runScript(this.options.redis, END_RETRY, retryKeys(partition), [id, takes, lease]);
  }
}

function retryKeys(partition: number): readonly string[] {
  return [keys.retries(partition), keys.retryEntries(partition), keys.retryTakes(partition)];
}
