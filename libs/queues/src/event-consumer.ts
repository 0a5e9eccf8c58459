import { EventEmitter } from 'node:events';
import { UnrecoverableError, type Job } from 'bullmq';
import { parseEnvelope, RookeryError, toError, type Clock, type Envelope } from '@rookery/protocol';
import type { Redis } from '@rookery/redis';
import { eventQueueName } from './catalogue';
import { EnvelopeWorker } from './envelope-worker';
import { finishJob } from './finish-job';
import { CONSUMER_OPTIONS, LOCK_MS } from './queue-backend';
import { takeOver } from './take-over';

export interface EventConsumerEvents {
  /** An envelope's events are all settled and its job is done. */
  completed: [envelope: Envelope];
  /** A job was not an envelope of ours, or its handling threw: it is in the failed set. */
  failed: [jobId: string, error: RookeryError];
  /** Redis or BullMQ had a problem; consuming goes on by itself. */
  trouble: [error: Error];
  /** The first fetch reached Redis: consuming has begun. */
  started: [];
}

export interface EventConsumerOptions {
  /** A connection of use `consumer`; a blocking duplicate is made of it. */
  readonly redis: Redis;
  readonly partition: number;
  /** Called in the order of the queue, and synchronously so; resolves when all events are settled. `deaths`: holders lost so far. */
  readonly handle: (envelope: Envelope, deaths: number) => Promise<void>;
  readonly clock: Clock;
  /** False while this process may not consume the partition; after it was, call {@link EventConsumer.wake}. Default: it always may. */
  readonly mayTake?: () => boolean;
  /** Envelopes handled at a time; order within a conversation is the business of `handle`. */
  readonly inFlight?: number;
}

const DEFAULT_IN_FLIGHT = 8;
const RETRY_MS = 500;
/** How long an interrupted blocking read may take to return. */
const INTERRUPT_MS = 2_000;

/**
 * Takes the envelopes of one partition, beginning with those that an earlier consumer had in hand. Only for who holds the partition.
 *
 * Jobs are fetched one after the other by a loop of our own: BullMQ's run loop also fetches while it completes, on two paths
 * whose promises may resolve in the other order, and then two envelopes would change places. Locks are renewed here for the same
 * reason; what we ourselves abandoned is found by BullMQ's own stall check.
 */
export class EventConsumer extends EventEmitter<EventConsumerEvents> {
  readonly #worker: EnvelopeWorker;
  readonly #inFlight = new Map<string, { job: Job; token: string; done: Promise<void> }>();
  #stopping = false;
  #begun = false;
  /** When it last got an answer, or began to ask; undefined while it has no reason to ask. */
  #askingSince: number | undefined;
  #loop: Promise<void> | undefined;
  #cancelRenewal: () => void = () => undefined;
  #wake: () => void = () => undefined;

  constructor(private readonly options: EventConsumerOptions) {
    super();
    this.#worker = new EnvelopeWorker(eventQueueName(options.partition), undefined, {
      ...CONSUMER_OPTIONS,
      connection: options.redis,
      autorun: false,
    });
    this.#worker.on('error', (error) => this.emit('trouble', error));
  }

  start(): void {
    if (this.#loop) return;
    void this.#worker.startStalledCheckTimer();
    this.#renewLater();
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

  /** Takes no more, waits until what was taken is settled, and closes the connections. */
  async stop(): Promise<void> {
    this.#stopping = true;
    this.#askingSince = undefined;
    this.#wake();
    await this.#worker.getBackend().disconnectBlocking(false);
    // A connection that is just being re-made stays silent for ever once it is told to disconnect; no job can come from it.
    await Promise.race([this.#loop, this.#pause(INTERRUPT_MS)]);
    await Promise.all([...this.#inFlight.values()].map((entry) => entry.done));
    this.#cancelRenewal();
    await this.#worker.close(true);
  }

  async #run(): Promise<void> {
    const { redis, partition, clock, mayTake = () => true, inFlight: limit = DEFAULT_IN_FLIGHT } = this.options;
    let tookOver = false;
    for (let count = 0; !this.#stopping; count++) {
      if (this.#inFlight.size >= limit || !mayTake()) {
        this.#askingSince = undefined;
        await new Promise<void>((resolve) => (this.#wake = resolve));
        continue;
      }
      this.#askingSince ??= clock.monotonic();
      const token = `${this.#worker.id}-${count}`;
      try {
        if (!tookOver) await takeOver(redis, eventQueueName(partition));
        tookOver = true;
        const job: Job | undefined = await this.#worker.getNextJob(token);
        this.#askingSince = clock.monotonic();
        if (!this.#begun) {
          this.#begun = true;
          this.emit('started');
        }
        if (job && !mayTake()) await this.#putBack(job, token);
        else if (job) this.#take(job, token);
      } catch (error) {
        if (this.#stopping) return;
        this.emit('trouble', toError(error));
        await this.#pause(RETRY_MS);
      }
    }
  }

  /** The right to it was lost while we waited for it. */
  async #putBack(job: Job, token: string): Promise<void> {
    const problem = await finishJob(
      () => job.moveToWait(token),
      (ms) => this.#pause(ms),
    );
    if (problem) this.emit('trouble', problem);
  }

  #take(job: Job, token: string): void {
    const id = String(job.id);
    const done = this.#handle(job, token).finally(() => {
      this.#inFlight.delete(id);
      this.#wake();
    });
    this.#inFlight.set(id, { job, token, done });
  }

  /** Runs synchronously up to the first wait inside `handle`, which keeps envelopes in order. */
  async #handle(job: Job, token: string): Promise<void> {
    let failure: RookeryError | undefined;
    let envelope: Envelope | undefined;
    try {
      if (job.deferredFailure) throw new RookeryError('INTERNAL', `given up: ${job.deferredFailure}`);
      envelope = parseEnvelope(job.data);
      await this.options.handle(envelope, job.stalledCounter);
    } catch (thrown) {
      const error = toError(thrown);
      failure = error instanceof RookeryError ? error : new RookeryError('INTERNAL', error.message, { cause: error });
    }
    const ended = await finishJob(
      () =>
        failure
          ? job.moveToFailed(new UnrecoverableError(`${failure.code}: ${failure.message}`), token)
          : job.moveToCompleted(null, token, false),
      (ms) => this.#pause(ms),
    );
    if (ended) this.emit('trouble', ended);
    else if (failure) this.emit('failed', String(job.id), failure);
    else if (envelope) this.emit('completed', envelope);
  }

  #renewLater(): void {
    this.#cancelRenewal = this.options.clock.after(LOCK_MS / 2, () => {
      void this.#renew().finally(() => {
        if (!this.#stopping || this.#inFlight.size > 0) this.#renewLater();
      });
    });
  }

  async #renew(): Promise<void> {
    const entries = [...this.#inFlight.values()];
    if (entries.length === 0) return;
    const ids = entries.map(({ job }) => String(job.id));
    try {
      const lost = await this.#worker.extendJobLocks(
        ids,
        entries.map(({ token }) => token),
        LOCK_MS,
      );
      for (const id of lost) {
        // One that was completed while the renewal was on its way has no lock any more, and needs none.
        if (!this.#inFlight.has(id)) continue;
        this.emit('trouble', new RookeryError('INTERNAL', `the lock of envelope ${id} was lost`));
      }
    } catch (error) {
      this.emit('trouble', toError(error));
    }
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => this.options.clock.after(ms, resolve));
  }
}
