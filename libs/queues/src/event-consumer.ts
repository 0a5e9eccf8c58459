import { EventEmitter } from 'node:events';
import { UnrecoverableError } from 'bullmq';
import {
  ENVELOPE_MAX_BYTES,
  ENVELOPE_MAX_EVENTS,
  pause,
  readEnvelope,
  RookeryError,
  SlotMap,
  toError,
  type Clock,
  type Envelope,
} from '@rookery/protocol';
import type { EnvelopeJob, PartitionLedger } from '@rookery/redis';
import { eventQueueName } from './catalogue';
import type { EnvelopeFetch } from './envelope-fetch';
import type { EnvelopeWorker } from './envelope-worker';
import { finishJob } from './finish-job';
import { LockRenewal, type Locked } from './lock-renewal';
import { takeOver } from './take-over';

export interface EventConsumerEvents {
  /** The events of an envelope are all settled and its job is done. */
  completed: [jobId: string];
  /** A job was not an envelope of ours, or its handling threw: it is in the failed set. */
  failed: [jobId: string, error: RookeryError];
  /** Redis or BullMQ had a problem; consuming goes on by itself. */
  trouble: [error: Error];
  /** The first fetch reached Redis: consuming has begun. */
  started: [];
}

/** `withdrawn`: not all of its events were handled. It stays as it is, and the next consumer handles it as after a crash. */
export type EnvelopeEnd = 'settled' | 'withdrawn';

export interface EventConsumerOptions {
  /** Shared by the consumers of all partitions. */
  readonly fetch: EnvelopeFetch;
  readonly partition: number;
  /** Where it is noted that envelopes are done: behind what `handle` has had noted there of their events. */
  readonly ledger: PartitionLedger;
  /**
   * Called in the order of the queue, and synchronously so; resolves when all events are settled, or all but those that were withdrawn.
   * `deaths`: holders lost so far. Nobody else keeps the envelope: what is settled at once, as most events are, is garbage then, and need not
   * wait for the rest.
   */
  readonly handle: (envelope: Envelope, deaths: number) => Promise<EnvelopeEnd>;
  /** Called when nothing more is handed to `handle`: what has not begun of the partition's events is for the next consumer. */
  readonly withdraw?: () => void;
  readonly clock: Clock;
  /** False while this process may not consume the partition; after it was, call {@link EventConsumer.wake}. Default: it always may. */
  readonly mayTake?: () => boolean;
  /** Envelopes in hand at most; order within a conversation is the business of `handle`. */
  readonly inFlight?: number;
}

const TAKEN_AT_ONCE = 8;
/**
 * Of one partition: as much as eight full envelopes, not eight. At low load an envelope holds one event, and ten can be the copies of one message:
 * were there room for a few envelopes only, one slow handler would hold up all conversations of its partition.
 */
const IN_HAND = { envelopes: 256, events: 8 * ENVELOPE_MAX_EVENTS, bytes: 8 * ENVELOPE_MAX_BYTES } as const;
const RETRY_MS = 500;
/** How long an interrupted blocking read may take to return. */
const INTERRUPT_MS = 2_000;
const NO_DATA = Buffer.alloc(0);

interface InHand extends Locked {
  readonly done: Promise<void>;
  readonly events: number;
  readonly bytes: number;
  ending: boolean;
}

/**
 * Takes the envelopes of one partition, beginning with those that an earlier consumer had in hand. Only for who holds the partition.
 *
 * Envelopes are taken in a loop of our own: BullMQ's run loop takes one job at a time and also while it completes one, on two paths
 * whose promises may resolve in the other order, and then two envelopes would change places. Here one call takes all that wait and
 * have room, so that a worker that is behind pays less for each. Locks are renewed here for the same reason. BullMQ's check for stalled jobs
 * does not run: it puts back in any order, and also what is in hand here when Redis was away for longer than a lock lasts. What
 * was abandoned is found by the number of active jobs, and goes back to the front in its order.
 */
export class EventConsumer extends EventEmitter<EventConsumerEvents> {
  readonly #worker: EnvelopeWorker;
  readonly #inFlight = new SlotMap<string, InHand>();
  readonly #renewal: LockRenewal;
  #stopping = false;
  #begun = false;
  /** When it last got an answer, or began to ask; undefined while it has no reason to ask. */
  #askingSince: number | undefined;
  #loop: Promise<void> | undefined;
  #wake: () => void = () => undefined;

  constructor(private readonly options: EventConsumerOptions) {
    super();
    this.#worker = options.fetch.worker(options.partition);
    this.#worker.on('error', (error) => this.emit('trouble', error));
    this.#renewal = new LockRenewal({
      inHand: this.#inFlight,
      extend: (ids, tokens, ms) => this.#worker.extendJobLocks(ids, tokens, ms),
      clock: options.clock,
      onTrouble: (error) => this.emit('trouble', error),
    });
  }

  start(): void {
    if (this.#loop) return;
    this.#renewal.start();
    this.#loop = this.#run();
  }

  /**
   * Milliseconds for which every attempt to fetch has been in vain or without an answer; 0 while it may take nothing or has its
   * hands full. On a quiet queue an answer comes every 5 s.
   */
  get fruitlessMs(): number {
    return this.#askingSince === undefined ? 0 : this.options.clock.monotonic() - this.#askingSince;
  }

  /** It may be taken again. */
  wake(): void {
    this.#wake();
  }

  /** Takes no more, leaves what has not begun, waits until the rest of what was taken is settled, and closes the connections. */
  async stop(): Promise<void> {
    this.#stopping = true;
    this.#askingSince = undefined;
    this.options.withdraw?.();
    this.#wake();
    // A connection that is just being made stays silent for ever once it is told to disconnect; no job can come from it.
    await Promise.race([this.#interrupted(), pause(this.options.clock, INTERRUPT_MS)]);
    await this.#settled();
    this.#renewal.stop();
    await this.#worker.close(true);
  }

  async #run(): Promise<void> {
    const { fetch, partition, clock, inFlight: limit = IN_HAND.envelopes } = this.options;
    let tookOver = false;
    for (let count = 0; !this.#stopping; count++) {
      const room = this.#room(limit);
      if (room <= 0 || !this.#mayTake) {
        this.#askingSince = undefined;
        await new Promise<void>((resolve) => (this.#wake = resolve));
        continue;
      }
      this.#askingSince ??= clock.monotonic();
      try {
        if (!tookOver) await takeOver(fetch.redis, eventQueueName(partition));
        tookOver = true;
        const left = await this.#takeAll(room, `${this.#worker.id}-${count}`);
        if (left === 'astray') {
          // What we know of ends first: then all that is in hand is what nobody knows of, and goes back to the front.
          this.#askingSince = undefined;
          await this.#settled();
          tookOver = false;
        } else if (left === 'nothing' && !this.#stopping) await fetch.more(partition, this.#worker);
      } catch (error) {
        if (this.#stopping) return;
        this.emit('trouble', toError(error));
        await pause(this.options.clock, RETRY_MS);
      }
    }
  }

  get #mayTake(): boolean {
    return !this.#stopping && (this.options.mayTake?.() ?? true);
  }

  async #interrupted(): Promise<void> {
    try {
      await this.options.fetch.interrupt(this.options.partition, this.#worker);
    } catch (error) {
      // It was never made: nothing is to be interrupted, and what is in hand is to be settled all the same.
      this.emit('trouble', toError(error));
    }
    await this.#loop;
  }

  /** When what is in hand now is settled. */
  async #settled(): Promise<void> {
    await Promise.all(Array.from(this.#inFlight.values(), (entry) => entry.done));
  }

  /** What waits as far as there is room. */
  async #takeAll(room: number, token: string): Promise<'more' | 'astray' | 'nothing'> {
    const { fetch, partition, clock } = this.options;
    const { jobs, left } = await fetch.take(partition, { limit: room, token, held: this.#inFlight.size });
    this.#askingSince = clock.monotonic();
    if (!this.#begun) {
      this.#begun = true;
      this.emit('started');
    }
    if (this.#mayTake) for (const job of jobs) this.#take(job);
    // From the last to the first, so that the first stands in front again.
    else for (const job of jobs.toReversed()) await this.#putBack(job);
    if (left !== 'odd') return left;
    if (jobs.length > 0) return 'more';
    return (await this.#takeOdd(token)) ? 'more' : 'nothing';
  }

  /** A job that was put here with a priority or for later, by nobody of us: BullMQ knows how to take it. */
  async #takeOdd(token: string): Promise<boolean> {
    const job = await this.#worker.getNextJob(token, { block: false });
    if (!job) return false;
    const { id = '', stalledCounter: deaths, deferredFailure: givenUp } = job;
    const taken = { id, token, data: await this.#worker.storedData(id), deaths, givenUp };
    if (this.#mayTake) this.#take(taken);
    else await this.#putBack(taken);
    return true;
  }

  /** The right to it was lost while we took it. */
  async #putBack({ id, token }: EnvelopeJob): Promise<void> {
    const problem = await finishJob(
      async () => (await this.#worker.heldJob(id, token))?.moveToWait(token),
      (ms) => pause(this.options.clock, ms),
    );
    if (problem) this.emit('trouble', problem);
  }

  /** How many envelopes may be taken now, the largest ones included. */
  #room(limit: number): number {
    let [events, bytes] = [0, 0];
    for (const entry of this.#inFlight.values()) {
      events += entry.events;
      bytes += entry.bytes;
    }
    if (bytes >= IN_HAND.bytes) return 0;
    const full = Math.ceil((IN_HAND.events - events) / ENVELOPE_MAX_EVENTS);
    return Math.min(TAKEN_AT_ONCE, limit - this.#inFlight.size, full);
  }

  #take(job: EnvelopeJob): void {
    const { id, token, data } = job;
    const { events, handled } = this.#begin(job);
    const done = this.#finish(id, token, handled);
    this.#inFlight.set(id, { token, done, events, bytes: data?.byteLength ?? 0, ending: false });
  }

  /** Synchronous up to the first wait inside `handle`, which keeps envelopes in order. */
  #begin({ data, deaths, givenUp }: EnvelopeJob): { readonly events: number; readonly handled: Promise<EnvelopeEnd> } {
    try {
      if (givenUp !== undefined) throw new RookeryError('INTERNAL', `given up: ${givenUp}`);
      const envelope = readEnvelope(data ?? NO_DATA);
      return { events: envelope.events.length, handled: this.options.handle(envelope, deaths) };
    } catch (thrown) {
      return { events: 0, handled: Promise.reject(toError(thrown)) };
    }
  }

  /** Holds neither the envelope nor its bytes while its events are being handled. */
  async #finish(id: string, token: string, handled: Promise<EnvelopeEnd>): Promise<void> {
    const how = await handled.catch(failureOf);
    const entry = this.#inFlight.get(id);
    if (entry) entry.ending = true;
    const ended = await finishJob(
      () => this.#conclude(id, token, how),
      (ms) => pause(this.options.clock, ms),
    );
    this.#inFlight.delete(id);
    this.#wake();
    if (ended) this.emit('trouble', ended);
    else if (how === 'settled') this.emit('completed', id);
    else if (how !== 'withdrawn') this.emit('failed', id, how);
  }

  async #conclude(id: string, token: string, how: EnvelopeEnd | RookeryError): Promise<void> {
    if (how === 'settled') await this.#end(id, token);
    else if (how === 'withdrawn')
      await this.options.ledger.note(this.options.partition, { what: 'leave', subject: id, value: token });
    else await this.#fail(id, token, how);
  }

  async #end(id: string, token: string): Promise<void> {
    const { ledger, partition } = this.options;
    if ((await ledger.note(partition, { what: 'end', subject: id, value: token })) === '')
      throw new Error(`Missing lock for envelope ${id}`);
  }

  async #fail(id: string, token: string, { code, message }: RookeryError): Promise<void> {
    const job = await this.#worker.heldJob(id, token);
    if (!job) throw new Error(`Missing key for envelope ${id}`);
    await job.moveToFailed(new UnrecoverableError(`${code}: ${message}`), token);
  }
}

function failureOf(thrown: unknown): RookeryError {
  const error = toError(thrown);
  return error instanceof RookeryError ? error : new RookeryError('INTERNAL', error.message, { cause: error });
}
