import { RookeryError } from '@rookery/protocol';
import type { Redis as Server } from 'ioredis';
import type { Redis } from './client';
import { infoField } from './info-field';
import { keys } from './keys';
import { serverStanding, type RedisStanding } from './redis-standing';
import { masters } from './servers';

/** What of a Redis server decides whether Rookery can rely on it. A part that the server does not tell is absent. */
export interface RedisFacts extends RedisStanding {
  /** `host:port` where there are several; absent for a Redis that is one server. */
  readonly server?: string;
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
  /** What the cluster that keeps its data there has agreed on; told with the first server. */
  readonly partitions?: number;
}

/** One entry for each server that keeps keys. Reads only. Rejects when one does not answer or refuses INFO. */
export async function inspectRedis(redis: Redis): Promise<RedisFacts[]> {
  const [first, ...others] = await Promise.all(masters(redis).map(inspectServer));
  if (first === undefined) throw new RookeryError('REDIS_UNREACHABLE', 'the Redis Cluster has no masters');
  // Addressed as a single server, one of a Redis Cluster knows only what lies in its own slots.
  if (first.isCluster && !redis.isCluster) return [first];
  const partitions = await redis.hget(keys.cluster(), 'partitions');
  return [{ ...first, ...(partitions !== null && { partitions: Number(partitions) }) }, ...others];
}

async function inspectServer(redis: Server, _: number, { length }: readonly Server[]): Promise<RedisFacts> {
  const [seconds = 0, microseconds = 0] = (await redis.time()).map(Number);
  const [info, standing] = await Promise.all([redis.info(), serverStanding(redis)]);
  const version = infoField(info, 'redis_version');
  const evictionPolicy = infoField(info, 'maxmemory_policy');
  const appendOnly = infoField(info, 'aof_enabled');
  const { host, port } = redis.options;
  return {
    ...standing,
    ...(length > 1 && { server: `${host}:${port}` }),
    ...(version !== undefined && { version }),
    ...(evictionPolicy !== undefined && { evictionPolicy }),
    ...(appendOnly !== undefined && { appendOnly: appendOnly === '1' }),
    isReplica: infoField(info, 'role') === 'slave',
    isCluster: infoField(info, 'cluster_enabled') === '1',
    systemMemoryBytes: Number(infoField(info, 'total_system_memory') ?? 0),
    timeMs: seconds * 1000 + Math.floor(microseconds / 1000),
  };
}
