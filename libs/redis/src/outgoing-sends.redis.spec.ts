import { beforeEach, describe, expect, it, jest } from '@jest/globals';
import { actionId, chatOf, actionKind, selfId, type Action, type Lane } from '@rookery/protocol';
import { ofOneServer, withTestRedis } from '@rookery/testing';
import { ActionClaims } from './action-claims';
import type { Redis } from './client';
import { keys } from './keys';
import { OutgoingSends } from './outgoing-sends';
import type { Candidate } from './send-turns';
import type { SendLane, SendLimits } from './send-limits';

const self = selfId('10001');
const START = 1_800_000_000_000;
const LANES = ['interactive', 'normal', 'bulk'] as const;
const NONE: SendLimits = {
  paced: true,
  account: [],
  kind: [],
  chat: [],
  same: [],
  gap: 0,
  jitter: 0,
  lost: 1,
  again: 0,
  cold: 0,
};

let redis: Redis;
let now: number;
let sut: OutgoingSends;
let count: number;
withTestRedis(
  (connected) => {
    redis = connected;
    redis.setMaxListeners(0); // one per test
  },
  { use: 'consumer' },
);
beforeEach(async () => {
  now = START;
  count = 0;
  sut = new OutgoingSends(redis, () => now);
});

/** As BullMQ stores it: the job, and its id among the prioritized ones. */
async function put(id: string, group: string, lane: Lane = 'normal', expiresIn = 3_600_000): Promise<void> {
  const action: Action = {
    v: 1,
    id: actionId(id),
    self,
    name: 'send_group_msg',
    params: { group_id: group, message: [{ type: 'text', data: { text: id } }] },
    lane,
    createdAt: now,
    expiresAt: now + expiresIn,
    origin: { plugin: 'test' },
  };
  const chat = chatOf(action);
  const name = `${action.name} ${lane} ${actionKind(action.name, chat)} ${action.expiresAt} ${chat}`;
  await redis.hset(keys.outgoing(self, `a-${id}`), { name, data: JSON.stringify(action), timestamp: now });
  const priority = { interactive: 1, normal: 10, bulk: 100, read: 1 }[lane];
  await redis.zadd(keys.outgoing(self, 'prioritized'), priority * 2 ** 32 + count++, `a-${id}`);
}

async function look(
  lanes: readonly SendLane[] = LANES,
  inHand: readonly string[] = [],
): Promise<Candidate | undefined> {
  for (;;) {
    const answer = await sut.next(self, { lanes, shutKinds: [], inHand });
    if (answer.kind === 'found') return answer.found[0];
    if (!answer.left) return undefined;
  }
}

function admit(found: Candidate, limits: Partial<SendLimits> = {}, epoch = 5, text?: string) {
  const action = JSON.parse(found.data) as Action;
  const logs = { kind: found.actionKind, chat: chatOf(action), ...(text !== undefined && { text }) };
  return sut.admit({ action, job: found.job, room: found.room, epoch, limits: { ...NONE, ...limits }, logs });
}

/** Looks, admits and ends until nothing can be sent now; returns what was sent. */
async function drain(limits: Partial<SendLimits>, most = 100): Promise<string[]> {
  const sent: string[] = [];
  while (sent.length < most) {
    const found = await look();
    if (!found) break;
    const admission = await admit(found, limits);
    if (admission.kind === 'wait') {
      if (admission.layer === 'conversation' || admission.layer === 'repeats') continue;
      break;
    }
    sent.push(found.job.slice(2));
    await sut.end(self, found.job);
  }
  return sent;
}

describe('OutgoingSends', () => {
  it('hands out by lane, then by age, and keeps the order of each chat', async () => {
    await put('b1', '1', 'bulk');
    await put('n1', '1');
    await put('n2', '2');
    await put('n3', '1');
    await put('i1', '3', 'interactive');
    expect(await drain({})).toEqual(['i1', 'n1', 'n2', 'n3', 'b1']);
    expect((await redis.keys('*:actions-*')).length).toBe(0);
    expect(await sut.explain(self, [])).toMatchObject({
      held: [],
      lanes: [{ waiting: 0 }, { waiting: 0 }, { waiting: 0 }],
    });
  });

  it('lets other chats go on while one has to wait for its own limit, however much waits there', async () => {
    for (let n = 0; n < 300; n++) await put(`a${n}`, '1');
    await put('other', '2');
    const limits = { chat: [[1, 2_000]] as const };
    expect(await drain(limits)).toEqual(['a0', 'other']);
    expect((await sut.explain(self, [])).held).toEqual([
      { lane: 'normal', chat: 'group:1', until: START + 2_000, why: 'conversation', jobs: 299 },
    ]);
    now += 1_999;
    expect(await drain(limits)).toEqual([]);
    now += 1;
    expect(await drain(limits)).toEqual(['a1']);
  });

  it('hands out several in one look, those that come next in the lane, none of a chat whose first one is among them', async () => {
    await put('b1', '9', 'bulk');
    for (const [id, group] of [
      ['n1', '1'],
      ['n2', '2'],
      ['n3', '1'],
      ['n4', '4'],
    ] as const)
      await put(id, group);
    const found = await sut.next(self, { lanes: LANES, shutKinds: [], inHand: [], most: () => 3 });
    const ids = found.kind === 'found' ? found.found.map(({ job, lane }) => `${job} ${lane}`) : [];
    expect(ids).toEqual(['a-n1 normal', 'a-n2 normal', 'a-n4 normal']);
  });

  it('keeps no second job of a chat while its first one is in hand', async () => {
    await put('a', '1');
    await put('b', '1');
    const first = await look();
    expect(first?.job).toBe('a-a');
    expect(await look(LANES, [String(first?.job)])).toBeUndefined();
  });

  it.each<[string, Partial<SendLimits>, number]>([
    ['account', { account: [[2, 10_000]] }, 10_000],
    ['kind', { kind: [[2, 10_000]] }, 10_000],
    ['gap', { gap: 700, jitter: 300 }, 1_000],
    ['day', { day: [START, START + 60_000, 2] }, 60_000],
  ])('says which layer makes it wait and for how long: %s', async (layer, limits, ms) => {
    for (const n of [1, 2, 3]) await put(`x${n}`, String(n));
    await drain(limits, layer === 'gap' ? 1 : 2);
    const found = await look();
    expect(found && (await admit(found, limits))).toMatchObject({ kind: 'wait', layer, ms });
    now += ms;
    if (layer === 'day') limits = { day: [START + 60_000, START + 120_000, 2] };
    expect(found && (await admit(found, limits))).toMatchObject({ kind: 'now' });
  });

  it('holds back the same text to the same chat, and lets another text go', async () => {
    const limits = { same: [[1, 5_000]] as const };
    for (const id of ['a', 'b', 'c']) await put(id, '1');
    const first = await look();
    expect(first && (await admit(first, limits, 5, 'same'))).toMatchObject({ kind: 'now' });
    await sut.end(self, 'a-a');
    const second = await look();
    expect(second && (await admit(second, limits, 5, 'same'))).toMatchObject({ kind: 'wait', layer: 'repeats' });
    await sut.release(self, ['repeats']);
    expect(second && (await admit(second, limits, 5, 'other'))).toMatchObject({ kind: 'now' });
  });

  it.each([
    ['its gap', { gap: 1_200, jitter: 300 }, { nextMs: 1_500, nextBy: 'gap', chatMs: 0 }],
    [
      'a full window',
      { gap: 1_200, account: [[1, 60_000]] as const },
      { nextMs: 60_000, nextBy: 'account', chatMs: 0 },
    ],
    ['its chat alone', { chat: [[1, 2_000]] as const }, { nextMs: 0, nextBy: 'gap', chatMs: 2_000 }],
    ['nothing, of what nobody sees', { paced: false, gap: 1_200 }, { nextMs: 0, nextBy: 'gap', chatMs: 0 }],
  ])('says with the admission for how long and by what the next one is kept back: %s', async (_, limits, expected) => {
    await put('a', '1');
    const found = await look();
    expect(found && (await admit(found, limits))).toMatchObject({ kind: 'now', ...expected });
  });

  it('never exceeds a window, also when the clock is set back', async () => {
    for (let n = 0; n < 9; n++) await put(`x${n}`, String(n));
    const limits = { account: [[2, 10_000]] as const };
    expect(await drain(limits)).toHaveLength(2);
    now -= 600_000;
    expect(await drain(limits)).toEqual([]);
    now += 300_000;
    expect(await drain(limits)).toEqual([]);
  });

  it('refuses a former holder, and answers an action that was claimed or ended before', async () => {
    await put('a', '1');
    const found = await look();
    if (!found) throw new Error('nothing waits');
    await new ActionClaims(redis).raiseFence(self, 7);
    expect(await admit(found, {}, 6)).toEqual({ kind: 'stale' });
    expect(await admit(found, {}, 7)).toMatchObject({ kind: 'now' });
    expect(await admit(found, {}, 8)).toEqual({ kind: 'open' });
    const result = { id: actionId('a'), self, outcome: 'sent' as const, endedAt: 1 };
    await new ActionClaims(redis).record(result);
    expect(await admit(found, {}, 8)).toEqual({ kind: 'ended', result });
  });

  it('keeps an outcome and lets its job go in one call, and the next one of the chat moves up', async () => {
    for (const id of ['a', 'b']) await put(id, '1');
    const claims = new ActionClaims(redis);
    const found = await look();
    if (!found) throw new Error('nothing waits');
    await admit(found);
    const result = { id: actionId('a'), self, outcome: 'sent' as const, endedAt: 1 };
    const calls = jest.spyOn(redis, 'sendCommand');
    expect(await claims.record(result, { job: found.job })).toEqual(result);
    expect(calls.mock.calls.length).toBe(1);
    calls.mockRestore();
    expect([await redis.exists(keys.outgoing(self, 'a-a')), await claims.open(self)]).toEqual([0, []]);
    expect(await claims.find(self, actionId('a'))).toEqual(result);
    expect((await look())?.job).toBe('a-b');
  });

  it('lets the job go also where another certain outcome stands, and says which', async () => {
    await put('a', '1');
    const claims = new ActionClaims(redis);
    const found = await look();
    if (!found) throw new Error('nothing waits');
    await admit(found);
    const first = { id: actionId('a'), self, outcome: 'refused' as const, endedAt: 1 };
    await claims.record(first);
    expect(await claims.record({ ...first, outcome: 'sent' }, { job: found.job })).toEqual(first);
    expect([await look(), (await redis.keys('*:actions-*')).length]).toEqual([undefined, 0]);
  });

  it('takes nothing of the limits for what was not admitted', async () => {
    await put('a', '1');
    await put('b', '2');
    const limits = { account: [[1, 1_000]] as const, chat: [[1, 60_000]] as const };
    expect(await drain(limits)).toEqual(['a']);
    const found = await look();
    for (let n = 0; n < 5; n++) expect(found && (await admit(found, limits))).toMatchObject({ kind: 'wait' });
    now += 1_000;
    expect(await drain(limits)).toEqual(['b']);
  });

  it('stays shut for a window after a new beginning, and after a restart of Redis that kept its logs', async () => {
    await put('a', '1');
    await put('b', '2');
    const limits = { account: [[5, 10_000]] as const, again: 1_500, cold: 10_000 };
    await sut.shut(self, 1_500, 10_000);
    const found = await look();
    expect(found && (await admit(found, limits))).toMatchObject({ kind: 'wait', layer: 'cold_start', ms: 1_500 });
    now += 1_500;
    expect(await drain(limits, 1)).toEqual(['a']);
    await redis.hset(keys.sending(self, 'pace'), 'run', 'another');
    const next = await look();
    expect(next && (await admit(next, limits))).toMatchObject({ kind: 'wait', layer: 'cold_start', ms: 1_500 });
    now += 10_000;
    expect(await drain(limits)).toEqual(['b']);
  });

  it('counts one send more in every log after a restart of Redis, for what its append-only file may have lost', async () => {
    await put('a', '1');
    await put('b', '2');
    await put('c', '3');
    const limits = { account: [[3, 10_000]] as const, day: [START - 1, START + 86_400_000, 50] as const };
    expect(await drain(limits, 1)).toEqual(['a']);
    now += 100;
    await redis.hset(keys.sending(self, 'pace'), 'run', 'another');
    expect(await drain(limits)).toEqual(['b']);
    const explained = await sut.explain(self, []);
    expect(explained.sentToday?.sends).toBe(3);
    now = START + 10_000;
    expect(await drain(limits)).toEqual(['c']);
  });

  it('counts as many sends more as the last second allowed, in windows of fewer too', async () => {
    for (const id of ['a', 'b', 'c', 'd']) await put(id, '1');
    const limits = { account: [[5, 10_000]] as const, kind: [[2, 4_000]] as const, lost: 3 };
    expect(await drain(limits, 1)).toEqual(['a']);
    now += 100;
    await redis.hset(keys.sending(self, 'pace'), 'run', 'another');
    expect(await drain(limits)).toEqual([]);
    now += 4_000;
    expect(await drain(limits)).toEqual(['b']);
    now = START + 10_000;
    expect(await drain(limits)).toEqual(['c']);
    now = START + 10_100;
    expect(await drain(limits)).toEqual(['d']);
  });

  it('shuts the account for its longest window where its logs are gone though it has sent', async () => {
    const limits = { account: [[5, 10_000]] as const, again: 1_500, cold: 10_000 };
    await put('a', '1');
    expect(await drain(limits)).toEqual(['a']);
    await redis.flushall();
    await put('b', '1');
    const found = await look();
    expect(found && (await admit(found, limits))).toMatchObject({ kind: 'wait', layer: 'cold_start', ms: 10_000 });
    now += 10_000;
    expect(await drain(limits)).toEqual(['b']);
  });

  async function rests(_name: string, before: () => Promise<void>, ms: number): Promise<void> {
    await before();
    await sut.shut(self, 1_500, 10_000);
    expect((await sut.explain(self, [])).shutUntil).toBe(now + ms);
  }

  it.each<[string, () => Promise<void>, number]>([
    ['a short one where it is new', async () => undefined, 1_500],
    [
      'the longest one where it had sent here, was given up and all is lost',
      async () => {
        await put('a', '1');
        expect(await drain({})).toEqual(['a']);
        await redis.flushall();
      },
      10_000,
    ],
  ])('an account that begins rests for a window: %s', rests);

  ofOneServer.each<[string, () => Promise<void>, number]>([
    [
      'the longest one where Redis was another one before and knows nothing of the account',
      async () => {
        const another = jest.spyOn(redis, 'info').mockResolvedValueOnce(`run_id:${'a'.repeat(40)}\r\n`);
        await sut.shut(selfId('10002'), 1, 1);
        expect(another).toHaveBeenCalledTimes(1);
        redis.emit('close');
      },
      10_000,
    ],
    [
      'a short one where a Redis that was restarted still knows it',
      async () => {
        jest.spyOn(redis, 'info').mockResolvedValueOnce(`run_id:${'a'.repeat(40)}\r\n`);
        await sut.shut(self, 1, 1);
        redis.emit('close');
      },
      1_500,
    ],
  ])('an account that begins rests for a window: %s', rests);

  ofOneServer(
    'asks Redis once who it is, however many accounts begin at the same time, and leaves no listener per account',
    async () => {
      const info = jest.spyOn(redis, 'info').mockClear();
      const listeners = redis.listenerCount('close');
      const accounts = Array.from({ length: 50 }, (_, n) => selfId(String(10_001 + n)));
      const begin = () => Promise.all(accounts.map((account) => sut.shut(account, 1, 1)));
      await begin();
      expect([info.mock.calls.length, redis.listenerCount('close')]).toEqual([1, listeners]);
      redis.emit('close');
      await begin();
      expect([info.mock.calls.length, redis.listenerCount('close')]).toEqual([2, listeners]);
      info.mockRestore();
    },
  );

  it('lets an admitted send expire that was given back unsent', async () => {
    await put('a', '1', 'normal', 5_000);
    const found = await look();
    if (!found) throw new Error('nothing waits');
    await admit(found);
    now += 6_000;
    expect((await look([]))?.expired).toBeUndefined();
    await sut.giveBack(self, found.job);
    expect(await look([])).toMatchObject({ job: 'a-a', expired: true });
  });

  it('lets the chat of a send wait that is to be tried again, in its order, while other chats go on', async () => {
    await put('a', '1', 'normal', 60_000);
    await put('b', '1');
    const found = await look();
    if (!found) throw new Error('nothing waits');
    await admit(found);
    await new ActionClaims(redis).release(JSON.parse(found.data) as Action, 5);
    await sut.giveBack(self, found.job, { tries: 1, ms: 4_000 });
    await put('c', '2');
    expect(await drain({})).toEqual(['c']);
    expect((await sut.explain(self, [])).held).toMatchObject([{ why: 'retry', until: now + 4_000, jobs: 2 }]);
    // Nothing but time ends it.
    await sut.release(self, ['muted', 'breaker', 'paused', 'offline', 'conversation', 'repeats']);
    expect(await look()).toBeUndefined();
    now += 4_000;
    expect(await look()).toMatchObject({ job: 'a-a', tries: 1 });
    expect(await drain({})).toEqual(['a', 'b']);
  });

  it('ends what waits for another try when its time is over, and forgets neither tries nor order', async () => {
    await put('a', '1', 'normal', 3_000);
    await put('b', '1');
    const found = await look();
    if (!found) throw new Error('nothing waits');
    await admit(found);
    await new ActionClaims(redis).release(JSON.parse(found.data) as Action, 5);
    await sut.giveBack(self, found.job, { tries: 2, ms: 16_000 });
    now += 3_500;
    expect(await look([])).toMatchObject({ job: 'a-a', expired: true, tries: 2 });
    await sut.end(self, 'a-a');
    now += 12_500;
    expect(await drain({})).toEqual(['b']);
  });

  it('makes nothing of a send that ended before it was put back for another try', async () => {
    await put('a', '1');
    const found = await look();
    if (!found) throw new Error('nothing waits');
    await sut.end(self, found.job);
    await sut.giveBack(self, found.job, { tries: 1, ms: 1_000 });
    expect(await redis.exists(keys.outgoing(self, found.job))).toBe(0);
    expect((await sut.explain(self, [])).held).toEqual([]);
  });

  it('a crash after the claim was given back, before the chat waits, leaves the send to be tried at once and once', async () => {
    await put('a', '1');
    const found = await look();
    if (!found) throw new Error('nothing waits');
    await admit(found);
    await new ActionClaims(redis).release(JSON.parse(found.data) as Action, 5);
    expect(await drain({})).toEqual(['a']);
  });

  it('a crash before the claim was given back leaves the outcome unknown, and nothing is sent again', async () => {
    await put('a', '1');
    const found = await look();
    if (!found) throw new Error('nothing waits');
    await admit(found);
    const after = await look();
    if (!after) throw new Error('nothing waits');
    expect(await admit(after, {}, 6)).toEqual({ kind: 'open' });
  });

  describe('that was read late by a frozen NapCat', () => {
    const gap = { gap: 1_000, jitter: 500 };
    const limits = { account: [[1, 4_000]], chat: [[1, 4_000]], kind: [[1, 4_000]], same: [[1, 4_000]] } as const;

    it.each([
      ['account', { account: limits.account }, 4_000],
      ['conversation', { chat: limits.chat }, 4_000],
      ['kind', { kind: limits.kind }, 4_000],
      ['repeats', { same: limits.same }, 4_000],
      ['gap', gap, 1_500],
    ] as const)(
      'weighs on the layer %s from then on, also when its log has ended meanwhile',
      async (layer, own, ms) => {
        await put('a', '1');
        await put('b', '1');
        const first = await look();
        if (!first) throw new Error('nothing waits');
        await admit(first, own, 5, 'same');
        await sut.end(self, first.job);
        now += 15_000;
        for (const log of await redis.keys('*:log:*')) await redis.del(log);
        const action = JSON.parse(first.data) as Action;
        const weighed = {
          limits: { ...NONE, ...own },
          logs: { kind: 'group', chat: chatOf(action), text: 'same' },
        } as const;
        await sut.reached(action, 100, weighed);
        await sut.reached(action, 100, weighed);
        const second = await look();
        if (!second) throw new Error('nothing waits');
        expect(await admit(second, own, 5, 'same')).toMatchObject({ kind: 'wait', layer, ms: ms - 100 });
        now += ms - 100;
        const again = await look();
        expect(again && (await admit(again, own, 5, 'same'))).toMatchObject({ kind: 'now' });
      },
    );

    it('and is not known to have been read counts from when somebody begins to send for the account', async () => {
      await put('a', '1');
      await put('b', '2');
      const own = { account: limits.account };
      expect(await drain(own, 0)).toEqual([]);
      const first = await look();
      if (!first) throw new Error('nothing waits');
      await admit(first, own);
      await sut.end(self, first.job);
      now += 15_000;
      await new OutgoingSends(redis, () => now).shut(self, 1_000, 4_000);
      now += 1_000;
      const second = await look();
      expect(second && (await admit(second, own))).toMatchObject({ kind: 'wait', layer: 'account', ms: 3_000 });
    });

    it('and is known to have been read is not counted anew by whoever begins', async () => {
      await put('a', '1');
      await put('b', '2');
      const own = { account: limits.account };
      const first = await look();
      if (!first) throw new Error('nothing waits');
      await admit(first, own);
      await sut.end(self, first.job, actionId('a'));
      now += 3_000;
      await sut.shut(self, 1_000, 4_000);
      now += 1_000;
      expect(await drain(own)).toEqual(['b']);
    });
  });

  it('hands out what has expired first, also where nothing may be sent, and from the middle of a held chat', async () => {
    await put('a', '1');
    await put('b', '1', 'normal', 5_000);
    const found = await look();
    if (!found) throw new Error('nothing waits');
    await sut.hold(self, found.room, now + 60_000, 'muted');
    expect(await sut.next(self, { lanes: LANES, shutKinds: [], inHand: [] })).toMatchObject({
      kind: 'none',
      againMs: 5_000,
    });
    now += 5_000;
    expect(await look([])).toMatchObject({ job: 'a-b', expired: true });
    await sut.end(self, 'a-b');
    expect(await look()).toBeUndefined();
    await sut.release(self, ['muted'], chatOf(JSON.parse(found.data) as Action));
    expect(await look()).toMatchObject({ job: 'a-a', expired: false });
  });

  it('sets a job aside that is not of its making, and takes those of an earlier version', async () => {
    await redis.hset(keys.outgoing(self, 'odd'), { name: 'rm -rf', data: 'no json' });
    await redis.lpush(keys.outgoing(self, 'wait'), 'odd');
    const old = { lane: 'bulk', conversation: 'group:default:9', expiresAt: now + 1_000 };
    await redis.hset(keys.outgoing(self, 'old'), { name: 'send_group_msg', data: JSON.stringify(old) });
    await redis.zadd(keys.outgoing(self, 'prioritized'), 100 * 2 ** 32, 'old', 100 * 2 ** 32 + 1, 'vanished');
    expect(await look()).toMatchObject({ job: 'odd', lane: 'normal' });
    await sut.setAside(self, 'odd', 'not ours');
    expect(await redis.zrange(keys.outgoing(self, 'failed'), '0', '-1')).toEqual(['odd']);
    expect(await look()).toMatchObject({ job: 'old', lane: 'bulk' });
    await redis.del(keys.outgoing(self, 'old'));
    expect(await look()).toBeUndefined();
  });

  it('tells what is used of each window and what waits in each lane', async () => {
    await put('a', '1');
    await put('b', '2', 'bulk');
    await drain({ account: [[9, 10_000]] }, 1);
    const explained = await sut.explain(self, [{ log: 'account', ms: 10_000 }]);
    expect(explained.used).toEqual([{ log: 'account', ms: 10_000, sends: 1 }]);
    expect(explained.lanes).toContainEqual({ lane: 'bulk', waiting: 1, oldestAt: START });
  });
});
