import {
  createRedisBackend,
  QueueKeys,
  RedisConnection,
  RedisQueueBackend,
  type IQueueBackend,
  type QueueBaseOptions,
} from 'bullmq';
import { blockingConnection, PREFIX, type Redis } from '@rookery/redis';

/** A dead consumer's job is free again after this long (plus one stall check). Half of it is the renewal interval. */
export const LOCK_MS = 10_000;
/** How often abandoned jobs are looked for. */
export const STALL_CHECK_MS = 5_000;
/**
 * BullMQ's default of 1 would fail a job for ever when its holder dies twice, whatever its attempts say. Three deaths may be
 * deployments; after those a worker handles an envelope's events one by one, and for that it may die three times more.
 */
export const MAX_STALLED = 6;

/**
 * Nobody reads BullMQ's stream of events, and by default it keeps 10,000 of them per queue: a megabyte of Redis for each account that
 * is talked to. Streams are cut in nodes of 100, so that some 100 are left.
 */
export const PRODUCER_OPTIONS = { prefix: PREFIX, streams: { events: { maxLen: 0 } } } as const;

export const CONSUMER_OPTIONS = {
  prefix: PREFIX,
  lockDuration: LOCK_MS,
  stalledInterval: STALL_CHECK_MS,
  maxStalledCount: MAX_STALLED,
} as const;

/**
 * Many queues over one Redis connection. BullMQ gives each Queue its own connection object with listeners and a version query,
 * and each Worker a blocking connection besides; a connector with 2,000 accounts cannot afford that. All queues made with
 * this share one backend, and no blocking read happens on it.
 */
export class SharedQueueBackend {
  readonly #base: RedisQueueBackend;

  constructor(readonly redis: Redis) {
    this.#base = createRedisBackend('shared', { connection: redis, ...CONSUMER_OPTIONS });
    // Errors of the connection reach the owner of the connection; each failed call also rejects at its caller.
    this.#base.on('error', () => undefined);
  }

  async ready(): Promise<void> {
    await this.#base.waitUntilReady();
  }

  /** A BullMQ backend factory; pass it as the last argument of `new Queue` and `new Worker`. */
  readonly factory = (name: string, _options: QueueBaseOptions): RedisQueueBackend => {
    const sibling: IQueueBackend = this.#base.forQueue(name, PREFIX);
    return sibling as RedisQueueBackend;
  };

  async close(): Promise<void> {
    await this.#base.close();
  }
}

/**
 * A BullMQ backend factory for workers that wait for their jobs: the blocking reads have a connection of their own, which the worker ends,
 * and everything else goes over `redis`, of use `consumer`.
 */
export function blockingBackend(redis: Redis) {
  return (name: string, options: QueueBaseOptions): RedisQueueBackend => {
    const keys = new QueueKeys(PREFIX);
    const toKey = (type: string): string => keys.toKey(name, type);
    const connection = new RedisConnection(redis, { shared: true, blocking: false });
    const blocking = new RedisConnection(blockingConnection(redis, toKey('marker')), { shared: false, blocking: true });
    return new RedisQueueBackend(connection, name, keys.getKeys(name), toKey, options, blocking);
  };
}
