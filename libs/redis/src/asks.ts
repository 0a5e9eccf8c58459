import { partitionOf, RookeryError } from '@rookery/protocol';
import type { Redis } from './client';
import { keys } from './keys';
import { PUT_ASK } from './scripts/asks';
import { parseSuspendedHandling, type SuspendedHandling } from './suspended-handling';

export interface AsksOptions {
  readonly redis: Redis;
  readonly partitions: number;
  /** An entry that is not of ours was found and removed. */
  readonly onForeign: (id: string, thrown: unknown) => void;
}

const PER_PARTITION = 1_000;
/** Of one handling with its journal, characters of JSON. */
const SIZE_MAX = 512 * 1024;

/** Handlings that wait for an answer: in the slot of their conversation's partition, bounded, and safe from the death of their worker. */
export class Asks {
  constructor(private readonly options: AsksOptions) {}

  /** The same id again replaces the entry. Rejects with ASK_REFUSED when there is no room. */
  async put(suspended: SuspendedHandling): Promise<void> {
    const json = JSON.stringify(suspended);
    if (json.length > SIZE_MAX) {
      const text = `what ${suspended.id} awaited before its question has ${json.length} characters; at most ${SIZE_MAX} can be kept: ask first`;
      throw new RookeryError('ASK_REFUSED', text);
    }
    const entry = [suspended.id, json, PER_PARTITION];
    if ((await this.options.redis.eval(PUT_ASK, 1, this.#key(suspended), ...entry)) === 1) return;
    throw new RookeryError('ASK_REFUSED', `${PER_PARTITION} handlers wait for answers in the same partition already`);
  }

  async remove(suspended: SuspendedHandling): Promise<void> {
    await this.options.redis.hdel(this.#key(suspended), suspended.id);
  }

  async load(partition: number): Promise<readonly SuspendedHandling[]> {
    const { redis, onForeign } = this.options;
    const found: SuspendedHandling[] = [];
    for (const [id, json] of Object.entries(await redis.hgetall(keys.asks(partition)))) {
      try {
        found.push(parseSuspendedHandling(json));
      } catch (thrown) {
        await redis.hdel(keys.asks(partition), id);
        onForeign(id, thrown);
      }
    }
    return found;
  }

  #key({ ask }: SuspendedHandling): string {
    return keys.asks(partitionOf(ask.conversation, this.options.partitions));
  }
}
