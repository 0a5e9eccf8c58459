import { describe, expect, it } from '@jest/globals';
import { groupId, selfId } from '@rookery/protocol';
import { withTestRedis } from '@rookery/testing';
import type { Redis } from './client';
import { SeenSequences } from './seen-sequences';

let redis: Redis;
const [one, two] = [selfId('10001'), selfId('10002')];
const key = 'rookery:{a10001}:seen-sequences';

withTestRedis((connected) => {
  redis = connected;
});

describe('SeenSequences', () => {
  it('gives back per account what was saved last, for a day', async () => {
    const sut = new SeenSequences(redis);
    await sut.save(new Map());
    await sut.save(new Map([[one, []]]));
    await sut.save(
      new Map([
        [one, [{ groupId: groupId('70'), seq: 5, at: 1_700_000_000_000 }]],
        [two, [{ groupId: groupId('70'), seq: 6, at: 2 }]],
      ]),
    );
    await sut.save(new Map([[one, [{ groupId: groupId('71'), seq: 9, at: 3 }]]]));
    expect(await sut.load(one)).toEqual([
      { groupId: '70', seq: 5, at: 1_700_000_000_000 },
      { groupId: '71', seq: 9, at: 3 },
    ]);
    expect(await sut.load(two)).toEqual([{ groupId: '70', seq: 6, at: 2 }]);
    expect(await redis.pttl(key)).toBeGreaterThan(23 * 60 * 60 * 1000);
  });

  it('passes over what it cannot read, and reports when Redis does not take something', async () => {
    const sut = new SeenSequences(redis);
    await redis.hset(key, '70', 'x 1', '71', '5', '72', '6 7');
    expect(await sut.load(one)).toEqual([{ groupId: '72', seq: 6, at: 7 }]);
    await redis.set('rookery:{a10002}:seen-sequences', 'of another type');
    await expect(sut.save(new Map([[two, [{ groupId: groupId('1'), seq: 1, at: 1 }]]]))).rejects.toThrow('WRONGTYPE');
  });
});
