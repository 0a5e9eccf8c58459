import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { channels, groupId, nodeId, selfId } from '@rookery/protocol';
import { startTestCluster, type TestCluster } from '@rookery/testing';
import { connectRedis, type Redis } from './client';
import { requireDurableRedis } from './durable-redis';
import { inspectRedis } from './inspect-redis';
import { copyKeys, hasKeys, pasteKeys, removeKeys, type KeyCopy } from './key-copies';
import { liveNodes } from './live-nodes';
import { redisMemory, redisStanding } from './redis-standing';
import { SeenSequences } from './seen-sequences';
import { masters } from './servers';

let cluster: TestCluster;
let redis: Redis;

beforeAll(async () => {
  cluster = await startTestCluster();
  redis = await connectRedis(cluster.url, 'producer', 'test', () => undefined);
}, 60_000);
afterAll(async () => {
  redis?.disconnect();
  await cluster?.stop();
});
beforeEach(() => Promise.all(masters(redis).map((server) => server.flushall())));

const SELVES = Array.from({ length: 20 }, (_, n) => selfId(String(10_001 + n)));

describe('a Redis Cluster', () => {
  it('has what is kept of accounts spread over its masters, and all of it is copied, pasted and removed', async () => {
    const seen = new SeenSequences(redis);
    await seen.save(new Map(SELVES.map((self, n) => [self, [{ groupId: groupId('700000001'), seq: n, at: 2 }]])));
    for (const server of masters(redis)) expect(await server.dbsize()).toBeGreaterThan(0);
    const copies: KeyCopy[] = [];
    for await (const copy of copyKeys(redis)) copies.push(copy);
    expect(copies).toHaveLength(SELVES.length);
    expect(await removeKeys(redis)).toBe(SELVES.length);
    expect(await hasKeys(redis)).toBe(false);
    await pasteKeys(redis, copies);
    for (const [n, self] of SELVES.entries()) expect(await seen.load(self)).toMatchObject([{ seq: n }]);
  });

  it('tells which nodes listen, on whichever of its servers', async () => {
    const names = cluster.masters.map((_, n) => nodeId(`worker-${n}`));
    const listeners = await Promise.all(
      cluster.masters.map(async ({ url }, n) => {
        const listener = await connectRedis(url, 'consumer', 'test', () => undefined);
        await listener.subscribe(channels.control(names[n] ?? nodeId('none')));
        return listener;
      }),
    );
    expect(await liveNodes(redis)).toEqual(names);
    for (const listener of listeners) listener.disconnect();
  });

  it('is as well as the worst of its masters', async () => {
    const [, second] = masters(redis);
    await second?.config('SET', 'maxmemory', 1_000_000_000);
    expect(await redisStanding(redis)).toMatchObject({ memoryLimitBytes: 1_000_000_000, persistenceOk: true });
    expect(await redisMemory(redis)).toMatchObject({ limitBytes: 1_000_000_000 });
    await second?.config('SET', 'maxmemory', 0);
    await second?.config('SET', 'maxmemory-policy', 'allkeys-lru');
    const facts = await inspectRedis(redis);
    const servers = cluster.masters.map(({ port }) => `127.0.0.1:${port}`);
    expect(new Set(facts.map(({ server }) => server))).toEqual(new Set(servers));
    const odd = facts.filter(({ evictionPolicy }) => evictionPolicy !== 'noeviction');
    expect(odd.map(({ server }) => server)).toEqual([`127.0.0.1:${second?.options.port}`]);
    await expect(requireDurableRedis(redis)).rejects.toThrow('of every server');
    await second?.config('SET', 'maxmemory-policy', 'noeviction');
    await requireDurableRedis(redis);
  });

  it('is refused by a process that took one of its servers for a Redis of its own', async () => {
    const alone = await connectRedis(cluster.masters[0]?.url ?? '', 'producer', 'test', () => undefined);
    await expect(requireDurableRedis(alone)).rejects.toThrow('redis+cluster://');
    alone.disconnect();
  });
});
