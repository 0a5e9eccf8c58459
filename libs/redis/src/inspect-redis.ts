import type { Redis } from './client';
import { infoField } from './info-field';
import { keys } from './keys';
import { redisStanding, type RedisStanding } from './redis-standing';

/** What of a Redis server decides whether Rookery can rely on it. A part that the server does not tell is absent. */
export interface RedisFacts extends RedisStanding {
  /** Of the protocol, also where it is a Valkey: `7.0.15`. */
  readonly version?: string;
  readonly evictionPolicy?: string;
  readonly appendOnly?: boolean;
  /** It copies another server and refuses writes. */
  readonly isReplica: boolean;
  /** Redis Cluster: keys are spread over several servers. */
  readonly isCluster: boolean;
  /** Of the machine; 0 where it is not told. */
  readonly systemMemoryBytes: number;
  /** Its clock, milliseconds since 1970. */
  readonly timeMs: number;
  /** What the cluster that keeps its data there has agreed on. */
  readonly partitions?: number;
}

/** Reads only. Rejects when the server does not answer or refuses INFO. */
export async function inspectRedis(redis: Redis): Promise<RedisFacts> {
  const [seconds = 0, microseconds = 0] = (await redis.time()).map(Number);
  const [info, standing, recorded] = await Promise.all([
    redis.info(),
    redisStanding(redis),
    redis.hget(keys.cluster(), 'partitions'),
  ]);
  const version = infoField(info, 'redis_version');
  const evictionPolicy = infoField(info, 'maxmemory_policy');
  const appendOnly = infoField(info, 'aof_enabled');
  return {
    ...standing,
    ...(version !== undefined && { version }),
    ...(evictionPolicy !== undefined && { evictionPolicy }),
    ...(appendOnly !== undefined && { appendOnly: appendOnly === '1' }),
    isReplica: infoField(info, 'role') === 'slave',
    isCluster: infoField(info, 'cluster_enabled') === '1',
    systemMemoryBytes: Number(infoField(info, 'total_system_memory') ?? 0),
    timeMs: seconds * 1000 + Math.floor(microseconds / 1000),
    ...(recorded !== null && { partitions: Number(recorded) }),
  };
}
