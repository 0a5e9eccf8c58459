import { ACCOUNT_STATES, selfId, type AccountState, type NodeId, type SelfId } from '@rookery/protocol';
import { z } from 'zod';
import type { Redis } from './client';
import { keys } from './keys';

/** An account went from one state to another. */
export interface AccountTransition {
  readonly self: SelfId;
  readonly from: AccountState;
  readonly to: AccountState;
  /** For people. */
  readonly reason: string;
  /** Milliseconds since 1970. */
  readonly at: number;
}

/** A transition as it is kept, with the connector that saw it. `id`: grows with each, over all accounts. */
export interface AccountEvent extends AccountTransition {
  readonly id: string;
  readonly node: string;
}

/** About how many transitions are kept, over all accounts: the history of days in a calm fleet, of minutes in a storm. */
const KEPT = 10_000;
const PAGE = 1_000;

const stored = z.object({
  self: z.string().transform(selfId),
  from: z.enum(ACCOUNT_STATES),
  to: z.enum(ACCOUNT_STATES),
  reason: z.string(),
  at: z.string().transform(Number),
  node: z.string(),
});

/** The history of account states: a bounded stream that console, command line and plugins read or follow. */
export class AccountEvents {
  constructor(private readonly redis: Redis) {}

  /** One round trip, whatever their number. After an error some may have been added; adding them again doubles those. */
  async append(node: NodeId, transitions: readonly AccountTransition[]): Promise<void> {
    if (transitions.length === 0) return;
    const pipeline = this.redis.pipeline();
    for (const { self, from, to, reason, at } of transitions) {
      const fields = ['self', self, 'from', from, 'to', to, 'reason', reason, 'at', String(at), 'node', node];
      pipeline.xadd(keys.accountEvents(), 'MAXLEN', '~', KEPT, '*', ...fields);
    }
    for (const [error] of (await pipeline.exec()) ?? []) if (error) throw error;
  }

  /** The newest ones first, of one account or of all. */
  async latest(count: number, self?: SelfId): Promise<AccountEvent[]> {
    const found: AccountEvent[] = [];
    let before = '+';
    for (;;) {
      const page = await this.redis.xrevrange(keys.accountEvents(), before, '-', 'COUNT', self ? PAGE : count);
      for (const [id, fields] of page) {
        const event = read(id, fields);
        if (self !== undefined && event.self !== self) continue;
        found.push(event);
        if (found.length >= count) return found;
      }
      const oldest = page.at(-1);
      if (self === undefined || page.length < PAGE || oldest === undefined) return found;
      before = `(${oldest[0]}`;
    }
  }

  /** Those after the event with this id, oldest first, at most `count`; for following. `0` is the beginning. */
  async after(id: string, count: number): Promise<AccountEvent[]> {
    const page = await this.redis.xrange(keys.accountEvents(), `(${id}`, '+', 'COUNT', count);
    return page.map(([entry, fields]) => read(entry, fields));
  }
}

function read(id: string, fields: readonly string[]): AccountEvent {
  const entries: [string, string][] = [];
  for (let at = 0; at + 1 < fields.length; at += 2) entries.push([fields[at] ?? '', fields[at + 1] ?? '']);
  return { id, ...stored.parse(Object.fromEntries(entries)) };
}
