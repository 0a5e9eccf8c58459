import type { Redis } from './client';
import { infoField } from './info-field';

/** How the Redis server itself is. */
export interface RedisStanding {
  readonly memoryBytes: number;
  /** 0: none. */
  readonly memoryLimitBytes: number;
  /** False: the last write of the append-only file or the last snapshot failed, so a restart would lose data. */
  readonly persistenceOk: boolean;
  /** Of the slowest replica; 0 without replicas. */
  readonly replicaLagBytes: number;
  readonly evictedKeys: number;
}

export async function redisStanding(redis: Redis): Promise<RedisStanding> {
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
