import type { Clock, WrittenEnvelope } from '@rookery/protocol';
import { apartAnswer } from './apart-answer';
import type { Redis } from './client';
import { JointCalls } from './joint-calls';
import { keys } from './keys';
import { runScript } from './run-script';
import { PUT_ENVELOPES } from './scripts/envelopes/put-envelopes';

export interface EnvelopePutsOptions {
  /** A connection of use `producer`. */
  readonly redis: Redis;
  readonly clock: Pick<Clock, 'now'>;
  /** Of the jobs, as BullMQ reads them from JSON. */
  readonly options: string;
}

/** An envelope holds some 100 kB at most. */
const PER_CALL = 16;
/** What a call touches besides the jobs. */
const NAMED = ['wait', 'marker', 'meta'];

/** Puts envelopes into the queues of their partitions; those of several partitions travel together. */
export class EnvelopePuts {
  readonly #calls: JointCalls<WrittenEnvelope, void>;

  constructor(private readonly options: EnvelopePutsOptions) {
    const { isCluster } = options.redis;
    this.#calls = new JointCalls({
      isCluster,
      max: PER_CALL,
      run: (entries) => this.#put(entries.map(({ entry }) => entry)),
    });
  }

  /**
   * Resolves when Redis has the envelope; rejects when it did not answer, and may have it all the same: the same envelope put again is
   * recognised by its id.
   */
  put(envelope: WrittenEnvelope): Promise<void> {
    return this.#calls.add(envelope.partition, envelope);
  }

  async #put(envelopes: readonly WrittenEnvelope[]): Promise<readonly (void | Error)[]> {
    const { redis, clock, options } = this.options;
    const queues: string[] = [];
    const numbers = new Map<number, number>();
    const args: (string | number | Buffer)[] = [options, clock.now(), redis.isCluster ? 0 : 1];
    for (const { partition, node, seq, json } of envelopes) {
      let number = numbers.get(partition);
      if (number === undefined) numbers.set(partition, (number = queues.push(keys.events(partition, ''))));
      const data = Buffer.from(json.buffer, json.byteOffset, json.byteLength);
      args.push(number, `${node}-${partition}-${seq}`, data);
    }
    const places = redis.isCluster ? queues.flatMap((queue) => [queue, ...NAMED.map((part) => queue + part)]) : queues;
    const answers = (await runScript(redis, PUT_ENVELOPES, places, args)) as readonly unknown[];
    return answers.map((answer) => {
      const known = apartAnswer(answer);
      return known instanceof Error ? known : undefined;
    });
  }
}
