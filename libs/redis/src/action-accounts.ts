import { MINUTE, type SelfId } from '@rookery/protocol';
import type { Redis } from './client';
import { keys } from './keys';

/** An account that is asked for something all the time is noted this often by each process that does so. */
export const NOTED_AGAIN_MS = 10 * MINUTE;

/**
 * The accounts that something was asked of lately, also such as the registry does not know: nothing else leads to their queues when no
 * connector holds them. Rejects when Redis is away.
 */
export class ActionAccounts {
  constructor(private readonly redis: Redis) {}

  /** `at`: milliseconds since 1970. */
  async note(self: SelfId, at: number): Promise<void> {
    await this.redis.zadd(keys.actionAccounts(), at, self);
  }

  async all(): Promise<SelfId[]> {
    return (await this.redis.zrange(keys.actionAccounts(), '0', '-1')) as SelfId[];
  }

  /** Forgets the account, unless something waits for it or it was noted since `before`. */
  async forget(self: SelfId, before: number): Promise<void> {
    const noted = await this.redis.zscore(keys.actionAccounts(), self);
    if (noted === null || Number(noted) >= before) return;
    const places = ['wait', 'prioritized', 'delayed', 'active'];
    const waiting = places.flatMap((part) => [keys.outgoing(self, part), keys.reading(self, part)]);
    if ((await this.redis.exists(...waiting, keys.openActions(self))) === 0) {
      await this.redis.zrem(keys.actionAccounts(), self);
    }
  }
}
