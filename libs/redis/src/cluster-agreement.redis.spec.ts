import { afterEach, describe, expect, it } from '@jest/globals';
import { SECOND } from '@rookery/protocol';
import { eventually, FakeClock, withTestRedis } from '@rookery/testing';
import type { Redis } from './client';
import { ClusterAgreement } from './cluster-agreement';

const KEY = 'rookery:cluster';

let redis: Redis;
withTestRedis((given) => (redis = given));
const ends: (() => void)[] = [];
afterEach(() => {
  for (const end of ends.splice(0)) end();
});

async function node({ partitions = 32 } = {}) {
  const clock = new FakeClock();
  const sut = await ClusterAgreement.join(redis, partitions, clock);
  ends.push(() => sut.stop());
  const told: string[] = [];
  sut.on('restored', () => told.push('restored'));
  sut.on('partitionsDiffer', ({ code, message }) => told.push(code, message));
  sut.on('reseeded', ({ code }) => told.push(code));
  sut.on('trouble', () => told.push('trouble'));
  sut.start();
  const look = async (): Promise<void> => {
    await clock.advanceAsync(5 * SECOND);
    await eventually('it has looked', () => clock.pending === 1);
  };
  return { sut, clock, told, look };
}

describe('what all nodes must agree on', () => {
  it('is what the first has recorded: the seed is one, and another number of partitions is refused with the way out', async () => {
    const [a, b] = await Promise.all([node(), node()]);
    expect([a.sut.seed, a.sut.seed.length]).toEqual([b.sut.seed, 64]);
    await expect(node({ partitions: 16 })).rejects.toMatchObject({
      code: 'PARTITIONS_DIFFER',
      message: expect.stringContaining('set `partitions: 32`'),
    });
    await a.look();
    await b.look();
    expect([a.told, b.told]).toEqual([[], []]);
  });

  it('is written again by the first that looks after Redis was emptied, and nobody notices otherwise', async () => {
    const [a, b] = [await node(), await node()];
    const before = await redis.hgetall(KEY);
    await redis.del(KEY);
    await a.look();
    await b.look();
    expect([a.told, b.told]).toEqual([['restored'], []]);
    expect(await redis.hgetall(KEY)).toEqual(before);
    const late = await node();
    expect(late.sut.seed).toBe(a.sut.seed);
  });

  it('stays as it was where one that started after the loss has drawn another seed: that one takes over the seed of the others', async () => {
    const old = await node();
    await redis.del(KEY);
    const young = await node();
    expect(young.sut.seed).not.toBe(old.sut.seed);
    await young.look();
    await old.look();
    await young.look();
    await old.look();
    expect([old.told, young.told]).toEqual([['restored'], ['CLUSTER_CHANGED']]);
    expect(young.sut.seed).toBe(old.sut.seed);
  });

  it('ends the one that started after the loss with another number of partitions, and not the others', async () => {
    const old = await node();
    await redis.del(KEY);
    const young = await node({ partitions: 16 });
    await old.look();
    await young.look();
    expect(old.told).toEqual(['restored']);
    expect(young.told).toEqual(['PARTITIONS_DIFFER', expect.stringContaining('set `partitions: 32`')]);
  });

  it('counts as older than any where it was recorded by a version that noted no time', async () => {
    await redis.hset(KEY, 'partitions', 32, 'seed', 's'.repeat(64));
    const old = await node();
    await redis.del(KEY);
    const young = await node();
    await old.look();
    await young.look();
    expect([old.told, young.told, young.sut.seed]).toEqual([['restored'], ['CLUSTER_CHANGED'], 's'.repeat(64)]);
  });

  it('gets the seed that is missing where a node of before recorded the partitions alone', async () => {
    await redis.hset(KEY, 'partitions', 32);
    const [a, b] = [await node(), await node()];
    await a.look();
    await b.look();
    expect([a.sut.seed, a.told, b.told]).toEqual([b.sut.seed, [], []]);
  });

  it('is looked after on and on while Redis refuses, and no longer once it is stopped', async () => {
    const a = await node();

    await redis.del(KEY);
    await redis.set(KEY, 'of another type');
    await a.look();
    await a.look();
    expect(a.told).toEqual(['trouble', 'trouble']);
    a.sut.stop();
    expect(a.clock.pending).toBe(0);
  });
});
