import type { Redis } from './client';
import { keys } from './keys';

const KEPT_S = 7 * 24 * 60 * 60;

/** What people were told of the cluster: one JSON text for each alarm, written by the node that watches. */
export class AlarmMemory {
  constructor(private readonly redis: Redis) {}

  async load(): Promise<Readonly<Record<string, string>>> {
    return await this.redis.hgetall(keys.alarms());
  }

  /** In place of what was there. */
  async save(entries: Readonly<Record<string, string>>): Promise<void> {
    const key = keys.alarms();
    const replace = this.redis.multi().del(key);
    if (Object.keys(entries).length > 0) replace.hset(key, entries).expire(key, KEPT_S);
    for (const [error] of (await replace.exec()) ?? []) if (error) throw error;
  }
}
