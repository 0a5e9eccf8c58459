import { ACCOUNT_STATES, poolName, selfId, type AccountStatus, type SelfId } from '@rookery/protocol';
import { z } from 'zod';
import type { Redis } from './client';
import { keys } from './keys';

const stored = z.object({
  self: z.string().transform(selfId),
  pool: z.string().transform(poolName),
  mode: z.enum(['forward', 'reverse']),
  state: z.enum(ACCOUNT_STATES),
  reason: z.string(),
  since: z.number(),
});

/** Where connectors post the state of their accounts and the console reads it. */
export class AccountBoard {
  constructor(private readonly redis: Redis) {}

  async post(statuses: readonly AccountStatus[]): Promise<void> {
    if (statuses.length === 0) return;
    await this.redis.hset(keys.accountStatus(), ...statuses.flatMap((s) => [s.self, JSON.stringify(s)]));
  }

  async remove(accounts: readonly SelfId[]): Promise<void> {
    if (accounts.length > 0) await this.redis.hdel(keys.accountStatus(), ...accounts);
  }

  async all(): Promise<AccountStatus[]> {
    const entries = await this.redis.hgetall(keys.accountStatus());
    return Object.values(entries).map((entry) => stored.parse(JSON.parse(entry)));
  }
}
