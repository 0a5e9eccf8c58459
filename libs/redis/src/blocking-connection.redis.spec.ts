import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { toError } from '@rookery/protocol';
import { startTestCluster, succeeding, type TestCluster } from '@rookery/testing';
import type { Redis as Server } from 'ioredis';
import { blockingConnection } from './blocking-connection';
import { connectRedis, type Redis } from './client';

const KEY = 'rookery:{p1}:marker';
const SELDOM_S = 30;

let cluster: TestCluster;
let redis: Redis;
const blocking: Server[] = [];

beforeAll(async () => {
  cluster = await startTestCluster({ replicas: true });
  redis = await connectRedis(cluster.url, 'consumer', 'main', () => undefined);
}, 60_000);
afterAll(async () => {
  for (const connection of blocking) connection.disconnect();
  redis?.disconnect();
  await cluster?.stop();
});

function made(key = KEY): Server {
  const connection = blockingConnection(redis, key);
  connection.on('error', () => undefined);
  blocking.push(connection);
  return connection;
}

/** Which of the servers have how many clients that wait for something. */
async function waiting(): Promise<Map<number, number>> {
  const counts = new Map<number, number>();
  for (const { port, admin, child } of cluster.servers) {
    if (child.signalCode !== null) continue;
    const blocked = Number(/blocked_clients:(\d+)/.exec(await admin.info('clients'))?.[1]);
    if (blocked > 0) counts.set(port, blocked);
  }
  return counts;
}

/** Which of them serves {@link KEY}: the one that takes it. */
async function master() {
  for (const server of cluster.servers) {
    if (server.child.signalCode !== null) continue;
    const answer = await server.admin.zcard(KEY).catch(toError);
    if (typeof answer === 'number') return server;
  }
  throw new Error(`no server serves ${KEY}`);
}

describe('a blocking read on a Redis Cluster', () => {
  it('holds one connection, to the server that serves its key', async () => {
    const before = await clients();
    const keys = Array.from({ length: 12 }, (_, n) => `rookery:{p${n}}:marker`);
    const reads = keys.map((key) => made(key).bzpopmin(key, SELDOM_S));
    await succeeding(async () => {
      const counts = [...(await waiting()).values()];
      expect(counts).toHaveLength(3);
      expect(counts.reduce((sum, count) => sum + count, 0)).toBe(12);
    });
    expect((await clients()) - before).toBe(12);
    for (const key of keys) await redis.zadd(key, 0, '0');
    expect((await Promise.all(reads)).map((read) => read?.[0])).toEqual(keys);
  });

  it('goes on where its key is served after master and replica have changed places', async () => {
    const read = made().bzpopmin(KEY, SELDOM_S);
    const former = await master();
    await succeeding(async () => expect([...(await waiting()).keys()]).toEqual([former.port]));
    await (await replicaOf(former)).admin.cluster('FAILOVER');
    await succeeding(async () => {
      const [port] = (await waiting()).keys();
      expect(port).toBe((await master()).port);
      expect(port).not.toBe(former.port);
    });
    await redis.zadd(KEY, 7, '0');
    expect(await read).toEqual([KEY, '0', '7']);
  });

  it('goes on after its master was killed, also one that began while nobody served its key', async () => {
    const old = made();
    const read = old.bzpopmin(KEY, SELDOM_S);
    const former = await master();
    await succeeding(async () => expect([...(await waiting()).keys()]).toEqual([former.port]));
    process.kill(former.pid, 'SIGKILL');
    await succeeding(async () => expect(old.status).not.toBe('ready'));
    const late = made().bzpopmin(KEY, SELDOM_S);
    await succeeding(async () => expect([...(await waiting()).values()]).toEqual([2]));
    await redis.zadd(KEY, 1, 'a', 2, 'b');
    expect(new Set((await Promise.all([read, late])).map((got) => got?.[1]))).toEqual(new Set(['a', 'b']));
  });
});

async function clients(): Promise<number> {
  let sum = 0;
  for (const { admin } of cluster.servers) {
    const list = String(await admin.client('LIST'));
    sum += list.trim().split('\n').length;
  }
  return sum;
}

async function replicaOf({ admin }: { readonly admin: Redis }) {
  const port = Number(/slave0:ip=[^,]*,port=(\d+)/.exec(await (admin as Server).info('replication'))?.[1]);
  const replica = cluster.servers.find((one) => one.port === port);
  if (replica === undefined) throw new Error('there is no replica');
  return replica;
}
