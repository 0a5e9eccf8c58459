import { toError } from '@rookery/protocol';
import type { Redis as Server } from 'ioredis';
import type { Redis } from './client';
import { LeanCluster } from './lean-redis';

/** The servers that keep keys: one, or every master of a Redis Cluster. */
export function masters(redis: Redis): Server[] {
  return redis instanceof LeanCluster ? redis.nodes('master') : [redis];
}

/**
 * The channels of a pattern that somebody listens to. In a Redis Cluster each server knows its own listeners only, replicas too; one that
 * is gone has none. Rejects when none answers.
 */
export async function heardOn(redis: Redis, pattern: string): Promise<ReadonlySet<string>> {
  const servers = redis instanceof LeanCluster ? redis.nodes('all') : [redis];
  const answers = await Promise.allSettled(servers.map((server) => server.pubsub('CHANNELS', pattern)));
  const heard = answers.flatMap((answer) => (answer.status === 'fulfilled' ? [answer.value as string[]] : []));
  const [failed] = answers.flatMap((answer) => (answer.status === 'rejected' ? [toError(answer.reason)] : []));
  if (heard.length === 0) throw failed ?? new Error('the Redis Cluster has no servers');
  return new Set(heard.flat());
}
