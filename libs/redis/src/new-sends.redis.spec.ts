import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { selfId } from '@rookery/protocol';
import { withTestRedis } from '@rookery/testing';
import type { Redis } from './client';
import { keys } from './keys';
import { NewSends } from './new-sends';

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

const put = (job: string, { priority = 10, data = '{}', to = self } = {}) =>
  sut.put(to, { job, name: `name of ${job}`, priority, options: '{"attempts":1}', data });
const waiting = (of = self) => redis.zrange(keys.outgoing(of, 'prioritized'), '0', '-1');

describe('NewSends', () => {
  it('stand by priority, then in the order in which they were put, as BullMQ has them', async () => {
    await Promise.all([put('b1', { priority: 100 }), put('n1'), put('i1', { priority: 1 }), put('n2')]);
    await put('n3');
    expect(await waiting()).toEqual(['i1', 'n1', 'n2', 'n3', 'b1']);
    expect(await redis.hgetall(keys.outgoing(self, 'n1'))).toEqual({
      ...{ name: 'name of n1', data: '{}', opts: '{"attempts":1}' },
      ...{ timestamp: '1800000000000', delay: '0', priority: '10' },
    });
  });

  it('put again, as after an answer that was lost, stay as they are', async () => {
    await put('a', { data: 'first' });
    await put('b');
    await put('a', { data: 'second' });
    expect([await waiting(), await redis.hget(keys.outgoing(self, 'a'), 'data')]).toEqual([['a', 'b'], 'first']);
  });

  it('of one turn and account travel together, those of another account beside them', async () => {
    const other = selfId('10002');
    await put('known');
    const calls = jest.spyOn(redis, 'evalsha');
    await Promise.all([...Array.from({ length: 10 }, (_, n) => put(`a${n}`)), put('b', { to: other })]);
    expect([calls.mock.calls.length, (await waiting()).length, await waiting(other)]).toEqual([2, 11, ['b']]);
  });

  it('that are long go in several calls, in their order, so that none holds Redis up', async () => {
    await put('known');
    const calls = jest.spyOn(redis, 'evalsha');
    const data = 'x'.repeat(200_000);
    await Promise.all([put('a', { data }), put('b', { data }), put('c'), put('d')]);
    expect([calls.mock.calls.length, await waiting()]).toEqual([2, ['known', 'a', 'b', 'c', 'd']]);
  });

  it('reject where Redis failed, all that travelled together', async () => {
    jest.spyOn(redis, 'evalsha').mockRejectedValue(new Error('away') as never);
    const ends = await Promise.allSettled([put('a'), put('b')]);
    expect(ends.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  });
});
