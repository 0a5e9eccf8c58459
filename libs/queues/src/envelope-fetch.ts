import { EventEmitter } from 'node:events';
import type { Clock } from '@rookery/protocol';
import { EnvelopeArrivals, EnvelopeTakes, type Redis, type TakenEnvelopes, type TakeWish } from '@rookery/redis';
import { eventQueueName } from './catalogue';
import { EnvelopeWorker } from './envelope-worker';
import { blockingBackend, CONSUMER_OPTIONS, LOCK_MS, SharedQueueBackend } from './queue-backend';

export interface EnvelopeFetchEvents {
  /** The connection that hears of new envelopes had a problem; it comes back by itself, and until then queues are looked into. */
  trouble: [error: Error];
}

/** What the consumers of all partitions of a worker share: the calls that take envelopes, and how they hear of new ones. */
export class EnvelopeFetch extends EventEmitter<EnvelopeFetchEvents> {
  readonly #takes: EnvelopeTakes;
  /** On a Redis Cluster, where notices would go by all servers, each consumer blocks for its own queue. */
  readonly #shared: { readonly arrivals: EnvelopeArrivals; readonly backend: SharedQueueBackend } | undefined;

  /** `redis`: a connection of use `consumer`. */
  constructor(
    readonly redis: Redis,
    clock: Clock,
  ) {
    super();
    if (!redis.isCluster) {
      const arrivals = new EnvelopeArrivals({ redis, clock, onTrouble: (error) => this.emit('trouble', error) });
      this.#shared = { arrivals, backend: new SharedQueueBackend(redis) };
    }
    const onLook = (partition: number) => this.#shared?.arrivals.looked(partition);
    this.#takes = new EnvelopeTakes({ redis, clock, lockMs: LOCK_MS, onLook });
  }

  take(partition: number, wish: TakeWish): Promise<TakenEnvelopes> {
    return this.#takes.take(partition, wish);
  }

  /** Resolves when something may wait, and after a while in any case. */
  async more(partition: number, worker: EnvelopeWorker): Promise<void> {
    await (this.#shared ? this.#shared.arrivals.next(partition) : worker.waitForMore());
  }

  /** What BullMQ has to do for the consumer of a partition. */
  worker(partition: number): EnvelopeWorker {
    const { redis } = this;
    const options = { ...CONSUMER_OPTIONS, connection: redis, autorun: false };
    return new EnvelopeWorker(
      eventQueueName(partition),
      undefined,
      options,
      this.#shared?.backend.factory ?? blockingBackend(redis),
    );
  }

  /** Whoever waits for more goes on, and nobody waits for it from now on. */
  async interrupt(partition: number, worker: EnvelopeWorker): Promise<void> {
    if (this.#shared) this.#shared.arrivals.leave(partition);
    else await worker.getBackend().disconnectBlocking(false);
  }

  /** After the last consumer has stopped. */
  async close(): Promise<void> {
    this.#shared?.arrivals.close();
    await this.#shared?.backend.close();
  }
}
