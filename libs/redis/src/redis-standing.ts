import type { Redis as Server } from 'ioredis';
import type { Redis } from './client';
import { infoField } from './info-field';
import { masters } from './servers';

/** How Redis itself is: of a Redis Cluster the worst of its masters, since one that is full or stuck stops its part of the work. */
export interface RedisStanding {
  readonly memoryBytes: number;
  /** 0: none. Both of the server that is nearest its limit, or uses most where there is none. */
  readonly memoryLimitBytes: number;
  /** False: the last write of an append-only file or the last snapshot failed, so a restart would lose data. */
  readonly persistenceOk: boolean;
  /** Of the slowest replica; 0 without replicas. */
  readonly replicaLagBytes: number;
  /** Of all servers together. */
  readonly evictedKeys: number;
}

/** Rejects when Redis, or a master of it, is away. */
export async function redisStanding(redis: Redis): Promise<RedisStanding> {
  const all = await Promise.all(masters(redis).map(serverStanding));
  const share = ({ memoryBytes, memoryLimitBytes }: RedisStanding) => memoryBytes / (memoryLimitBytes || Infinity);
  const [fullest] = all.toSorted((a, b) => share(b) - share(a) || b.memoryBytes - a.memoryBytes);
  return {
    memoryBytes: fullest?.memoryBytes ?? 0,
    memoryLimitBytes: fullest?.memoryLimitBytes ?? 0,
    persistenceOk: all.every(({ persistenceOk }) => persistenceOk),
    replicaLagBytes: Math.max(0, ...all.map(({ replicaLagBytes }) => replicaLagBytes)),
    evictedKeys: all.reduce((sum, { evictedKeys }) => sum + evictedKeys, 0),
  };
}

export interface RedisMemory {
  /** What counts towards the limit. */
  readonly usedBytes: number;
  /** 0: none. */
  readonly limitBytes: number;
}

/** Of the server that keeps keys and is nearest its limit. Rejects when Redis, or a master of it, is away. */
export async function redisMemory(redis: Redis): Promise<RedisMemory> {
  const all = await Promise.all(
    masters(redis).map(async (server): Promise<RedisMemory> => {
      const info = await server.info('memory');
      const number = (name: string) => Number(infoField(info, name) ?? 0);
      // Buffers of replicas and of the append-only file are not what Redis refuses writes for.
      const usedBytes = number('used_memory') - number('mem_not_counted_for_evict');
      return { usedBytes, limitBytes: number('maxmemory') };
    }),
  );
  const share = ({ usedBytes, limitBytes }: RedisMemory) => usedBytes / (limitBytes || Infinity);
  return all.reduce((fullest, one) => (share(one) > share(fullest) ? one : fullest), { usedBytes: 0, limitBytes: 0 });
}

export async function serverStanding(redis: Server): Promise<RedisStanding> {
  const info = await redis.info();
  const number = (name: string) => Number(infoField(info, name) ?? 0);
  const offset = number('master_repl_offset');
  const behind = [...info.matchAll(/^slave\d+:.*?offset=(\d+)/gm)].map(([, at]) => Math.max(0, offset - Number(at)));
  const states = ['aof_last_write_status', 'aof_last_bgrewrite_status', 'rdb_last_bgsave_status'];
  return {
    memoryBytes: number('used_memory'),
    memoryLimitBytes: number('maxmemory'),
    persistenceOk: states.every((name) => (infoField(info, name) ?? 'ok') === 'ok'),
    replicaLagBytes: Math.max(0, ...behind),
    evictedKeys: number('evicted_keys'),
  };
}
