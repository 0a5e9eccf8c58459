import { describe, expect, it } from '@jest/globals';
import { withTestRedis } from '@rookery/testing';
import type { Redis } from './client';
import { runScript } from './run-script';
import { APART } from './scripts/apart';

let redis: Redis;
withTestRedis((connected) => (redis = connected));

/** What is thrown by the second of three parts. */
const run = (thrown: string): Promise<unknown> =>
  runScript(redis, `${APART}\nreturn apart(3, function(n) if n == 2 then ${thrown} end return n end)`, ['k'], []);

describe('the parts of a script', () => {
  it.each([
    ["redis.call('SET', KEYS[1], '') redis.call('LPUSH', KEYS[1], '')", 'WRONGTYPE'],
    ["error('@user_script: 12: WRONGTYPE of Redis 6.2', 0)", 'WRONGTYPE of Redis 6.2'],
    ['local none = nil + 1', 'arithmetic'],
  ])('that fail by their own keys fail alone: %s', async (thrown, why) => {
    expect(await run(thrown)).toEqual([1, ['refused', expect.stringContaining(why)], 3]);
  });

  it.each([
    ["error({ err = 'MISCONF of Redis 7' }, 0)", 'MISCONF of Redis 7'],
    ["error('@user_script: 12: -MISCONF of Redis 6.2', 0)", 'MISCONF of Redis 6.2'],
    ["error('OOM no memory', 0)", 'OOM no memory'],
  ])('end all of it by what the server refuses to everybody: %s', async (thrown, why) => {
    await expect(run(thrown)).rejects.toMatchObject({
      name: 'ReplyError',
      message: expect.stringMatching(`^${why}`),
    });
  });
});
