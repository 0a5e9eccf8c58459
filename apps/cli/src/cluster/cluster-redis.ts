import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Environment, RookeryConfig } from '@rookery/config';
import { localSocket } from '@rookery/redis';
import { CommandFailure } from '../failure';
import { givenRedisUrl } from '../up/local-redis';

/** The Redis that is named, else the private one of the data folder while `rookery up` runs, else none. */
export async function findClusterRedis(env: Environment, config: RookeryConfig): Promise<string | undefined> {
  const given = givenRedisUrl(env, config);
  if (given !== undefined) return given;
  const socket = await localSocket(join(config.dataDir, 'redis'), 'redis.sock');
  const isThere = await stat(socket).then(
    (found) => found.isSocket(),
    () => false,
  );
  return isThere ? `unix://${socket}` : undefined;
}

/** The same; throws what to do where there is none. */
export async function clusterRedisUrl(env: Environment, config: RookeryConfig): Promise<string> {
  const found = await findClusterRedis(env, config);
  if (found !== undefined) return found;
  throw new CommandFailure(
    `no cluster runs with ${config.dataDir}, and neither REDIS_URL nor \`redis.url\` names the Redis of another one; ` +
      'start it with `npm start`, or run this where its rookery.yaml is\n' +
      '没有找到正在运行的集群：请先 npm start，或在 rookery.yaml 所在目录执行，或设置 REDIS_URL。',
  );
}
