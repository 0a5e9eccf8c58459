import {
  ACCOUNT_STATES,
  nodeId,
  poolName,
  selfId,
  type AccountStatus,
  type NodeId,
  type SelfId,
} from '@rookery/protocol';
import { z } from 'zod';
import type { Redis } from './client';
import { keys } from './keys';
import { LEAVE_BOARD } from './scripts/leave-board';

const stored = z.object({
  self: z.string().transform(selfId),
  pool: z.string().transform(poolName),
  mode: z.enum(['forward', 'reverse']),
  state: z.enum(ACCOUNT_STATES),
  reason: z.string(),
  since: z.number(),
  node: z.string().transform(nodeId),
  implementation: z.exactOptional(
    z.object({
      name: z.enum(['napcat', 'llbot', 'go-cqhttp', 'other']),
      version: z.string(),
      packetBackend: z.exactOptional(z.boolean()),
      format: z.exactOptional(z.enum(['array', 'string'])),
    }),
  ),
});

/** The state of an account and the connector that says so. */
export type PostedStatus = AccountStatus & { readonly node: NodeId };

/** States in which the right account is at the other end of an open connection. */
const CONNECTED: ReadonlySet<AccountStatus['state']> = new Set(['online', 'deaf', 'offline', 'paused']);

/**
 * What connectors last said about their accounts. An entry of a form that is not known, as another version may write it, is as if nothing had
 * been said of that account: it must not hide all others.
 */
export class AccountBoard {
  constructor(private readonly redis: Redis) {}

  async all(): Promise<PostedStatus[]> {
    return Object.values(await this.redis.hgetall(keys.accountStatus())).flatMap((entry) => read(entry) ?? []);
  }

  async find(self: SelfId): Promise<PostedStatus | undefined> {
    return read(await this.redis.hget(keys.accountStatus(), self));
  }
}

function read(entry: string | null): PostedStatus | undefined {
  return entry === null ? undefined : stored.safeParse(JSON.parse(entry)).data;
}

/**
 * One connector's way to the board. What it says when it gives an account up (`stopped`, or nothing any more) counts only while
 * no other connector has spoken for the account: after a handover the newer holder's word stands.
 */
export class AccountBoardWriter {
  constructor(
    private readonly redis: Redis,
    private readonly node: NodeId,
  ) {}

  async post(statuses: readonly AccountStatus[]): Promise<void> {
    const entry = (status: AccountStatus) => [status.self, JSON.stringify({ ...status, node: this.node })];
    const held = statuses.filter(({ state }) => state !== 'stopped');
    if (held.length > 0) await this.redis.hset(keys.accountStatus(), ...held.flatMap(entry));
    await this.#leave(statuses.filter(({ state }) => state === 'stopped').flatMap(entry));
  }

  /** Those of the accounts that another connector says it has a live connection of. */
  async onlineElsewhere(accounts: readonly SelfId[]): Promise<SelfId[]> {
    if (accounts.length === 0) return [];
    const entries = await this.redis.hmget(keys.accountStatus(), ...accounts);
    return entries.flatMap((entry) => {
      const status = read(entry);
      return status !== undefined && status.node !== this.node && CONNECTED.has(status.state) ? [status.self] : [];
    });
  }

  async remove(accounts: readonly SelfId[]): Promise<void> {
    await this.#leave(accounts.flatMap((self) => [self, '']));
  }

  async #leave(entries: readonly string[]): Promise<void> {
    if (entries.length > 0) await this.redis.eval(LEAVE_BOARD, 1, keys.accountStatus(), this.node, ...entries);
  }
}
