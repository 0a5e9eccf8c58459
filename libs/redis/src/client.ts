import { RookeryError, toError } from '@rookery/protocol';
import type { Redis } from 'ioredis';
import { LeanRedis } from './lean-redis';
import { limitGreeting } from './limit-greeting';

/** Where a Redis is and who we are there. */
export type RedisAddress =
  | { readonly path: string }
  | {
      readonly host: string;
      readonly port: number;
      readonly username?: string;
      readonly password?: string;
      readonly db?: number;
      readonly tls?: object;
    };

export type { Redis } from 'ioredis';

/**
 * How a connection behaves while Redis is away.
 * - `producer`: a call fails within a second and nothing is queued in memory; the caller keeps its own bounded buffer and
 *   repeats with the same id (a timed-out command may still run later). A half-open connection is given up after 5 s in which
 *   an answer was awaited and no byte came.
 * - `consumer`: calls wait for Redis to come back, as BullMQ workers need it; a half-open connection is noticed after 15 s
 *   without a byte, which is longer than any blocking read of ours.
 */
export type RedisUse = 'producer' | 'consumer';

const CONNECT_TIMEOUT_MS = 5_000;
const PRODUCER_COMMAND_TIMEOUT_MS = 1_000;
const PRODUCER_SOCKET_TIMEOUT_MS = 5_000;
const CONSUMER_SOCKET_TIMEOUT_MS = 15_000;

/** 200 ms growing to 500 ms (so that all is at work 2 s after Redis is back), with jitter so that a fleet of nodes does not return in step. */
function retryDelayMs(attempt: number): number {
  const ceiling = Math.min(200 * 2 ** Math.min(attempt - 1, 2), 500);
  return Math.round(ceiling * (0.5 + Math.random() / 2));
}

/** Connection options for `redis://`, `rediss://` and `unix:///path` addresses. */
export function redisAddress(url: string): RedisAddress {
  const parsed = new URL(url);
  if (parsed.protocol === 'unix:') return { path: decodeURIComponent(parsed.pathname) };
  const database = parsed.pathname.slice(1);
  return {
    host: parsed.hostname,
    port: parsed.port === '' ? 6379 : Number(parsed.port),
    ...(parsed.username !== '' && { username: decodeURIComponent(parsed.username) }),
    ...(parsed.password !== '' && { password: decodeURIComponent(parsed.password) }),
    ...(database !== '' && { db: Number(database) }),
    ...(parsed.protocol === 'rediss:' && { tls: {} }),
  };
}

/** The address without its password, for messages to people. */
export function redactedRedisUrl(url: string): string {
  const parsed = new URL(url);
  if (parsed.password !== '') parsed.password = '***';
  return parsed.toString();
}

/**
 * The one way to get a connection. Rejects with REDIS_UNREACHABLE when the first attempt fails; after that it reconnects for
 * ever. `onError` is told every connection error; without a listener ioredis would print each to stderr.
 */
export async function connectRedis(
  url: string,
  use: RedisUse,
  name: string,
  onError: (error: Error) => void,
): Promise<Redis> {
  const redis = createRedis(url, use, name);
  limitGreeting(redis, () => redis.stream);
  let connected = false;
  // What `connect` rejects with is often only that the connection was closed; this says why.
  let why: Error | undefined;
  redis.on('error', (error) => {
    if (connected) onError(error);
    else why ??= error;
  });
  try {
    await redis.connect();
    connected = true;
    return redis;
  } catch (thrown) {
    redis.disconnect();
    throw new RookeryError(
      'REDIS_UNREACHABLE',
      `Redis at ${redactedRedisUrl(url)} does not answer (${(why ?? toError(thrown)).message}); ` +
        'check that it runs there, or change REDIS_URL',
      { cause: why ?? thrown },
    );
  }
}

function createRedis(url: string, use: RedisUse, name: string): Redis {
  const shared = {
    ...redisAddress(url),
    connectionName: name,
    connectTimeout: CONNECT_TIMEOUT_MS,
    // The default holds a timer for 2 s after a refused connection, and with it the process that wants to exit.
    disconnectTimeout: 100,
    retryStrategy: retryDelayMs,
    lazyConnect: true,
  };
  switch (use) {
    case 'producer':
      return new LeanRedis({
        ...shared,
        enableOfflineQueue: false,
        maxRetriesPerRequest: 0,
        commandTimeout: PRODUCER_COMMAND_TIMEOUT_MS,
        socketTimeout: PRODUCER_SOCKET_TIMEOUT_MS,
      });
    case 'consumer':
      return new LeanRedis({ ...shared, maxRetriesPerRequest: null, socketTimeout: CONSUMER_SOCKET_TIMEOUT_MS });
  }
}
