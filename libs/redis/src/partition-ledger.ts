import { EventEmitter } from 'node:events';
import { MINUTE, pause, toError, type Clock } from '@rookery/protocol';
import { apartAnswer } from './apart-answer';
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

/** `subject` and `value`: reference and copy of an event, or id of an envelope and token of its lock. `leave`: it is for the next holder. */
export interface LedgerEntry {
  readonly what: 'take' | 'settle' | 'end' | 'leave';
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
/** Entries of a partition after which it is asked to forget what is too old or too much; so many more than said may be remembered. */
const FORGETS_AFTER = 64;

/** Where entries of all partitions travel together; what follows an entry that was refused goes by its partition. */
const TOGETHER = -1;

/**
 * What a worker notes in Redis of its partitions, in the order in which it is told: the events that it takes and settles, the envelopes that
 * it is done with or leaves to the next one. One call is under way at a time, on a Redis Cluster one of each partition, and what comes up meanwhile travels in the
 * next. So who has an event settled and then its envelope ended need not wait in between: an envelope is never done with its
 * events not settled, whatever dies. A partition whose keys are spoilt holds up no other one.
 */
export class PartitionLedger extends EventEmitter<PartitionLedgerEvents> {
  readonly #calls: PartitionBatches<Placed, string>;
  /** Partitions of which something was refused, and how many of their entries go by themselves since then. */
  readonly #apart = new Map<number, number>();
  /** By partition, since it was asked to forget. */
  readonly #noted = new Map<number, number>();
  #closed = false;

  constructor(private readonly options: PartitionLedgerOptions) {
    super();
    this.#calls = new PartitionBatches({
      max: PER_CALL,
      run: (place, entries) => (place === TOGETHER ? this.#noteTogether(entries) : this.#noteAll(entries)),
    });
  }

  /** What the script says of the entry. Waits while Redis is away, and all that is noted of the partition afterwards waits behind it. */
  note(partition: number, { what, subject, value }: LedgerEntry): Promise<string> {
    const placed = { partition, what, subject, value };
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
    const joint = this.#apart.size === 0 ? entries : entries.filter(({ partition }) => !this.#apart.has(partition));
    const answers = joint.length === 0 ? [] : await this.#insist(joint);
    if (joint === entries && areTexts(answers)) return answers;
    const known = new Map(joint.map((entry, at) => [entry, answers[at]]));
    return entries.map((entry) => {
      const answer = known.get(entry);
      return typeof answer === 'string' ? answer : this.#noteApart(entry);
    });
  }

  /** Of one partition, until none is refused. */
  async #noteAll(entries: readonly Placed[]): Promise<readonly string[]> {
    for (;;) {
      const answers = await this.#insist(entries);
      if (areTexts(answers)) return answers;
      await this.#pause(answers[0]);
    }
  }

  /** Until Redis has answered. */
  async #insist(entries: readonly Placed[]): Promise<readonly (string | Error)[]> {
    for (;;) {
      try {
        return await this.#call(entries);
      } catch (thrown) {
        this.emit('trouble', toError(thrown));
        await this.#pause(thrown);
      }
    }
  }

  async #pause(thrown: unknown): Promise<void> {
    if (this.#closed) throw toError(thrown);
    await pause(this.options.clock, RETRY_MS);
  }

  async #call(entries: readonly Placed[]): Promise<readonly (string | Error)[]> {
    const { redis, events = EVENTS } = this.options;
    const parts = new Map<number, Placed[]>();
    for (const entry of entries) {
      const part = parts.get(entry.partition);
      if (part) part.push(entry);
      else parts.set(entry.partition, [entry]);
    }
    const places: string[] = [];
    const args: (string | number)[] = [events.ageMs, events.count, ENVELOPES.ageMs, ENVELOPES.count];
    for (const [partition, part] of parts) {
      places.push(keys.settled(partition), keys.events(partition, ''));
      args.push(this.#forgets(partition, part.length) ? 1 : 0, part.length);
      for (const { what, subject, value } of part) args.push(what, subject, value);
    }
    const told = (await runScript(redis, NOTE_IN_LEDGER, places, args)) as unknown[];
    const answers = new Map([...parts.keys()].map((partition, at) => [partition, this.#read(told[at])]));
    return entries.map(({ partition }) => {
      const answer = answers.get(partition);
      return answer instanceof Error ? answer : (answer?.next().value as string);
    });
  }

  #read(answer: unknown): Iterator<string> | Error {
    const known = apartAnswer(answer);
    if (!(known instanceof Error)) return (known as string[]).values();
    this.emit('trouble', known);
    return known;
  }

  #forgets(partition: number, entries: number): boolean {
    const noted = (this.#noted.get(partition) ?? FORGETS_AFTER) + entries;
    const isDue = noted >= FORGETS_AFTER;
    this.#noted.set(partition, isDue ? 0 : noted);
    return isDue;
  }
}

function areTexts(answers: readonly (string | Error)[]): answers is readonly string[] {
  return answers.every((answer) => typeof answer === 'string');
}
