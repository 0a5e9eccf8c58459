import { describe, expect, it } from '@jest/globals';
import { scriptCalls, withTestRedis } from '@rookery/testing';
import type { Redis } from './client';
import { runScript } from './run-script';

let redis: Redis;
withTestRedis((connected) => {
  redis = connected;
});

describe('a connection', () => {
  it.each([
    ['short', '图 🐧'],
    ['long', '图 🐧 a'.repeat(50_000)],
    ['long and plain', 'a'.repeat(300_000)],
  ])('carries %s texts unchanged, alone and in pipelines', async (_what, text) => {
    await redis.set('{t}one', text);
    await redis.pipeline().set('{t}two', text).set('{t}three', 'x').exec();
    expect(await redis.mget('{t}one', '{t}two', '{t}three')).toEqual([text, text, 'x']);
  });

  it('answers the calls of one turn in their order', async () => {
    const answers = await Promise.all(Array.from({ length: 100 }, () => redis.incr('n')));
    expect(answers).toEqual(Array.from({ length: 100 }, (_, n) => n + 1));
  });
});

describe('runScript', () => {
  const echo = `return { KEYS[1], ARGV[1] }`;

  it('tells a server the text that it does not know, and no more once it does', async () => {
    for (let n = 0; n < 3; n++) expect(await runScript(redis, echo, ['k'], [n])).toEqual(['k', String(n)]);
    expect(await scriptCalls(redis, 'eval')).toBe(1);
    await redis.script('FLUSH');
    expect(await runScript(redis, echo, ['k'], ['again'])).toEqual(['k', 'again']);
  });

  it('rejects as the script does', async () => {
    await expect(runScript(redis, `return redis.error_reply('REFUSED no')`, [], [])).rejects.toThrow('REFUSED no');
  });
});
