import type { Clock } from '@rookery/protocol';
import type { Redis } from './client';
import { JointCalls, type JointEntry } from './joint-calls';
import { keys } from './keys';
import { runScriptForBytes } from './run-script';
import { TAKE_ENVELOPES } from './scripts/envelopes/take-envelopes';

export interface EnvelopeTakesOptions {
  /** A connection of use `consumer`. */
  readonly redis: Redis;
  readonly clock: Pick<Clock, 'now'>;
  /** Milliseconds after which the lock of a taken envelope is void unless it is renewed. */
  readonly lockMs: number;
  /** Told of a partition when the call that looks into its queue is about to be made. */
  readonly onLook?: (partition: number) => void;
}

/** What the only consumer of a partition wants. */
export interface TakeWish {
  /** At most so many. */
  readonly limit: number;
  /** Of their locks. */
  readonly token: string;
  /** How many it has in hand. */
  readonly held: number;
}

export interface EnvelopeJob {
  readonly id: string;
  /** Of its lock. */
  readonly token: string;
  /** An envelope, if it was put there by one of us; undefined when there is none. */
  readonly data: Buffer | undefined;
  /** How many holders were lost so far. */
  readonly deaths: number;
  /** Why nobody shall try any more, where it is so. */
  readonly givenUp: string | undefined;
}

const LEFT = ['more', 'odd', 'astray', 'nothing'] as const;
/**
 * What is in the queue after some were taken: `more` wait, or may do; there are `odd` jobs only, prioritized or delayed ones, which no connector
 * puts here; or `nothing` waits. `astray`: nothing was taken, because an earlier call took some and its answer was lost; they stand before
 * all that wait.
 */
type Left = (typeof LEFT)[number];

export interface TakenEnvelopes {
  readonly jobs: readonly EnvelopeJob[];
  readonly left: Left;
}

/** Partitions of one call. */
const PER_CALL = 64;
/** Of data; the last envelope of a call may exceed it. The answer is read in one piece, and no call shall hold Redis or us up for long. */
const BYTES_PER_CALL = 512 * 1024;
/** What a call touches besides the jobs. */
const NAMED = ['wait', 'active', 'marker', 'meta', 'prioritized', 'delayed'];

/**
 * The envelopes of the partitions that a worker holds, taken several at a time, those of several partitions in one call. BullMQ keeps the queues: its lists,
 * locks and job hashes are these, and its check for stalled jobs is the one that counts. What it writes to its event stream is
 * left out, because nobody reads it.
 */
export class EnvelopeTakes {
  readonly #calls: JointCalls<TakeWish, TakenEnvelopes>;

  constructor(private readonly options: EnvelopeTakesOptions) {
    const { isCluster } = options.redis;
    this.#calls = new JointCalls({ isCluster, max: PER_CALL, run: (entries) => this.#take(entries) });
  }

  /** Next in the order of the queue, for its only consumer. Rejects when Redis did not answer. */
  take(partition: number, wish: TakeWish): Promise<TakenEnvelopes> {
    return this.#calls.add(partition, wish);
  }

  async #take(entries: readonly JointEntry<TakeWish, number>[]): Promise<readonly (TakenEnvelopes | Error)[]> {
    const { redis, clock, lockMs, onLook } = this.options;
    const places: string[] = [];
    const args: (string | number)[] = [lockMs, clock.now(), BYTES_PER_CALL];
    for (const { key, entry } of entries) {
      onLook?.(key);
      places.push(keys.events(key, ''));
      args.push(entry.limit, entry.token, entry.held);
    }
    if (redis.isCluster) places.push(...entries.flatMap(({ key }) => NAMED.map((part) => keys.events(key, part))));
    const answers = await runScriptForBytes(redis, TAKE_ENVELOPES, places, args);
    return (answers as [Buffer, ...(Buffer | null)[]][]).map((answer, at) => read(answer, entries[at]?.entry.token));
  }
}

function read([said, ...fields]: readonly [Buffer, ...(Buffer | null)[]], token = ''): TakenEnvelopes | Error {
  const left = said.toString();
  if (left === 'refused') return new Error(String(fields[0]));
  const jobs: EnvelopeJob[] = [];
  for (let i = 0; i < fields.length; i += 4) {
    const [id, data, deaths, givenUp] = fields.slice(i, i + 4);
    jobs.push({
      id: String(id),
      token,
      data: data ?? undefined,
      deaths: Number(deaths ?? 0),
      givenUp: givenUp?.toString(),
    });
  }
  return { jobs, left: LEFT.find((one) => one === left) ?? 'nothing' };
}
