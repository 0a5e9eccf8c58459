import { describe, expect, it } from '@jest/globals';
import { ofOneServer, scriptCalls, withTestRedis } from '@rookery/testing';
import type { Redis } from './client';
import type { LeanRedis } from './lean-redis';
import { runScript, runScriptForBytes } from './run-script';

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

  it.each<readonly [string, readonly (string | number | Buffer)[]]>([
    ['texts', ['', '图 🐧', '\r\n', 'x'.repeat(1_023)]],
    ['numbers', [0, -1, 1.5, 1_786_700_000_123]],
    ['bytes between texts, and long ones', ['a', Buffer.from([0, 255, 13, 10]), '图'.repeat(100_000), Buffer.alloc(0)]],
  ])('hands %s over unchanged, by the digest and as text', async (_what, args) => {
    const all = `return ARGV`;
    const expected = args.map((arg) => (Buffer.isBuffer(arg) ? arg : Buffer.from(String(arg))));
    await redis.script('FLUSH');
    expect(await runScriptForBytes(redis, all, ['k'], args)).toEqual(expected);
    expect(await runScriptForBytes(redis, all, ['k'], args)).toEqual(expected);
    expect(await runScript(redis, all, ['k'], args)).toEqual(expected.map(String));
  });

  ofOneServer(
    'carries out once, in their order, what was asked before the connection was lost and sent again',
    async () => {
      const apart = (redis as LeanRedis).duplicate({
        maxRetriesPerRequest: null,
        enableOfflineQueue: true,
        retryStrategy: () => 0,
      });
      const note = `return redis.call('RPUSH', KEYS[1], ARGV[1])`;
      await runScript(apart, note, ['{k}list'], ['first']);
      const block = apart.call('blpop', '{k}nothing', 0).catch(() => undefined);
      const asked = [Buffer.from('图'), 'x'.repeat(2_000), 3].map((arg) => runScript(apart, note, ['{k}list'], [arg]));
      const id = await redis
        .call('CLIENT', 'LIST')
        .then((list) => /id=(\d+) [^\n]*cmd=blpop/.exec(String(list))?.[1] ?? '');
      await redis.call('CLIENT', 'KILL', 'ID', id);
      await redis.rpush('{k}nothing', 'go on');
      await Promise.all([block, ...asked]);
      expect(await redis.lrange('{k}list', 0, -1)).toEqual(['first', '图', 'x'.repeat(2_000), '3']);
      apart.disconnect();
    },
  );
});
