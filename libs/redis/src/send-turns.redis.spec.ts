import { beforeEach, describe, expect, it, jest } from '@jest/globals';
import { actionId, actionKind, chatOf, messageId, selfId, type Action, type ActionResult } from '@rookery/protocol';
import { ofOneServer, withTestRedis } from '@rookery/testing';
import { ActionClaims, traceOf } from './action-claims';
import type { Redis } from './client';
import { keys } from './keys';
import { NewSends } from './new-sends';
import { OutgoingSends } from './outgoing-sends';
import { SendTurns, type Candidate } from './send-turns';

const self = selfId('10001');
const LANES = ['interactive', 'normal', 'bulk'] as const;
const clock = { now: () => Date.now() };

let redis: Redis;
let turns: SendTurns;
let sends: OutgoingSends;
let claims: ActionClaims;
withTestRedis(
  (connected) => {
    redis = connected;
    redis.setMaxListeners(0); // one per test
  },
  { use: 'consumer' },
);
beforeEach(() => {
  turns = new SendTurns(redis);
  sends = new OutgoingSends(redis, undefined, turns);
  claims = new ActionClaims(redis, turns);
  jest.restoreAllMocks();
});

const sent = (id: string): ActionResult => ({
  ...{ id: actionId(id), self, outcome: 'sent', endedAt: 1 },
  reference: { messageId: messageId(`m-${id}`) },
});
const actionOf = (id: string, group: string, text: string): Action => ({
  v: 1,
  id: actionId(id),
  self,
  name: 'send_group_msg',
  params: { group_id: group, message: [{ type: 'text', data: { text } }] },
  lane: 'normal',
  createdAt: Date.now(),
  expiresAt: Date.now() + 60_000,
  origin: { plugin: 'test' },
});
async function put(id: string, group = String(id.charCodeAt(0)), text = id): Promise<void> {
  const action = actionOf(id, group, text);
  const chat = chatOf(action);
  const name = `${action.name} normal ${actionKind(action.name, chat)} ${action.expiresAt} ${chat}`;
  const [data, trace] = [JSON.stringify(action), traceOf(action)];
  await new NewSends(redis, clock).put(self, { job: `a-${id}`, name, priority: 10, options: '{}', data, trace });
}
/** Looks and claims what it finds, under epoch 5. */
async function look(inHand: readonly string[] = [], { claim = 5, most = 4 } = {}) {
  return await sends.next(self, { lanes: LANES, shutKinds: [], inHand, most: () => most, claim });
}
async function found(...asked: Parameters<typeof look>): Promise<readonly Candidate[]> {
  const answer = await look(...asked);
  return answer.kind === 'found' ? answer.found : [];
}
const claimed = (all: readonly Candidate[]): string[] => all.map(({ job, claim }) => `${job} ${claim?.kind ?? 'free'}`);
const expiring = () => redis.zrange(keys.sending(self, 'expiry'), '0', '-1');

describe('a turn of an account', () => {
  it('takes outcomes and the next look along in one call, and the look knows of the outcomes', async () => {
    await put('a', '1');
    await put('b', '1');
    await put('c', '2');
    expect(claimed(await found([], { claim: NaN }))).toEqual(['a-a free', 'a-c free']);
    const calls = jest.spyOn(redis, 'sendCommand');
    const inHand = ['a-a', 'a-c'];
    const ends = [claims.record(sent('a'), { job: 'a-a' }), claims.record(sent('c'), { job: 'a-c' })];
    const next = sends.next(self, { lanes: LANES, shutKinds: [], inHand });
    expect(await Promise.all(ends)).toEqual([sent('a'), sent('c')]);
    expect(await next).toMatchObject({ found: [{ job: 'a-b' }], more: false });
    expect(calls).toHaveBeenCalledTimes(1);
    expect([await claims.find(self, actionId('a')), await claims.sentMessages(self)]).toEqual([
      sent('a'),
      ['m-a', 'm-c'],
    ]);
    expect(await redis.exists(keys.outgoing(self, 'a-a'))).toBe(0);
  });

  it('waits for a call of the account that is under way, and then takes all along that came meanwhile', async () => {
    for (const id of ['a', 'b', 'c']) await put(id);
    const calls = jest.spyOn(redis, 'sendCommand');
    const first = claims.record(sent('a'), { job: 'a-a' });
    await new Promise(setImmediate);
    const others = ['b', 'c'].map((id) => claims.record(sent(id), { job: `a-${id}` }));
    await Promise.all([first, ...others]);
    expect(calls).toHaveBeenCalledTimes(2);
    expect(await look()).toMatchObject({ kind: 'none', more: false });
  });

  it('keeps an outcome that was certain before', async () => {
    await put('a');
    await claims.record(sent('a'), { job: 'a-a' });
    const other = { ...sent('a'), outcome: 'refused' } as const;
    expect(await claims.record(other, { job: 'a-a' })).toEqual(sent('a'));
  });

  it('keeps the first of two outcomes of one action that travel together', async () => {
    await put('a');
    const other = { ...sent('a'), outcome: 'refused' } as const;
    const ends = [claims.record(sent('a'), { job: 'a-a' }), claims.record(other, { job: 'a-a' })];
    expect(await Promise.all(ends)).toEqual([sent('a'), sent('a')]);
    expect(await look()).toMatchObject({ kind: 'none', more: false });
  });

  it('ends some sends of a room and of others: what is behind them moves up, held rooms stay held, and empty rooms leave nothing', async () => {
    for (const id of ['a', 'b', 'c']) await put(id, '1');
    for (const id of ['h', 'i']) await put(id, '2');
    await put('z', '3');
    const [first] = await found([], { claim: NaN });
    const held = (await found([], { claim: NaN })).find(({ job }) => job === 'a-h');
    await sends.hold(self, held!.room, Date.now() + 60_000, 'mute');
    await Promise.all(['a', 'b', 'h', 'z'].map((id) => claims.record(sent(id), { job: `a-${id}` })));
    expect(first).toMatchObject({ job: 'a-a' });
    expect((await found([], { claim: NaN })).map(({ job }) => job)).toEqual(['a-c']);
    expect(await redis.zcard(keys.sending(self, 'held'))).toBe(1);
    await Promise.all(['c', 'i'].map((id) => claims.record(sent(id), { job: `a-${id}` })));
    expect(await redis.keys('*:{a10001}:*')).not.toEqual(
      expect.arrayContaining([expect.stringMatching(/held|ready|lane/)]),
    );
    expect(await redis.hkeys(keys.sending(self, 'rooms'))).toEqual(['@order']);
  });

  it('rejects all that travelled with it where Redis failed', async () => {
    const calls = jest.spyOn(redis, 'sendCommand').mockRejectedValue(new Error('away') as never);
    const ends = await Promise.allSettled([claims.record(sent('a'), { job: 'a-a' }), look()]);
    calls.mockRestore();
    expect(ends.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  });

  it('says exactly whether more waits than is in hand, also behind it in its chat', async () => {
    await put('a', '1');
    expect(await look([], { claim: NaN })).toMatchObject({ kind: 'found', more: false });
    await put('b', '1');
    expect(await look(['a-a'])).toMatchObject({ kind: 'none', more: true });
    await sends.end(self, 'a-a');
    expect(await look(['a-a', 'a-b'])).toMatchObject({ kind: 'none', more: false });
  });
});

describe('a look', () => {
  it('finds rooms of every kind by age, however many jobs stand in those of one', async () => {
    for (const id of ['b', 'c', 'd']) await put(id, '1');
    const other = { name: 'send_private_msg normal private 4000000000000 private:7', data: '{}', trace: '' };
    await new NewSends(redis, clock).put(self, { job: 'a-p', priority: 10, options: '{}', ...other });
    await put('e', '2');
    const jobs = (await found([], { claim: NaN })).map(({ job }) => job);
    expect(jobs).toEqual(['a-b', 'a-p', 'a-e']);
    expect((await found(['a-b', 'a-e'], { claim: NaN })).map(({ job }) => job)).toEqual(['a-p']);
  });

  it('of an account of which only an entry is left whose job is gone drops that, and does not ask to be repeated for it', async () => {
    await redis.zadd(keys.sending(self, 'expiry'), 1, 'a-gone');
    expect(await look()).toMatchObject({ kind: 'none', againMs: undefined, more: false });
    expect(await expiring()).toEqual([]);
  });
});

describe('a room', () => {
  const rooms = keys.sending(self, 'rooms');

  it('whose number still stands, a million arrivals later, gets another one: no chat is mixed with another', async () => {
    await put('a', '1');
    await redis.hset(rooms, '@order', 2 ** 20);
    await put('b', '2');
    await put('c', '1');
    expect((await found([], { claim: NaN })).map(({ job, room }) => [job, room])).toEqual([
      ['a-a', String(2 ** 20 + 1)],
      ['a-b', '1'],
    ]);
    await Promise.all(['a', 'b'].map((id) => claims.record(sent(id), { job: `a-${id}` })));
    expect((await found([], { claim: NaN })).map(({ job }) => job)).toEqual(['a-c']);
  });

  it('that the version before has made is gone on with, and its number given back', async () => {
    const name = `send_group_msg normal group 4000000000000 group:7`;
    await redis.hset(keys.outgoing(self, 'a-old'), { name, data: '{}', timestamp: 1, trace: '' });
    await redis.hset(rooms, {
      '@order': 5,
      '@rooms': 3,
      'rnormal group:7': 3,
      n3: 'normal group:7',
      at3: 'normal:group',
    });
    await redis.zadd(keys.outgoing(self, 'delayed'), -(2 ** 53) + 3 * 2 ** 32 + 5, 'a-old');
    await redis.zadd(keys.sending(self, 'lane:normal'), 5, 'a-old');
    await redis.zadd(keys.sending(self, 'ready:normal:group'), 5, '3');
    const send = { job: 'a-new', name, priority: 10, options: '{}', data: '{}', trace: '' };
    await new NewSends(redis, clock).put(self, send);
    expect(await found([], { claim: NaN })).toMatchObject([{ job: 'a-old', room: '3' }]);
    await claims.record(sent('old'), { job: 'a-old' });
    expect(await found([], { claim: NaN })).toMatchObject([{ job: 'a-new', room: '3' }]);
    await claims.record(sent('new'), { job: 'a-new' });
    expect(await redis.smembers(keys.sending(self, 'rooms-free'))).toEqual(['3']);
    expect(await redis.hgetall(rooms)).toEqual({ '@order': '6', '@rooms': '3' });
  });
});

describe('a look that claims', () => {
  ofOneServer('takes the claim, what is needed to find out what came of it, and the run of Redis', async () => {
    await put('a');
    await put('b');
    expect(claimed(await found([], { most: 1 }))).toEqual(['a-a ours']);
    expect(await claims.open(self)).toMatchObject([{ id: 'a', name: 'send_group_msg', target: 'group:97' }]);
    expect(await redis.hget(keys.sending(self, 'pace'), 'run')).toMatch(/^\w{40}$/);
    expect([await expiring(), await redis.get(keys.fence(self))]).toEqual([['a-b'], '5']);
    // Somebody else who holds the account finds it begun.
    const heir = new OutgoingSends(redis);
    const answer = await heir.next(self, { lanes: LANES, shutKinds: [], inHand: [], claim: 6 });
    expect(answer.kind === 'found' && claimed(answer.found)).toEqual(['a-a open']);
    await claims.record(sent('a'), { job: 'a-a' });
    expect(await claims.open(self)).toEqual([]);
  });

  ofOneServer('takes nothing for a holder of the account that is not the newest', async () => {
    await put('a');
    await claims.raiseFence(self, 6);
    expect(claimed(await found())).toEqual(['a-a free']);
    expect(await redis.exists(keys.claim(self, actionId('a')))).toBe(0);
  });

  ofOneServer(
    'leaves to admission what holds a file, which is uploaded before, and what an earlier version has put',
    async () => {
      await put('file', '1', 'base64://AAAA');
      await put('old', '2');
      await redis.hdel(keys.outgoing(self, 'a-old'), 'trace');
      await put('new', '3');
      expect(claimed(await found())).toEqual(['a-file free', 'a-old free', 'a-new ours']);
    },
  );

  ofOneServer('tells what came of an action that was put again after it had ended', async () => {
    await claims.record(sent('a'));
    await put('a');
    expect(await found()).toMatchObject([{ job: 'a-a', claim: { kind: 'ended', result: sent('a') } }]);
  });

  ofOneServer('takes anew what it had taken when its answer was lost, and nothing that was acted upon', async () => {
    await put('a');
    await put('b');
    expect(claimed(await found([], { most: 1 }))).toEqual(['a-a ours']);
    const run = redis.sendCommand.bind(redis) as (...args: unknown[]) => Promise<unknown>;
    jest.spyOn(redis, 'sendCommand').mockImplementationOnce((async (...args: unknown[]) => {
      await run(...args);
      throw new Error('Command timed out');
    }) as never);
    await expect(look(['a-a'])).rejects.toThrow('timed out');
    expect(await redis.get(keys.claim(self, actionId('b')))).toMatch(/^open 5 /);
    // As a process does that has lost what it had in hand, which is no reason to send it again.
    expect(claimed(await found())).toEqual(['a-a open', 'a-b ours']);
    expect(claimed(await found())).toEqual(['a-a open', 'a-b open']);
  });

  ofOneServer('is given back: the send expires again, and the next look finds it as it was', async () => {
    await put('a');
    const [one] = await found();
    if (one?.claim?.kind !== 'ours') throw new Error('not claimed');
    await sends.unclaim(self, one.job, one.claim);
    expect([await expiring(), await claims.open(self)]).toEqual([['a-a'], []]);
    expect(claimed(await found())).toEqual(['a-a ours']);
    // Not by whoever took it before.
    await sends.unclaim(self, one.job, one.claim);
    expect(claimed(await found())).toEqual(['a-a open']);
  });

  ofOneServer('is taken anew where it could not be given back, and those of the same look are not', async () => {
    await put('a');
    await put('b');
    const [one] = await found();
    if (one?.claim?.kind !== 'ours') throw new Error('not claimed');
    jest.spyOn(redis, 'sendCommand').mockRejectedValueOnce(new Error('away') as never);
    await expect(sends.unclaim(self, one.job, one.claim)).rejects.toThrow('away');
    expect(claimed(await found())).toEqual(['a-a ours', 'a-b open']);
  });

  ofOneServer('is released by its epoch, as a claim of admission is', async () => {
    await put('a');
    await found();
    const action = actionOf('a', '97', 'a');
    expect([await claims.release(action, 50), await claims.release(action, 5)]).toEqual([false, true]);
  });

  ofOneServer('counts one send more where the Redis that it meets is not the one of the last send', async () => {
    await put('a');
    await redis.hset(keys.sending(self, 'pace'), { run: 'another', count: 7 });
    await found();
    const pace = await redis.hgetall(keys.sending(self, 'pace'));
    expect([pace['count'], pace['forgot'], Number(pace['lost']) > 0]).toEqual(['8', '1', true]);
  });
});
