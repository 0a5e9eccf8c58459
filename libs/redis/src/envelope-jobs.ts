import type { Clock, WrittenEnvelope } from '@rookery/protocol';
import type { Redis } from './client';
import { keys } from './keys';
import type { PartitionLedger } from './partition-ledger';
import { runScript, runScriptForBytes } from './run-script';
import { PUT_ENVELOPE } from './scripts/envelopes/put-envelope';
import { TAKE_ENVELOPES } from './scripts/envelopes/take-envelopes';

export interface EnvelopeJobsOptions {
  /** A connection of use `consumer`. */
  readonly redis: Redis;
  readonly partition: number;
  readonly clock: Pick<Clock, 'now'>;
  /** Milliseconds after which the lock of a taken envelope is void unless it is renewed. */
  readonly lockMs: number;
  /** Where it is noted that envelopes are done. */
  readonly ledger: PartitionLedger;
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
 * What is in the queue after some were taken: `more` wait; there are `odd` jobs only, prioritized or delayed ones, which no connector
 * puts here; or `nothing` waits. `astray`: nothing was taken, because an earlier call took some and its answer was lost; they stand before
 * all that wait.
 */
type Left = (typeof LEFT)[number];

export interface TakenEnvelopes {
  readonly jobs: readonly EnvelopeJob[];
  readonly left: Left;
}

interface Held {
  readonly id: string;
  readonly token: string;
}

/**
 * Resolves when Redis has the envelope; rejects when it did not answer, and may have it all the same: the same envelope put again is
 * recognised by its id. `options`: of the job, as BullMQ reads them from JSON.
 */
export async function putEnvelope(
  redis: Redis,
  { partition, node, seq, json }: WrittenEnvelope,
  { options, now }: { readonly options: string; readonly now: number },
): Promise<void> {
  const key = (part: string): string => keys.events(partition, part);
  const data = Buffer.from(json.buffer, json.byteOffset, json.byteLength);
  const args = [key(''), `${node}-${partition}-${seq}`, data, options, now];
  await runScript(redis, PUT_ENVELOPE, [key('wait'), key('marker'), key('meta')], args);
}

/**
 * The envelopes of one partition's queue, taken several at a time. BullMQ keeps the queue: its lists, locks and job
 * hashes are these, and its check for stalled jobs is the one that counts. What it writes to its event stream is left out, because
 * nobody reads it.
 */
export class EnvelopeJobs {
  constructor(private readonly options: EnvelopeJobsOptions) {}

  /** Next in the order of the queue, `limit` at most, for the only consumer, who has `inHand`. Rejects when Redis did not answer. */
  async take(limit: number, token: string, inHand: number): Promise<TakenEnvelopes> {
    const { redis, clock, lockMs } = this.options;
    const places = ['wait', 'active', 'marker', 'meta', 'prioritized', 'delayed'].map((part) => this.#key(part));
    const args = [this.#key(''), limit, token, lockMs, clock.now(), inHand];
    const answer = await runScriptForBytes(redis, TAKE_ENVELOPES, places, args);
    const [left, ...fields] = answer as [Buffer, ...(Buffer | null)[]];
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
    return { jobs, left: LEFT.find((one) => one === left.toString()) ?? 'nothing' };
  }

  /** Resolves with false when the lock was lost meanwhile: it is somebody else's, or will be. Waits while Redis is away. */
  async end({ id, token }: Held): Promise<boolean> {
    const { ledger, partition } = this.options;
    return (await ledger.note(partition, { what: 'end', subject: id, value: token })) !== '';
  }

  #key(part: string): string {
    return keys.events(this.options.partition, part);
  }
}
