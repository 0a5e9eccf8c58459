import { describe, expect, it } from '@jest/globals';
import { DEFAULT_POOL, groupConversation, groupId, type StorageRequest } from '@rookery/protocol';
import { scriptCalls, storageContract, withTestRedis } from '@rookery/testing';
import { Asks } from './asks';
import type { Redis } from './client';
import { PluginStorage } from './plugin-storage';
import type { SuspendedHandling } from './suspended-handling';

let redis: Redis;
withTestRedis(
  (connected) => {
    redis = connected;
  },
  { use: 'consumer' },
);

const redisNow = async (): Promise<number> => {
  const [seconds, micros] = await redis.time();
  return Number(seconds) * 1000 + Number(micros) / 1000;
};

storageContract(
  async () => {
    await redis.flushall();
    return new PluginStorage({ redis, partitions: 4 });
  },
  async (ms) => {
    const until = (await redisNow()) + ms;
    // Each look is a round trip, so this is a few hundred of them.
    while ((await redisNow()) <= until);
  },
);

const scope = { kind: 'conversation', conversation: groupConversation(DEFAULT_POOL, groupId('7')) } as const;
const get = (name: string): StorageRequest => ({ scope, operation: { op: 'get', name } });

describe('PluginStorage', () => {
  it('carries what was asked in one turn in few calls, in the slot of the conversation’s partition', async () => {
    await redis.flushall();
    await redis.config('RESETSTAT');
    const sut = new PluginStorage({ redis, partitions: 4 });
    const set = { scope, operation: { op: 'set', name: 'a', value: '1' } } as const;
    await Promise.all([sut.run('game', set), ...Array.from({ length: 63 }, () => sut.run('game', get('a')))]);
    expect(await scriptCalls(redis, 'eval')).toBe(1);
    expect(await redis.keys('*storage*')).toEqual([
      expect.stringMatching(/^rookery:\{p\d\}:storage:game:group:default:7$/),
    ]);
    await sut.run('game', { scope, operation: { op: 'delete', name: 'a' } });
    expect(await redis.keys('*storage*')).toEqual([]);
  });

  it('forgets what nobody has used for more than a year, and nothing before', async () => {
    await redis.flushall();
    await new PluginStorage({ redis, partitions: 4 }).run('game', {
      scope,
      operation: { op: 'set', name: 'a', value: '1' },
    });
    const [key] = await redis.keys('*storage*');
    expect(await redis.pttl(String(key))).toBeGreaterThan(366 * 24 * 3_600_000);
  });
});

describe('Asks', () => {
  const foreign: string[] = [];
  const sut = (): Asks => new Asks({ redis, partitions: 1, onForeign: (id) => foreign.push(id) });
  const asked = (id: string, extra = ''): SuspendedHandling =>
    ({
      v: 1,
      id,
      event: { id: 'm.1', type: 'message', self: '10001', conversation: scope.conversation },
      plugin: 'game',
      handler: 'play',
      attempts: 0,
      done: [],
      journal: [{ n: 1, step: 'once x', value: extra }],
      match: { rest: [] },
      ask: { step: 2, conversation: scope.conversation, user: '7', since: 0, until: 1 },
    }) as unknown as SuspendedHandling;

  it('keeps who waits for an answer until it is removed, and drops what is not of ours', async () => {
    await redis.flushall();
    await sut().put(asked('a', 'old'));
    await sut().put(asked('a', 'new'));
    await redis.hset('rookery:{p0}:asks', 'odd', '{"v":2}');
    expect(await sut().load(0)).toEqual([asked('a', 'new')]);
    expect(foreign).toEqual(['odd']);
    await sut().remove(asked('a'));
    expect(await redis.keys('*asks*')).toEqual([]);
  });

  it('refuses what is too large and what is too much', async () => {
    await redis.flushall();
    await expect(sut().put(asked('a', 'x'.repeat(600_000)))).rejects.toMatchObject({ code: 'ASK_REFUSED' });
    await redis.hset('rookery:{p0}:asks', Object.fromEntries(Array.from({ length: 1_000 }, (_, n) => [`n${n}`, '{}'])));
    await expect(sut().put(asked('a'))).rejects.toMatchObject({ code: 'ASK_REFUSED' });
  });
});
