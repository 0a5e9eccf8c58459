import { join } from 'node:path';
import { RookeryError } from '@rookery/protocol';
import { connectRedis, findRedisServer, startPrivateRedis } from '@rookery/redis';
import { loadProcessSettings, variable, type Environment, type RookeryConfig } from '@rookery/config';
import type { Running } from './kept';

/** A private Redis that is up. */
export interface LocalRedis extends Running {
  readonly url: string;
}

/** The Redis that the user runs, if one is named anywhere. Throws CONFIG_INVALID when that is no address of a Redis. */
export function givenRedisUrl(env: Environment, config: RookeryConfig): string | undefined {
  const url = variable(env, 'REDIS_URL') ?? config.redis.url;
  return url === undefined ? undefined : loadProcessSettings({ REDIS_URL: url }, 'worker', config).redisUrl;
}

/** Rejects with REDIS_UNREACHABLE when nothing answers there. */
export async function checkRedis(url: string): Promise<void> {
  const redis = await connectRedis(url, 'producer', 'rookery-up', () => undefined);
  redis.disconnect();
}

/** Starts (or takes over, after `up` was killed) the Redis of the data folder. Its caller holds the folder's lock. */
export async function startLocalRedis(env: Environment, dataDir: string): Promise<LocalRedis> {
  const binary = variable(env, 'REDIS_SERVER_BIN') ?? findRedisServer(env['PATH']);
  if (binary === undefined) {
    throw new RookeryError(
      'REDIS_MISSING',
      'this machine has no redis-server or valkey-server: install one, or set REDIS_SERVER_BIN or REDIS_URL (in a clone `npm start` fetches one)',
    );
  }
  const redis = await startPrivateRedis({ binary, dataDir: join(dataDir, 'redis'), appendOnly: true, detached: true });
  const { url, gone, pid } = redis;
  return {
    url,
    gone: gone.then(() => 'ended'),
    stop: () => redis.stop(),
    kill: () => void process.kill(pid, 'SIGKILL'),
  };
}
