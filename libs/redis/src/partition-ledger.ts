import { EventEmitter } from 'node:events';
import { MINUTE, pause, toError, type Clock } from '@rookery/protocol';
import type { Redis } from './client';
import { keys } from './keys';
import { PartitionBatches } from './partition-batches';
import { runScript } from './run-script';
import { NOTE_IN_LEDGER } from './scripts/note-in-ledger';

export interface PartitionLedgerEvents {
  /** Redis did not answer; the call is repeated until it does. */
  trouble: [error: Error];
}

export interface PartitionLedgerOptions {
  readonly redis: Redis;
  readonly clock: Clock;
  /** What is remembered of the events of a partition: age in milliseconds, and number. Default 30 minutes, 20,000. */
  readonly events?: { readonly ageMs: number; readonly count: number };
}

/** `subject` and `value`: reference and copy of an event, or id of an envelope and token of its lock. */
export interface LedgerEntry {
  readonly what: 'take' | 'settle' | 'end';
  readonly subject: string;
  readonly value: string;
}

interface Placed extends LedgerEntry {
  readonly partition: number;
}

const EVENTS = { ageMs: 30 * MINUTE, count: 20_000 };
/** Long enough for a repeated add of a timed-out envelope to be recognised by its id. */
const ENVELOPES = { ageMs: 2 * MINUTE, count: 200 };
const RETRY_MS = 500;
const PER_CALL = 256;

/** Where entries of all partitions travel together; what follows a call that failed goes by its partition. */
const TOGETHER = -1;

/**
 * What a worker notes in Redis of its partitions, in the order in which it is told: the events that it takes and settles, the envelopes that
 * it is done with. One call is under way at a time, on a Redis Cluster one of each partition, and what comes up meanwhile travels in the
 * next. So who has an event settled and then its envelope ended need not wait in between: an envelope is never done with its
 * events not settled, whatever dies. A partition whose keys are spoilt holds up no other one.
 */
export class PartitionLedger extends EventEmitter<PartitionLedgerEvents> {
  readonly #calls: PartitionBatches<Placed, string | Promise<string>>;
  /** Partitions of a call that failed, and how many of their entries go by themselves since then. */
  readonly #apart = new Map<number, number>();
  #closed = false;

  constructor(private readonly options: PartitionLedgerOptions) {
    super();
    this.#calls = new PartitionBatches({
      max: PER_CALL,
      run: (place, entries) => (place === TOGETHER ? this.#noteTogether(entries) : this.#insist(entries)),
    });
  }

  /** What the script says of the entry. Waits while Redis is away, and all that is noted of the partition afterwards waits behind it. */
  async note(partition: number, entry: LedgerEntry): Promise<string> {
    const placed = { ...entry, partition };
    if (this.options.redis.isCluster) return this.#calls.add(partition, placed);
    return this.#apart.has(partition) ? this.#noteApart(placed) : this.#calls.add(TOGETHER, placed);
  }

  /** What waits for Redis now fails with the next attempt. */
  close(): void {
    this.#closed = true;
  }

  /** Until none of its partition is under way any more, so that none overtakes another. */
  async #noteApart(entry: Placed): Promise<string> {
    const { partition } = entry;
    this.#apart.set(partition, (this.#apart.get(partition) ?? 0) + 1);
    try {
      return await this.#calls.add(partition, entry);
    } finally {
      const left = (this.#apart.get(partition) ?? 1) - 1;
      if (left === 0) this.#apart.delete(partition);
      else this.#apart.set(partition, left);
    }
  }

  async #noteTogether(entries: readonly Placed[]): Promise<readonly (string | Promise<string>)[]> {
    const apart = entries.map((entry) => (this.#apart.has(entry.partition) ? this.#noteApart(entry) : undefined));
    const joint = entries.filter((_entry, at) => !apart[at]);
    const answers = joint.length === 0 ? [] : await this.#try(joint);
    const rest = answers.values();
    return apart.map((answer) => answer ?? (rest.next().value as string | Promise<string>));
  }

  async #try(entries: readonly Placed[]): Promise<readonly (string | Promise<string>)[]> {
    try {
      return await this.#call(entries);
    } catch (thrown) {
      this.emit('trouble', toError(thrown));
      return entries.map((entry) => (this.#closed ? Promise.reject(toError(thrown)) : this.#noteApart(entry)));
    }
  }

  /** Of one partition, until Redis has answered. */
  async #insist(entries: readonly Placed[]): Promise<readonly string[]> {
    for (;;) {
      try {
        return await this.#call(entries);
      } catch (thrown) {
        this.emit('trouble', toError(thrown));
        if (this.#closed) throw thrown;
        await pause(this.options.clock, RETRY_MS);
      }
    }
  }

  async #call(entries: readonly Placed[]): Promise<readonly string[]> {
    const { redis, events = EVENTS } = this.options;
    const places: string[] = [];
    const numbers = new Map<number, number>();
    const args: (string | number)[] = [events.ageMs, events.count, ENVELOPES.ageMs, ENVELOPES.count];
    for (const { partition, what, subject, value } of entries) {
      let number = numbers.get(partition);
      if (number === undefined) {
        places.push(keys.settled(partition), keys.events(partition, ''));
        numbers.set(partition, (number = places.length / 2));
      }
      args.push(number, what, subject, value);
    }
    return (await runScript(redis, NOTE_IN_LEDGER, places, args)) as string[];
  }
}
