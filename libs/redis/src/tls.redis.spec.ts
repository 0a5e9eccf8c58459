import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startTestCluster, startTestSentinel, TestAuthority, type TestCertificate } from '@rookery/testing';
import { Redis as Server } from 'ioredis';
import { blockingConnection } from './blocking-connection';
import { connectRedis, type RedisUse } from './client';
import { publishingOptions } from './connection-options';
import { masters } from './servers';

let dir: string;
let authority: TestAuthority;
let ours: TestCertificate;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'rookery-tls-'));
  authority = new TestAuthority(dir);
  ours = authority.issue('rookery');
});
afterAll(() => rm(dir, { recursive: true, force: true }));

const connected = (url: string, use: RedisUse = 'producer') => connectRedis(url, use, 'test', () => undefined);
const withOurs = (url: string, files: readonly (keyof TestCertificate)[] = ['ca', 'cert', 'key']) =>
  `${url.split('?')[0]}?${files.map((name) => `${name}=${ours[name]}`).join('&')}`;

describe('over TLS, where servers ask for a certificate of ours', () => {
  it('a Redis Cluster is used, with blocking reads and messages; without that certificate it is not', async () => {
    const cluster = await startTestCluster({ tls: authority.issue('cluster') });
    try {
      const url = withOurs(cluster.url);
      const redis = await connected(url, 'consumer');
      const keys = Array.from({ length: 30 }, (_, n) => `rookery:{p${n}}:key`);
      await Promise.all(keys.map((key) => redis.zadd(key, 1, 'member')));
      for (const server of masters(redis)) expect(await server.dbsize()).toBeGreaterThan(0);
      const blocking = blockingConnection(redis, String(keys[0]));
      expect(await blocking.bzpopmin(String(keys[0]), 10)).toEqual([keys[0], 'member', '1']);
      const listener = new Server(publishingOptions(url));
      const heard = new Promise((resolve) => listener.on('message', (_channel, message) => resolve(message)));
      await listener.subscribe('rookery:told');
      await redis.publish('rookery:told', 'hello');
      expect(await heard).toBe('hello');
      for (const connection of [blocking, listener, redis]) connection.disconnect();
      await expect(connected(withOurs(cluster.url, ['ca']))).rejects.toThrow(
        /does not answer \(.*(certificate required|ECONNRESET|EPIPE)/,
      );
    } finally {
      await cluster.stop();
    }
  });

  it('a master behind Sentinel is used', async () => {
    const sentinel = await startTestSentinel(authority.issue('sentinel'));
    try {
      const redis = await connected(withOurs(sentinel.url));
      await redis.set('rookery:key', 'there');
      expect(await sentinel.master.admin.get('rookery:key')).toBe('there');
      redis.disconnect();
      await expect(connected(withOurs(sentinel.url, ['ca']))).rejects.toThrow('does not answer');
    } finally {
      await sentinel.stop();
    }
  });

  it('servers whose certificates bear a name are used where the address says it, and not otherwise', async () => {
    const cluster = await startTestCluster({ tls: authority.issue('named', 'redis.example') });
    try {
      const redis = await connected(cluster.url);
      await redis.set('rookery:key', 'there');
      expect(await redis.get('rookery:key')).toBe('there');
      redis.disconnect();
      await expect(connected(withOurs(cluster.url))).rejects.toThrow("IP: 127.0.0.1 is not in the cert's list");
    } finally {
      await cluster.stop();
    }
  });
});
