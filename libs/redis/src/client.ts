import type { RedisAddress } from '@rookery/config';
import { RookeryError, toError } from '@rookery/protocol';
import type { Redis as Server } from 'ioredis';
import { oneServerOptions, redactedRedisUrl, redisAddress, retryDelayMs, serverOptions } from './connection-options';
import { LeanCluster, LeanRedis, type LegacyClusterOptions, type ServerOptions } from './lean-redis';
import { limitGreeting } from './limit-greeting';

/** A connection to a single Redis, to the master that Sentinels name, or to all servers of a Redis Cluster. */
export type Redis = Server | LeanCluster;

/**
 * How a connection behaves while Redis is away.
 * - `producer`: a call fails within a second and nothing is queued in memory; the caller keeps its own bounded buffer and
 *   repeats with the same id (a timed-out command may still run later). A half-open connection is given up after 5 s in which
 *   an answer was awaited and no byte came.
 * - `consumer`: calls wait for Redis to come back, as BullMQ workers need it, on a Redis Cluster for about a minute; a half-open
 *   connection is noticed after 15 s without a byte, which is longer than any blocking read of ours.
 */
export type RedisUse = 'producer' | 'consumer';

const CONNECT_TIMEOUT_MS = 5_000;
const PRODUCER_COMMAND_TIMEOUT_MS = 1_000;
const PRODUCER_SOCKET_TIMEOUT_MS = 5_000;
const CONSUMER_SOCKET_TIMEOUT_MS = 15_000;
/**
 * A server that has become a replica behind the same address refuses writes for as long as it is one: the connection is made anew, to whoever
 * is there by then. For what ioredis calls 1 the call is rejected, for 2 it is sent again.
 */
const BECAME_REPLICA = /(^|-)READONLY\b/;
const REPEATS = { producer: 1, consumer: 2 } as const;
/** Within it a Redis Cluster must have shown that it serves all slots. */
const CLUSTER_READY_MS = 10_000;
/** While the replica of a master that is gone takes its place, a call is tried again so often; each time the servers are asked who serves what. */
const PRODUCER_RETRY = { ms: 100, times: 16 };
const CONSUMER_RETRY = { ms: 250, times: 240 };

/**
 * The one way to get a connection. Rejects with REDIS_UNREACHABLE or REDIS_REFUSED when the first attempt fails; after that it reconnects for
 * ever. `onError` is told every connection error; without a listener ioredis would print each to stderr.
 */
export async function connectRedis(
  url: string,
  use: RedisUse,
  name: string,
  onError: (error: Error) => void,
): Promise<Redis> {
  let connected = false;
  const address = redisAddress(url);
  const redis = createRedis(address, use, name, () => connected);
  // What `connect` rejects with is often only that the connection was closed; this says why.
  let why: Error | undefined;
  const note = (error: Error & { readonly lastNodeError?: Error }) => {
    if (connected) onError(error);
    else why ??= error.lastNodeError ?? error;
  };
  redis.on('error', note);
  redis.on('node error', note);
  try {
    await (redis.isCluster ? within(CLUSTER_READY_MS, redis.connect()) : redis.connect());
    connected = true;
    return redis;
  } catch (thrown) {
    redis.disconnect();
    throw unreachable(url, (await troubleWithSeed(address)) ?? why ?? toError(thrown));
  }
}

/** What a server says who does not let us in, in the words of Redis. */
const REFUSED = /\b(WRONGPASS|NOAUTH|NOPERM)\b/;

function unreachable(url: string, why: Error): RookeryError {
  const text = (what: string, next: string) => `Redis at ${redactedRedisUrl(url)} ${what} (${why.message}); ${next}`;
  return REFUSED.test(why.message)
    ? new RookeryError(
        'REDIS_REFUSED',
        text(
          'refuses us',
          'correct user and password in REDIS_URL, and give the user the rights that docs/redis.md lists',
        ),
        { cause: why },
      )
    : new RookeryError('REDIS_UNREACHABLE', text('does not answer', 'check that it runs there, or change REDIS_URL'), {
        cause: why,
      });
}

/** What hinders a connection to the first server of a Redis Cluster, if anything does: the client of a cluster tells only that it was closed. */
async function troubleWithSeed(address: RedisAddress): Promise<Error | undefined> {
  if (address.kind !== 'cluster') return undefined;
  const seed = new LeanRedis({
    ...address.hosts[0],
    ...serverOptions(address),
    connectTimeout: CONNECT_TIMEOUT_MS,
    disconnectTimeout: 100,
    lazyConnect: true,
    retryStrategy: () => null,
  });
  let trouble: Error | undefined;
  seed.on('error', (error: Error) => (trouble ??= error));
  await seed.connect().catch((thrown: unknown) => (trouble ??= toError(thrown)));
  seed.disconnect();
  return trouble;
}

async function within(ms: number, connecting: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('the cluster does not serve all slots; see CLUSTER INFO')), ms);
  });
  await Promise.race([connecting, late]).finally(() => clearTimeout(timer));
}

function createRedis(address: RedisAddress, use: RedisUse, name: string, isUp: () => boolean): Redis {
  const shared = {
    connectionName: name,
    connectTimeout: CONNECT_TIMEOUT_MS,
    // The default holds a timer for 2 s after a refused connection, and with it the process that wants to exit.
    disconnectTimeout: 100,
    ...byUse(use),
  };
  if (address.kind === 'cluster') {
    return new LeanCluster([...address.hosts], clusterOptions(use), { ...shared, ...serverOptions(address) });
  }
  const redis = new LeanRedis({
    ...shared,
    ...oneServerOptions(address, isUp),
    retryStrategy: retryDelayMs,
    lazyConnect: true,
    reconnectOnError: ({ message }) => (BECAME_REPLICA.test(message) ? REPEATS[use] : false),
    ...(use === 'producer' && { enableOfflineQueue: false }),
  });
  limitGreeting(redis, () => redis.stream);
  return redis;
}

function byUse(use: RedisUse): ServerOptions {
  switch (use) {
    case 'producer':
      return {
        maxRetriesPerRequest: 0,
        commandTimeout: PRODUCER_COMMAND_TIMEOUT_MS,
        socketTimeout: PRODUCER_SOCKET_TIMEOUT_MS,
      };
    case 'consumer':
      return { maxRetriesPerRequest: null, socketTimeout: CONSUMER_SOCKET_TIMEOUT_MS };
  }
}

function clusterOptions(use: RedisUse): LegacyClusterOptions {
  const retry = use === 'producer' ? PRODUCER_RETRY : CONSUMER_RETRY;
  return {
    lazyConnect: true,
    enableOfflineQueue: use === 'consumer',
    clusterRetryStrategy: retryDelayMs,
    retryDelayOnFailover: retry.ms,
    retryDelayOnClusterDown: retry.ms,
    maxRedirections: retry.times,
    slotsRefreshTimeout: CONNECT_TIMEOUT_MS,
    // A master whose machine is cut off refuses nothing: who took its place is asked for.
    slotsRefreshInterval: use === 'producer' ? PRODUCER_SOCKET_TIMEOUT_MS : CONSUMER_SOCKET_TIMEOUT_MS,
    // Names stay names: certificates are issued for them.
    dnsLookup: (host, done) => done(null, host),
  };
}
