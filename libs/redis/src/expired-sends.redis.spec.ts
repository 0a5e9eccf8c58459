import { beforeEach, describe, expect, it } from '@jest/globals';
import { actionId, actionKind, chatOf, selfId, type Action, type ActionResult } from '@rookery/protocol';
import { withTestRedis } from '@rookery/testing';
import { ActionClaims } from './action-claims';
import type { Redis } from './client';
import { ExpiredSends } from './expired-sends';
import { keys } from './keys';
import { OutgoingSends } from './outgoing-sends';
import type { Candidate } from './send-turns';

const self = selfId('10001');
const START = 1_800_000_000_000;

let redis: Redis;
let now: number;
let count: number;
let sends: OutgoingSends;
let sut: ExpiredSends;
withTestRedis(
  (connected) => {
    redis = connected;
  },
  { use: 'consumer' },
);
beforeEach(async () => {
  [now, count] = [START, 0];
  sends = new OutgoingSends(redis, () => now);
  sut = new ExpiredSends(redis, () => now);
});

/** As BullMQ stores it: the job, and its id among the prioritized ones. */
async function put(id: string, group: string, expiresIn: number): Promise<void> {
  const action: Action = {
    v: 1,
    id: actionId(id),
    self,
    name: 'send_group_msg',
    params: { group_id: group },
    lane: 'normal',
    createdAt: now,
    expiresAt: now + expiresIn,
    origin: { plugin: 'test' },
  };
  const chat = chatOf(action);
  const name = `${action.name} normal ${actionKind(action.name, chat)} ${action.expiresAt} ${chat}`;
  await redis.hset(keys.outgoing(self, `a-${id}`), { name, data: JSON.stringify(action), timestamp: now });
  await redis.zadd(keys.outgoing(self, 'prioritized'), 10 * 2 ** 32 + count++, `a-${id}`);
}

const look = async (): Promise<Candidate | undefined> => {
  const found = await sends.next(self, { lanes: ['normal'], shutKinds: [], inHand: [] });
  return found.kind === 'found' ? found.found[0] : undefined;
};
const ended = (id: string): ActionResult => ({ id: actionId(id), self, outcome: 'not_sent', endedAt: now });
const end = async (ids: readonly string[]): Promise<string[]> => [
  ...(await sut.end(
    self,
    ids.map((id) => ({ job: `a-${id}`, result: ended(id) })),
  )),
];

describe('what waits past its expiry', () => {
  it('ends many at a time, each with its result, and nothing of it stays', async () => {
    for (const id of ['a', 'b', 'c']) await put(id, '1', 1_000);
    await put('later', '1', 60_000);
    await look();
    expect(await sut.find(self, 10, [])).toEqual([]);
    now += 1_000;
    const found = await sut.find(self, 10, []);
    expect(found.map(({ job, tries }) => [job, tries])).toEqual([
      ['a-a', 0],
      ['a-b', 0],
      ['a-c', 0],
    ]);
    expect(JSON.parse(found[1]?.data ?? '')).toMatchObject({ id: 'b' });
    expect(await end(['a', 'b', 'c'])).toEqual(['a-a', 'a-b', 'a-c']);
    expect(await new ActionClaims(redis).find(self, actionId('b'))).toEqual(ended('b'));
    expect(await sut.find(self, 10, [])).toEqual([]);
    expect(await redis.exists(keys.outgoing(self, 'a-a'), keys.outgoing(self, 'a-b'))).toBe(0);
    // The chat goes on with what is left of it.
    expect(await look()).toMatchObject({ job: 'a-later', expired: false });
  });

  it('is found a bounded number at a time, without what is in hand or was begun or ended by somebody', async () => {
    for (const id of ['hand', 'begun', 'done', 'a', 'b']) await put(id, id === 'hand' ? '2' : '1', 1_000);
    await look();
    now += 1_000;
    await redis.set(keys.claim(self, actionId('begun')), 'open 5');
    await redis.set(keys.claim(self, actionId('done')), JSON.stringify(ended('done')));
    const jobs = async (most: number) => (await sut.find(self, most, ['a-hand'])).map(({ job }) => job);
    expect(await jobs(10)).toEqual(['a-a', 'a-b']);
    expect((await jobs(3)).length).toBeLessThanOrEqual(3);
  });

  it('is left alone where it was begun after it was found', async () => {
    await put('a', '1', 1_000);
    await put('b', '1', 1_000);
    await look();
    now += 1_000;
    await redis.set(keys.claim(self, actionId('a')), 'open 5');
    expect(await end(['a', 'b'])).toEqual(['a-b']);
    expect(await redis.get(keys.claim(self, actionId('a')))).toBe('open 5');
    expect(await look()).toMatchObject({ job: 'a-a', expired: true });
  });

  it('leaves a chat held that has more waiting, and no chat behind that has nothing', async () => {
    await put('a', '1', 1_000);
    await put('later', '1', 60_000);
    await put('alone', '2', 1_000);
    const first = await look();
    if (!first) throw new Error('nothing waits');
    await sends.hold(self, first.room, now + 30_000, 'muted');
    const alone = await look();
    if (!alone) throw new Error('nothing waits');
    await sends.hold(self, alone.room, now + 30_000, 'muted');
    now += 1_000;
    expect(await end(['a', 'alone'])).toEqual(['a-a', 'a-alone']);
    expect(await look()).toBeUndefined();
    const { held, lanes } = await sends.explain(self, []);
    expect(held.map(({ chat, jobs }) => [chat, jobs])).toEqual([['group:1', 1]]);
    expect(lanes.find(({ lane }) => lane === 'normal')?.waiting).toBe(1);
    expect(await redis.zcard(keys.sending(self, 'expiry'))).toBe(1);
  });
});
