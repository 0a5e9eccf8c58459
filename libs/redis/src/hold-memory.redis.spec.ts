import { expect, it } from '@jest/globals';
import { selfId } from '@rookery/protocol';
import { withTestRedis } from '@rookery/testing';
import type { Redis } from './client';
import { HoldMemories } from './hold-memory';

let redis: Redis;
withTestRedis((connected) => {
  redis = connected;
});

it('keeps what keeps an account back for a day, in its own slot, and nothing where there is nothing', async () => {
  const sut = new HoldMemories(redis);
  const self = selfId('10001');
  expect(await sut.load(self)).toBeUndefined();
  const holds = { breakers: [['groups', { failures: 3, openMs: 5, until: 9 }]], mutes: [['group:5', 7]] } as const;
  await sut.save(self, holds);
  expect(await sut.load(self)).toEqual(holds);
  const [key = ''] = await redis.keys('*');
  expect(key).toContain('{a10001}');
  expect(await redis.pttl(key)).toBeGreaterThan(23 * 60 * 60_000);
  await sut.save(self, { breakers: [], mutes: [] });
  expect(await redis.keys('*')).toEqual([]);
});
