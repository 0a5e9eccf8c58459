import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Environment, RookeryConfig } from '@rookery/config';
import { localSocket } from '@rookery/redis';
import { CommandFailure } from '../failure';
import { givenRedisUrl } from '../up/local-redis';

/** The Redis of the running cluster: the one that is named, else the private one of the data folder while `rookery up` runs. */
export async function clusterRedisUrl(env: Environment, config: RookeryConfig): Promise<string> {
  const given = givenRedisUrl(env, config);
  if (given !== undefined) return given;
  const socket = await localSocket(join(config.dataDir, 'redis'), 'redis.sock');
  const isThere = await stat(socket).then(
    (found) => found.isSocket(),
    () => false,
  );
  if (isThere) return `unix://${socket}`;
  throw new CommandFailure(
    `no cluster runs with ${config.dataDir}, and neither REDIS_URL nor \`redis.url\` names the Redis of another one; ` +
      'start it with `npm start`, or run this where its rookery.yaml is\n' +
      '没有找到正在运行的集群：请先 npm start，或在 rookery.yaml 所在目录执行，或设置 REDIS_URL。',
  );
}
