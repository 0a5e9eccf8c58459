import { EventEmitter } from 'node:events';
import { MINUTE, partitionOf, pause, toError, type Clock, type ConversationKey, type EventId } from '@rookery/protocol';
import type { Redis } from './client';
import { keys } from './keys';
import { PartitionBatches } from './partition-batches';
import { runScript } from './run-script';
import { MARK_EVENTS } from './scripts/mark-events';

/** What was known of an event before it was taken. `copy` is the one that was taken then. */
export type Taken =
  | { readonly kind: 'new' }
  /** This or another worker took it and has not settled it: it went down, or is still at it. */
  | { readonly kind: 'in_hand'; readonly copy: EventId }
  | { readonly kind: 'settled'; readonly copy: EventId };

export interface SettledMemoryEvents {
  /** Redis did not answer; the call is repeated until it does. */
  trouble: [error: Error];
}

export interface SettledMemoryOptions {
  readonly redis: Redis;
  readonly partitions: number;
  readonly clock: Clock;
  /** Age at which an event is forgotten, milliseconds. Default 30 minutes. */
  readonly maxAgeMs?: number;
  /** Events remembered of one partition. Default 20,000. */
  readonly perPartition?: number;
}

interface Mark {
  readonly what: 'take' | 'settle';
  readonly reference: string;
  readonly copy: EventId;
}

const MAX_AGE_MS = 30 * MINUTE;
const PER_PARTITION = 20_000;
const RETRY_MS = 500;
const BATCH = 256;
const SETTLED = '!';
const NEW: Taken = { kind: 'new' };

/**
 * Remembers beyond the life of a worker which events were taken and which are settled, so that a replayed envelope skips what was
 * done, and a copy that comes to the next worker is not taken for a new message. A reference is equal for all copies of one
 * event. Taking the same copy again is answered with `in_hand`, also when the call before it was carried out and its answer lost.
 */
export class SettledMemory extends EventEmitter<SettledMemoryEvents> {
  readonly #marks: PartitionBatches<Mark, string>;
  #closed = false;

  constructor(private readonly options: SettledMemoryOptions) {
    super();
    this.#marks = new PartitionBatches({ max: BATCH, run: (partition, marks) => this.#mark(partition, marks) });
  }

  /** Waits while Redis is away: an event must not be handled before it is certain that nobody else took it. */
  async take(conversation: ConversationKey, reference: string, copy: EventId): Promise<Taken> {
    const stored = await this.#marks.add(this.#partition(conversation), { what: 'take', reference, copy });
    if (stored === '') return NEW;
    if (!stored.startsWith(SETTLED)) return { kind: 'in_hand', copy: stored as EventId };
    return { kind: 'settled', copy: stored.slice(SETTLED.length) as EventId };
  }

  /** Resolves when a replay would be recognised. */
  async settle(conversation: ConversationKey, reference: string, copy: EventId): Promise<void> {
    await this.#marks.add(this.#partition(conversation), { what: 'settle', reference, copy });
  }

  /** What waits for Redis now fails with the next attempt. */
  close(): void {
    this.#closed = true;
  }

  #partition(conversation: ConversationKey): number {
    return partitionOf(conversation, this.options.partitions);
  }

  async #mark(partition: number, marks: readonly Mark[]): Promise<readonly string[]> {
    const { redis, clock, maxAgeMs = MAX_AGE_MS, perPartition = PER_PARTITION } = this.options;
    const triples = marks.flatMap(({ what, reference, copy }) => [what, reference, copy]);
    for (;;) {
      try {
        const memory = [keys.settled(partition), keys.settledAge(partition)];
        return (await runScript(redis, MARK_EVENTS, memory, [maxAgeMs, perPartition, ...triples])) as string[];
      } catch (thrown) {
        this.emit('trouble', toError(thrown));
        if (this.#closed) throw thrown;
        await pause(clock, RETRY_MS);
      }
    }
  }
}
