import { describe, expect, it } from '@jest/globals';
import type { RedisFacts } from '@rookery/redis';
import { lookAtAddress, lookAtRedis, redisSilent } from './look-at-redis';

const HEALTHY: RedisFacts = {
  version: '7.0.15',
  evictionPolicy: 'noeviction',
  appendOnly: true,
  isReplica: false,
  isCluster: false,
  systemMemoryBytes: 8e9,
  timeMs: 1_000_000,
  partitions: 32,
  memoryBytes: 1e6,
  memoryLimitBytes: 0,
  persistenceOk: true,
  replicaLagBytes: 0,
  evictedKeys: 0,
};
const URL = 'redis://127.0.0.1:6379';

const found = (facts: Partial<RedisFacts>, url = URL, askedAt = 1_000_000, tookMs = 0) =>
  lookAtRedis({ shownUrl: url, facts: { ...HEALTHY, ...facts }, askedAt, tookMs }, 32).map(({ id }) => id);

const ofAddress = (url: string, facts: Partial<RedisFacts> = {}) =>
  lookAtAddress(url, url, [{ ...HEALTHY, ...facts }]).map(({ id }) => id);

describe('lookAtRedis', () => {
  it.each<[string, Partial<RedisFacts>]>([
    ['redis-version', { version: '6.0.16' }],
    ['redis-version', { version: '5.0.7' }],
    ['redis-replica', { isReplica: true }],
    ['redis-append-only', { appendOnly: false }],
    ['redis-eviction', { evictionPolicy: 'volatile-lru' }],
    ['redis-persistence', { persistenceOk: false }],
    ['redis-memory', { memoryBytes: 71, memoryLimitBytes: 100 }],
    ['redis-memory', { memoryBytes: 7e9 }],
    ['redis-partitions', { partitions: 8 }],
  ])('finds %s', (id, facts) => {
    expect(found(facts)).toEqual([id]);
  });

  it('finds one server of a Redis Cluster that is addressed as if it were alone', () => {
    expect(ofAddress(URL, { isCluster: true })).toEqual(['redis-cluster']);
    expect(ofAddress('redis+cluster://127.0.0.1:6379', { isCluster: true })).toEqual([]);
  });

  it.each(['6.2.0', '7.0.15', '8.1.0', '10.0.0'])('takes version %s', (version) => {
    expect(found({ version })).toEqual([]);
  });

  it('says nothing of what a hosted Redis does not tell', () => {
    const { version: _, evictionPolicy: __, appendOnly: ___, partitions: ____, ...rest } = HEALTHY;
    const visit = { shownUrl: URL, facts: { ...rest, systemMemoryBytes: 0 }, askedAt: 1_000_000, tookMs: 0 };
    expect(lookAtRedis(visit, 32)).toEqual([]);
  });

  it.each([
    ['redis://redis:6379', ['redis-open']],
    ['redis://:secret@redis:6379', []],
    ['redis://localhost:6379', []],
    ['redis://[::1]:6379', []],
    ['unix:///run/redis.sock', []],
    ['redis+sentinel://localhost:26379,sentinel/mine', ['redis-open']],
    ['rediss://redis:6379?cert=/c.pem&key=/k.pem', []],
  ])('a password is needed for %s: %j', (url, ids) => {
    expect(ofAddress(url)).toEqual(ids);
  });

  it('does not take a slow answer for a wrong clock', () => {
    expect(found({}, URL, 1_006_000, 2_000)).toEqual([]);
    expect(found({}, URL, 1_006_000, 500)).toEqual(['clock']);
  });
});

describe('redisSilent', () => {
  it.each([
    ['WRONGPASS invalid username-password pair', 'redis-login'],
    ['NOAUTH Authentication required.', 'redis-login'],
    ['NOPERM this user has no permissions', 'redis-login'],
    ['connect ECONNREFUSED 127.0.0.1:6379', 'redis-unreachable'],
  ])('%s: %s', (cause, id) => {
    expect(redisSilent(URL, cause)).toMatchObject({ id, problem: { en: expect.stringContaining(cause) } });
  });
});
