import { describe, expect, it } from '@jest/globals';
import { FakeClock, nodeId } from '@rookery/protocol';
import { ofOneServer, scriptCalls, withTestRedis, writtenEnvelope } from '@rookery/testing';
import type { Redis } from './client';
import { EnvelopePuts } from './envelope-puts';
import { EnvelopeTakes } from './envelope-takes';

let redis: Redis;
withTestRedis((connected) => (redis = connected));

const clock = new FakeClock(1_700_000_000_000);
const PARTITIONS = [1, 2, 3];
const written = (partition: number, seq = 1) => writtenEnvelope({ partition, node: nodeId('c1'), seq, events: [] });
const queue = (partition: number, part: string) => `rookery:events-{p${partition}}:${part}`;

function setUp() {
  const puts = new EnvelopePuts({ redis, clock, options: '{}' });
  const looked: number[] = [];
  const takes = new EnvelopeTakes({ redis, clock, lockMs: 10_000, onLook: (partition) => looked.push(partition) });
  const take = (partition: number, limit = 8) => takes.take(partition, { limit, token: `t${partition}`, held: 0 });
  return { puts, take, looked };
}

describe('envelopes of several partitions', () => {
  it('are put in one call, and taken in one, each from its queue and under the lock of its consumer', async () => {
    const { puts, take, looked } = setUp();
    const before = await scriptCalls(redis, 'evalsha');
    await Promise.all(PARTITIONS.map((partition) => puts.put(written(partition))));
    const taken = await Promise.all(PARTITIONS.map((partition) => take(partition)));
    const calls = (await scriptCalls(redis, 'evalsha')) - before;
    expect(calls).toBe(redis.isCluster ? 2 * PARTITIONS.length : 2);
    expect(taken.map(({ jobs, left }) => [jobs.map(({ id, token }) => [id, token]), left])).toEqual(
      PARTITIONS.map((partition) => [[[`c1-${partition}-1`, `t${partition}`]], 'nothing']),
    );
    expect(looked).toEqual(PARTITIONS);
  });

  it('that come up while a call is under way travel together in the next', async () => {
    const { puts } = setUp();
    await puts.put(written(1, 1));
    const before = await scriptCalls(redis, 'evalsha');
    const first = puts.put(written(1, 2));
    await new Promise<void>((resolve) => process.nextTick(resolve));
    await Promise.all([first, puts.put(written(1, 3)), puts.put(written(1, 4))]);
    expect((await scriptCalls(redis, 'evalsha')) - before).toBe(2);
    expect(await redis.lrange(queue(1, 'wait'), 0, -1)).toEqual([4, 3, 2, 1].map((seq) => `c1-1-${seq}`));
  });

  it('are put and taken although the keys of one of the partitions are spoilt, which is told to whoever asked for that one', async () => {
    const { puts, take } = setUp();
    await redis.set(queue(2, 'wait'), 'no list');
    const put = await Promise.allSettled(PARTITIONS.map((partition) => puts.put(written(partition))));
    const taken = await Promise.allSettled(PARTITIONS.map((partition) => take(partition)));
    for (const ends of [put, taken]) {
      expect(ends.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
      expect(ends[1]).toMatchObject({ reason: { message: expect.stringContaining('WRONGTYPE') } });
    }
  });

  it('put once more after an answer was lost are not there twice', async () => {
    const { puts, take } = setUp();
    await puts.put(written(1));
    await puts.put(written(1));
    expect((await take(1)).jobs).toHaveLength(1);
    await puts.put(written(1));
    expect((await take(1)).left).toBe('astray');
    await Promise.all([puts.put(written(2)), puts.put(written(2))]);
    expect((await take(2)).jobs).toHaveLength(1);
  });

  it('say how often they were taken, as BullMQ counts it, also after they had stalled', async () => {
    const { puts, take } = setUp();
    await puts.put(written(1));
    await take(1);
    expect(await redis.hget(queue(1, 'c1-1-1'), 'ats')).toBe('1');
    await redis.hincrby(queue(1, 'c1-1-1'), 'stc', 1);
    await redis.rpoplpush(queue(1, 'active'), queue(1, 'wait'));
    await take(1);
    expect(await redis.hget(queue(1, 'c1-1-1'), 'ats')).toBe('2');
  });

  it('are taken up to half a mebibyte at a time, and whoever gets none is told to ask again', async () => {
    const { puts, take } = setUp();
    for (const partition of PARTITIONS) await puts.put(written(partition));
    await redis.hset(queue(1, 'c1-1-1'), 'data', 'x'.repeat(600_000));
    const taken = await Promise.all(PARTITIONS.map((partition) => take(partition)));
    const lefts = taken.map(({ jobs, left }) => [jobs.length, left]);
    const none = redis.isCluster ? [1, 'nothing'] : [0, 'more'];
    expect(lefts).toEqual([[1, 'nothing'], none, none]);
    expect(await Promise.all([2, 3].map(async (partition) => (await take(partition)).left))).toEqual(
      redis.isCluster ? ['astray', 'astray'] : ['nothing', 'nothing'],
    );
  });

  ofOneServer(
    'that a server refuses to everybody end the call with that, so that its connection is made anew',
    async () => {
      const { puts } = setUp();
      await redis.config('SET', 'min-replicas-to-write', '1');
      try {
        const put = await Promise.allSettled(PARTITIONS.map((partition) => puts.put(written(partition))));
        for (const end of put) expect(end).toMatchObject({ reason: { message: expect.stringMatching(/^NOREPLICAS/) } });
        expect((put[0] as PromiseRejectedResult).reason.name).toBe('ReplyError');
      } finally {
        await redis.config('SET', 'min-replicas-to-write', '0');
      }
    },
  );
});
