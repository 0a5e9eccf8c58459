import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { NodeRecord } from '@rookery/cluster';
import { leaseStoreContract, ofOneServer, startTestRedis, type TestRedis } from '@rookery/testing';
import { connectRedis, type Redis } from './client';
import { RedisLeaseStore } from './redis-lease-store';

let server: TestRedis;
let redis: Redis;

beforeAll(async () => {
  server = await startTestRedis({ appendOnly: true });
  redis = await connectRedis(server.url, 'consumer', 'test', () => undefined);
});
afterAll(async () => {
  redis.disconnect();
  await server.stop();
});
beforeEach(() => redis.flushall());

const record = (node: string): NodeRecord => ({ node, capacity: 9, zone: 'z', draining: false });

leaseStoreContract('RedisLeaseStore', async () => ({
  store: new RedisLeaseStore(redis, 'accounts'),
  pass: (ms) => wait(ms),
}));

describe('RedisLeaseStore', () => {
  it('keeps all keys of a realm in one slot, and realms apart', async () => {
    const accounts = new RedisLeaseStore(redis, 'accounts');
    const partitions = new RedisLeaseStore(redis, 'partitions');
    for (const store of [accounts, partitions]) await store.renew(record('a'), 1_000, undefined);
    await accounts.acquire('a', ['7']);
    expect(await partitions.all()).toEqual([]);
    const tags = (await redis.keys('*')).map((key) => /\{[^}]+\}/.exec(key)?.[0]);
    expect(new Set(tags)).toEqual(new Set(['{leases-accounts}', '{leases-partitions}']));
  });

  it('gives epochs that are higher than before also when all data were lost', async () => {
    const sut = new RedisLeaseStore(redis, 'accounts');
    await sut.renew(record('a'), 1_000, undefined);
    const [before] = await sut.acquire('a', ['k']);
    await redis.flushall();
    await sut.renew(record('b'), 1_000, undefined);
    const [after] = await sut.acquire('b', ['k']);
    expect(after?.epoch).toBeGreaterThan(Number(before?.epoch));
  });

  it('after data were lost under a living node, nobody gets a lease for one time to live', async () => {
    const sut = new RedisLeaseStore(redis, 'accounts');
    const { table } = await sut.renew(record('a'), 300, undefined);
    await sut.acquire('a', ['k']);
    await redis.flushall();
    const renewal = await sut.renew(record('a'), 300, table);
    expect(renewal.held).toEqual([]);
    expect(renewal.quietMs).toBeGreaterThan(0);
    expect(await sut.acquire('a', ['k'])).toEqual([]);
    expect(await sut.seize('a', 'k')).toBeUndefined();
    await wait(320);
    await sut.renew(record('a'), 300, table);
    expect(await sut.acquire('a', ['k'])).toMatchObject([{ key: 'k' }]);
  });

  ofOneServer(
    'after a restart of Redis it is quiet while heartbeats of before could still be trusted, and leases are kept under epochs above all before',
    async () => {
      const sut = new RedisLeaseStore(redis, 'accounts');
      const { table } = await sut.renew(record('a'), 30_000, undefined);
      const leases = await sut.acquire('a', ['k']);
      await wait(1_100); // the append-only file is written every second
      process.kill(server.pid, 'SIGKILL');
      await server.restart();
      const renewal = await sut.renew(record('a'), 30_000, table);
      expect(renewal.table).not.toBe(table);
      expect(renewal.quietMs).toBeGreaterThan(0);
      expect(renewal.held).toMatchObject([{ key: 'k', node: 'a' }]);
      expect(renewal.held?.[0]?.epoch).toBeGreaterThan(Math.max(Number(leases[0]?.epoch), Date.now() - 5_000));
      const { epoch } = renewal.held?.[0] ?? {};
      expect(await sut.all()).toEqual([{ key: 'k', node: 'a', epoch }]);
      expect((await sut.renew(record('a'), 30_000, renewal.table)).held).toBeUndefined();
      expect((await sut.all())[0]?.epoch).toBe(epoch);
    },
  );

  ofOneServer('after a restart of the whole cluster nobody has to wait', async () => {
    const sut = new RedisLeaseStore(redis, 'accounts');
    await sut.renew(record('a'), 30_000, undefined);
    await sut.acquire('a', ['k']);
    await sut.leave('a');
    await wait(1_100);
    process.kill(server.pid, 'SIGKILL');
    await server.restart();
    expect((await sut.renew(record('b'), 30_000, undefined)).quietMs).toBe(0);
    expect(await sut.acquire('b', ['k'])).toMatchObject([{ node: 'b' }]);
  });
});
