import { texts, type MessageContext, type RequestContext } from '@rookery/plugin-kit';
import { RookeryError, type ActionResult, type SelfId } from '@rookery/protocol';

const SAY = texts({
  friend: { zh: '{user} 想加 {self} 为好友：{comment}', en: '{user} wants to be a friend of {self}: {comment}' },
  'group.add': { zh: '{user} 申请加入群 {group}：{comment}', en: '{user} wants to join group {group}: {comment}' },
  'group.invite': { zh: '{user} 邀请 {self} 加入群 {group}', en: '{user} invites {self} into group {group}' },
  how: {
    zh: '请求 {id}：同意发送 /approve {id}，拒绝发送 /reject {id} 理由，7 天内有效。',
    en: 'Request {id}: /approve {id}, or /reject {id} reason; within 7 days.',
  },
});
const KEPT = '7d';
const NAME = 'request:';

/** A request that waits for a superuser; in the storage of the pool, so that any account of it can be answered to. */
export type WaitingRequest = {
  readonly id: number;
  readonly kind: 'friend' | 'group.add' | 'group.invite';
  readonly self: string;
  readonly user: string;
  readonly group?: string;
  readonly flag: string;
  readonly comment: string;
};

/** Stores the request and tells every superuser. A repeated handler finds what it stored before, and its messages are not sent twice. */
export async function askSuperusers(c: RequestContext): Promise<void> {
  const { id: eventId, kind, self, userId, groupId, flag, comment } = c.event;
  const id = await c.storage.pool.increment('requests');
  const stored = await c.storage.pool.update<WaitingRequest>(
    NAME + eventId,
    (known) =>
      known ?? { id, kind, self, user: userId, ...(groupId !== undefined && { group: groupId }), flag, comment },
    { for: KEPT },
  );
  if (!stored) throw new RookeryError('INTERNAL', 'a request that was stored is not there');
  const message = `${described(c, stored)}\n${c.text(SAY.how, { id: stored.id })}`;
  const superusers = await c.superusers();
  const results = await Promise.all(superusers.map((user) => c.send({ user }, message)));
  if (results.some(({ outcome }) => outcome === 'sent' || outcome === 'unknown')) return;
  c.log.warn(
    { kind, userId, superusers: superusers.length },
    'no superuser could be told of a request; it waits in QQ, and under `/pending`',
  );
}

/** In the order in which they came; 100 at most. */
export async function waitingRequests(
  c: MessageContext,
): Promise<readonly (WaitingRequest & { readonly name: string })[]> {
  const found = await c.storage.pool.list<WaitingRequest>(NAME);
  return found.map(({ name, value }) => ({ name, ...value })).sort((a, b) => a.id - b.id);
}

/** By the account that was asked. */
export async function decideWaiting(
  c: MessageContext,
  { kind, self, flag }: WaitingRequest,
  accept: boolean,
  reason: string | undefined,
): Promise<ActionResult> {
  const bot = await c.account(self as SelfId);
  if (kind === 'friend') return accept ? bot.approveFriend(flag) : bot.rejectFriend(flag);
  return accept ? bot.approveGroup(flag) : bot.rejectGroup(flag, reason);
}

/** One line for people. */
export function described(
  c: Pick<MessageContext | RequestContext, 'text'>,
  { kind, self, user, group = '', comment }: WaitingRequest,
): string {
  switch (kind) {
    case 'friend':
      return c.text(SAY.friend, { self, user, comment });
    case 'group.add':
      return c.text(SAY['group.add'], { user, group, comment });
    case 'group.invite':
      return c.text(SAY['group.invite'], { self, user, group });
  }
}
