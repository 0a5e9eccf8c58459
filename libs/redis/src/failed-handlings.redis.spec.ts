import { describe, expect, it } from '@jest/globals';
import { withTestRedis } from '@rookery/testing';
import type { Redis } from './client';
import { DeadLetters } from './dead-letters';
import type { DeadLetter, FailedHandling } from './failed-handling';
import { keys } from './keys';
import { Retries } from './retries';

let redis: Redis;
withTestRedis((connected) => {
  redis = connected;
});

const failed = (id: string, attempts = 1): FailedHandling => {
  const event = { id, type: 'message', self: '10001', conversation: 'private:10001:2', text: id };
  return { v: 1, id, event: event as never, plugin: 'doer', handler: 'act', attempts, done: [] };
};
const letter = (id: string, more: Partial<DeadLetter> = {}): DeadLetter => ({
  ...failed(id),
  error: { code: 'HANDLER_FAILED', message: 'broken' },
  at: 1_000,
  ...more,
});

describe('Retries', () => {
  const foreign: string[] = [];
  const retries = () => new Retries({ redis, partitions: 1, onForeign: (id) => foreign.push(id) });
  const take = () => retries().take([0], 10);

  it('hands out what is due, and to one only', async () => {
    await retries().put(failed('now'), 0);
    await retries().put(failed('later'), 60_000);
    expect(await take()).toEqual([{ failed: failed('now'), partition: 0, takes: 1 }]);
    expect(await take()).toEqual([]);
  });

  it('forgets what is settled', async () => {
    await retries().put(failed('a'), 0);
    const [taken] = await take();
    if (taken) await retries().settle(taken);
    expect(await redis.keys('*')).toEqual([]);
  });

  it('keeps what was put anew while it was in hand', async () => {
    await retries().put(failed('a'), 0);
    const [taken] = await take();
    await retries().put(failed('a', 2), 0);
    if (taken) await retries().settle(taken);
    expect(await take()).toEqual([{ failed: failed('a', 2), partition: 0, takes: 1 }]);
  });

  it('hands out again what its taker never settled, and counts how often', async () => {
    await retries().put(failed('a'), 0);
    await take();
    await redis.zadd(keys.retries(0), 0, 'a');
    expect((await take())[0]?.takes).toBe(2);
  });

  it('does not prolong what another has taken since', async () => {
    await retries().put(failed('a'), 0);
    const first = await take();
    await redis.zadd(keys.retries(0), 0, 'a');
    await take();
    await redis.zadd(keys.retries(0), 7, 'a');
    await retries().renew(first);
    expect(await redis.zscore(keys.retries(0), 'a')).toBe('7');
  });

  it('removes and reports what is not of our making', async () => {
    await redis.zadd(keys.retries(0), 0, 'a', 0, 'b', 0, 'gone');
    await redis.hset(keys.retryEntries(0), { a: 'no JSON', b: '{"v":9}' });
    expect(await take()).toEqual([]);
    expect(foreign).toEqual(['a', 'b']);
    expect(await redis.keys('*')).toEqual([]);
  });

  it('refuses more than a partition has room for, but not what is there already', async () => {
    const crowd = Array.from({ length: 10_000 }, (_, n) => [String(Date.now() + 60_000), `x${n}`]).flat();
    await redis.zadd(keys.retries(0), ...(crowd as [string, string]));
    expect(await retries().put(failed('new'), 0)).toBe(false);
    expect(await retries().put(failed('x5'), 0)).toBe(true);
  });
});

describe('DeadLetters', () => {
  it('finds, lists newest first, and drops', async () => {
    const letters = new DeadLetters(redis);
    await letters.put(letter('a'));
    await redis.zadd(keys.deadLetterAge(), 5_000 + Date.now(), 'b');
    await letters.put(letter('c'));
    await redis.zadd(keys.deadLetterAge(), 1_000 + Date.now(), 'c');
    expect((await letters.list({}, 10)).map(({ id }) => id)).toEqual(['c', 'a']);
    expect(await letters.find('a')).toEqual(letter('a'));
    expect([await letters.drop('a'), await letters.drop('a'), await letters.find('a')]).toEqual([
      true,
      false,
      undefined,
    ]);
  });

  it.each([
    [{ plugin: 'other' }, ['b']],
    [{ code: 'PLUGIN_OFF' }, ['c']],
    [{ account: '10009' }, ['d']],
    [{ since: 2_000 }, ['e']],
    [{ plugin: 'doer', account: '10001', code: 'HANDLER_FAILED', since: 1_000 }, ['a', 'e']],
  ])('filters by %j', async (filter, ids) => {
    const letters = new DeadLetters(redis);
    await letters.put(letter('a'));
    await letters.put(letter('b', { plugin: 'other' }));
    await letters.put(letter('c', { error: { code: 'PLUGIN_OFF', message: '' } }));
    await letters.put(letter('d', { event: { ...letter('d').event, self: '10009' as never } }));
    await letters.put(letter('e', { at: 2_000 }));
    expect((await letters.list(filter, 10)).map(({ id }) => id).sort()).toEqual(ids);
    expect(await letters.list(filter, 1)).toHaveLength(1);
  });

  it('drops the oldest beyond its number and its age, and says how many', async () => {
    const letters = new DeadLetters(redis, { count: 2, maxAgeMs: 60_000 });
    for (const [index, id] of ['a', 'b', 'c'].entries()) {
      expect(await letters.put(letter(id))).toBe(index === 2 ? 1 : 0);
      await redis.zadd(keys.deadLetterAge(), Date.now() - 1_000 + index, id);
    }
    await redis.zadd(keys.deadLetterAge(), 1, 'b');
    expect(await letters.put(letter('d'))).toBe(1);
    expect((await letters.list({}, 10)).map(({ id }) => id)).toEqual(['d', 'c']);
    expect(await redis.hlen(keys.deadLetters())).toBe(2);
  });
});
