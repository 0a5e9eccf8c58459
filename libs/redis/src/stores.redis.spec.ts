import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { actionId, DEFAULT_POOL, selfId, type Action, type ActionResult, type AccountStatus } from '@rookery/protocol';
import { startTestRedis, type TestRedis } from '@rookery/testing';
import { AccountBoard } from './account-board';
import { ActionClaims } from './action-claims';
import { connectRedis, type Redis } from './client';
import { agreeOnPartitions, requireDurableRedis } from './cluster-settings';

let server: TestRedis;
let redis: Redis;
const self = selfId('10001');

beforeAll(async () => {
  server = await startTestRedis({ appendOnly: true });
  redis = await connectRedis(server.url, 'producer', 'test', () => undefined);
});
afterAll(async () => {
  redis.disconnect();
  await server.stop();
});
beforeEach(() => redis.flushall());

const action: Action = {
  v: 1,
  id: actionId('m.10001.g7.s5.ping.ping.0'),
  self,
  name: 'send_group_msg',
  params: {},
  lane: 'interactive',
  createdAt: 1,
  expiresAt: 2,
  origin: { plugin: 'ping' },
};
const sent: ActionResult = { id: action.id, self, outcome: 'sent', data: { message_id: 7 }, endedAt: 3 };

describe('ActionClaims', () => {
  it('lets exactly one of many callers execute an action', async () => {
    const sut = new ActionClaims(redis);
    const claims = await Promise.all(Array.from({ length: 20 }, () => sut.claim(action)));
    expect(claims.filter((claim) => claim.kind === 'taken')).toHaveLength(1);
    expect(claims.filter((claim) => claim.kind === 'open')).toHaveLength(19);
  });

  it('answers later callers with the first outcome', async () => {
    const sut = new ActionClaims(redis);
    await sut.claim(action);
    expect(await sut.find(self, action.id)).toBeUndefined();
    await sut.record(sent);
    expect(await sut.claim(action)).toEqual({ kind: 'ended', result: sent });
    expect(await sut.find(self, action.id)).toEqual(sent);
  });

  it('gives a released action to the next caller', async () => {
    const sut = new ActionClaims(redis);
    await sut.claim(action);
    await sut.release(action);
    expect(await sut.claim(action)).toEqual({ kind: 'taken' });
  });

  it('forgets after an hour, and not before: a claim outlives its job', async () => {
    const sut = new ActionClaims(redis);
    await sut.claim(action);
    const [key] = await redis.keys('*claim*');
    const ttl = await redis.pttl(String(key));
    expect(ttl).toBeGreaterThan(59 * 60_000);
    expect(ttl).toBeLessThanOrEqual(60 * 60_000);
    expect(key).toContain('{a10001}');
  });
});

describe('agreeOnPartitions', () => {
  it('records the number of the first node and refuses another with the way out', async () => {
    await agreeOnPartitions(redis, 32);
    await agreeOnPartitions(redis, 32);
    await expect(agreeOnPartitions(redis, 16)).rejects.toMatchObject({
      code: 'PARTITIONS_DIFFER',
      message: expect.stringContaining('set `partitions: 32`'),
    });
  });
});

describe('requireDurableRedis', () => {
  it('accepts append-only with noeviction', async () => {
    await expect(requireDurableRedis(redis)).resolves.toBeUndefined();
  });

  it.each([
    ['maxmemory-policy', 'allkeys-lru', 'noeviction'],
    ['appendonly', 'no', 'yes'],
  ])('refuses %s %s, which loses accepted messages, and names the command that mends it', async (name, bad, good) => {
    await redis.config('SET', name, bad);
    try {
      await expect(requireDurableRedis(redis)).rejects.toMatchObject({
        code: 'REDIS_UNSUITABLE',
        message: expect.stringContaining(`CONFIG SET ${name} ${good}`),
      });
    } finally {
      await redis.config('SET', name, good);
    }
  });
});

describe('AccountBoard', () => {
  const status = (id: string): AccountStatus => ({
    self: selfId(id),
    pool: DEFAULT_POOL,
    mode: 'reverse',
    state: 'online',
    reason: 'connected',
    since: 5,
  });

  it('shows what was posted last and not what was removed', async () => {
    const sut = new AccountBoard(redis);
    await sut.post([]);
    await sut.post([status('1'), status('2')]);
    await sut.post([{ ...status('1'), state: 'offline', reason: 'QQ ended the login' }]);
    await sut.remove([selfId('2')]);
    await sut.remove([]);
    expect(await sut.all()).toEqual([{ ...status('1'), state: 'offline', reason: 'QQ ended the login' }]);
  });
});

describe('connectRedis', () => {
  it('says which address does not answer, without the password', async () => {
    const attempt = connectRedis('redis://:hunter2@127.0.0.1:1/0', 'producer', 'test', () => undefined);
    await expect(attempt).rejects.toMatchObject({ code: 'REDIS_UNREACHABLE' });
    await expect(attempt).rejects.not.toThrow(/hunter2/);
    await expect(attempt).rejects.toThrow('redis://:***@127.0.0.1:1/0');
  });

  it('as a producer fails fast while Redis is frozen instead of queueing in memory', async () => {
    const errors: string[] = [];
    const producer = await connectRedis(server.url, 'producer', 'frozen', (error) => errors.push(error.message));
    process.kill(server.pid, 'SIGSTOP');
    try {
      await expect(producer.set('k', 'v')).rejects.toThrow('Command timed out');
    } finally {
      process.kill(server.pid, 'SIGCONT');
      producer.disconnect();
    }
  });
});
