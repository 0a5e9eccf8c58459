import {
  actionId,
  groupId,
  groupTarget,
  RookeryError,
  SECOND,
  userId,
  userTarget,
  type ActionResult,
  type BroadcastId,
  type BroadcastStatus,
  type BroadcastTarget,
  type Clock,
  type SelfId,
} from '@rookery/protocol';
import { z } from 'zod';
import type { Outbox } from '../outbox';

const LIFE_MS = 30 * SECOND;

const number = z.union([z.string(), z.number().int().nonnegative().transform(String)]);
const groups = z.array(z.object({ group_id: number.transform(groupId) }));
const friends = z.array(z.object({ user_id: number.transform(userId) }));

/** Asks an account which groups it is in and who its friends are. */
export class Reach {
  constructor(
    private readonly outbox: Pick<Outbox, 'ask'>,
    private readonly clock: Clock,
  ) {}

  /** Those that a broadcast of this audience may need. Rejects when the account gives no answer that can be used. */
  async of(
    self: SelfId,
    { id, audience }: Pick<BroadcastStatus, 'id' | 'audience'>,
    signal: AbortSignal,
  ): Promise<BroadcastTarget[]> {
    const ask = async (name: string) => dataOf(name, await this.#ask(self, id, name, signal));
    const found: BroadcastTarget[] = [];
    if (audience !== 'friends') {
      found.push(...groups.parse(await ask('get_group_list')).map(({ group_id }) => groupTarget(group_id)));
    }
    if (audience !== 'groups') {
      const people = friends.parse(await ask('get_friend_list')).map(({ user_id }) => user_id);
      // QQ lists an account among its own friends.
      found.push(...people.filter((person) => String(person) !== String(self)).map(userTarget));
    }
    return found;
  }

  async #ask(self: SelfId, id: BroadcastId, name: string, signal: AbortSignal): Promise<ActionResult> {
    const now = this.clock.now();
    const action = {
      v: 1,
      // With the time, so that a later question is not answered with this one's recorded answer.
      id: actionId(`b.${id}.${name}.${self}.${now.toString(36)}`),
      self,
      name,
      params: {},
      lane: 'read',
      createdAt: now,
      expiresAt: now + LIFE_MS,
      origin: { plugin: 'broadcast' },
    } as const;
    return await this.outbox.ask(action, signal).result;
  }
}

function dataOf(name: string, { outcome, data, error }: ActionResult): unknown {
  if (outcome === 'sent') return data;
  throw new RookeryError(error?.code ?? 'ACTION_NO_REPLY', `${name} was not answered: ${error?.message ?? outcome}`);
}
