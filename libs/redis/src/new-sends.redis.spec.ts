import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { selfId } from '@rookery/protocol';
import { ofOneServer, withTestRedis } from '@rookery/testing';
import type { Redis } from './client';
import { keys } from './keys';
import { NewSends } from './new-sends';
import { ScriptCommand } from './script-command';
import { OutgoingSends } from './outgoing-sends';

const self = selfId('10001');
let redis: Redis;
let sut: NewSends;
withTestRedis((connected) => {
  redis = connected;
});
beforeEach(async () => {
  sut = new NewSends(redis, { now: () => 1_800_000_000_000 });
});
afterEach(() => void jest.restoreAllMocks());

const put = (job: string, { lane = 'normal', chat = 'group:1', priority = 10, data = '{}', to = self } = {}) => {
  const name = `send_group_msg ${lane} group 1900000000000 ${chat}`;
  return sut.put(to, { job, name, priority, options: '{"attempts":1}', data, trace: `trace of ${job}` });
};
/** In rooms, by lane and age. */
const standing = async (of = self, lane = 'normal') => redis.zrange(keys.sending(of, `lane:${lane}`), '0', '-1');
const LANES = ['interactive', 'normal', 'bulk'] as const;

/** Not what tells a server the text of one. */
const isScript = ([command]: readonly unknown[]) => command instanceof ScriptCommand;

describe('NewSends', () => {
  it('stand in the rooms of their chats at once, where a look finds them by lane, then by age; for BullMQ they are delayed', async () => {
    await Promise.all([put('b1', { lane: 'bulk', priority: 100 }), put('n1'), put('i1', { lane: 'interactive' })]);
    await put('n2', { chat: 'group:2' });
    const found = await new OutgoingSends(redis).next(self, { lanes: LANES, shutKinds: [], inHand: [] });
    expect(found).toMatchObject({ found: [{ job: 'i1', lane: 'interactive', actionKind: 'group' }], more: true });
    expect(await standing()).toEqual(['n1', 'n2']);
    expect([
      await redis.zcard(keys.outgoing(self, 'delayed')),
      await redis.exists(keys.outgoing(self, 'prioritized')),
    ]).toEqual([4, 0]);
    expect(await redis.hgetall(keys.outgoing(self, 'n1'))).toEqual({
      ...{ name: 'send_group_msg normal group 1900000000000 group:1', data: '{}', opts: '{"attempts":1}' },
      ...{ timestamp: '1800000000000', delay: '0', priority: '10', trace: 'trace of n1' },
    });
  });

  it('come behind what a worker of an earlier version has put and nobody has sorted yet, however much that is', async () => {
    const name = 'send_group_msg normal group 1900000000000 group:1';
    const early = Array.from({ length: 100 }, (_, n) => `a${n}`);
    for (const [n, job] of early.entries()) {
      await redis.hset(keys.outgoing(self, job), { name, data: '{}', timestamp: 1 });
      await redis.zadd(keys.outgoing(self, 'prioritized'), 10 * 2 ** 32 + n, job);
    }
    await redis.set(keys.outgoing(self, 'pc'), early.length);
    await put('late');
    expect([(await standing()).length, await redis.zcard(keys.outgoing(self, 'prioritized'))]).toEqual([64, 37]);
    await put('later');
    expect(await standing()).toEqual([...early, 'late', 'later']);
  });

  it('put again, as after an answer that was lost, stay as they are', async () => {
    await put('a', { data: 'first' });
    await put('b');
    await put('a', { data: 'second' });
    await Promise.all([put('c', { data: 'first' }), put('c', { data: 'second' })]);
    expect(await redis.hget(keys.outgoing(self, 'c'), 'data')).toBe('first');
    expect([await standing(), await redis.hget(keys.outgoing(self, 'a'), 'data')]).toEqual([['a', 'b', 'c'], 'first']);
  });

  it('of all accounts travel together, on a Redis Cluster those of each account, and what comes up meanwhile in the next call', async () => {
    const other = selfId('10002');
    await put('known');
    const calls = jest.spyOn(redis, 'sendCommand');
    const first = [put('first'), put('b', { to: other })];
    await new Promise<void>((resolve) => process.nextTick(resolve));
    await Promise.all([...first, ...Array.from({ length: 10 }, (_, n) => put(`a${n}`)), put('c', { to: other })]);
    expect(calls.mock.calls.filter(isScript)).toHaveLength(redis.isCluster ? 4 : 2);
    const names = Array.from({ length: 10 }, (_, n) => `a${n}`);
    expect([await standing(), await standing(other)]).toEqual([
      ['known', 'first', ...names],
      ['b', 'c'],
    ]);
  });

  it('of an account whose keys are spoilt fail and no others, whichever is first in the call', async () => {
    const [first, spoilt, last] = ['10000', '10002', '10003'].map(selfId);
    await redis.set(keys.sending(spoilt!, 'rooms'), 'no hash');
    const ends = await Promise.allSettled([
      put('a', { to: spoilt! }),
      put('b', { to: first! }),
      put('c', { to: spoilt! }),
      put('d', { to: last! }),
    ]);
    expect(ends.map((end) => (end.status === 'rejected' ? (end.reason as Error).message : 'put'))).toEqual([
      ...[expect.stringContaining('WRONGTYPE'), 'put', expect.stringContaining('WRONGTYPE'), 'put'],
    ]);
    expect([await standing(first), await standing(last)]).toEqual([['b'], ['d']]);
    await redis.del(keys.sending(spoilt!, 'rooms'));
    await put('e', { to: spoilt! });
    expect(await standing(spoilt)).toEqual(['e']);
  });

  ofOneServer('fail together where the server has become a replica, and the connection is made anew', async () => {
    const closed = new Promise((resolve) => redis.once('close', resolve));
    await redis.call('REPLICAOF', ['127.0.0.1', '1']);
    const ends = await Promise.allSettled([put('a'), put('b', { to: selfId('10002') })]);
    expect(ends).toEqual(
      Array.from({ length: 2 }, () => ({
        status: 'rejected',
        reason: expect.objectContaining({ message: expect.stringContaining('READONLY') }),
      })),
    );
    await closed;
    await new Promise((resolve) => redis.once('ready', resolve));
    await redis.call('REPLICAOF', ['NO', 'ONE']);
    await put('a');
    expect(await standing()).toEqual(['a']);
  });

  it('that are long go in several calls, in their order, so that none holds Redis up', async () => {
    await put('known');
    const calls = jest.spyOn(redis, 'sendCommand');
    const data = 'x'.repeat(200_000);
    await Promise.all([put('a', { data }), put('b', { data }), put('c'), put('d')]);
    expect([calls.mock.calls.length, await standing()]).toEqual([2, ['known', 'a', 'b', 'c', 'd']]);
  });

  it('reject where Redis failed, all that travelled together', async () => {
    const calls = jest.spyOn(redis, 'sendCommand').mockRejectedValue(new Error('away') as never);
    const ends = await Promise.allSettled([put('a'), put('b')]);
    calls.mockRestore();
    expect(ends.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  });
});
