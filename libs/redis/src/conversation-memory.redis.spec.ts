import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { eventId, groupConversation, groupId, poolName, privateConversation, selfId, userId } from '@rookery/protocol';
import { eventually, FakeClock, startTestRedis, type TestRedis } from '@rookery/testing';
import { Assignees, GroupAssignments } from './assignees';
import { connectRedis, type Redis } from './client';
import { ConversationState } from './conversation-state';
import { SettledMemory } from './settled-memory';

const PARTITIONS = 4;
const group = (number: number) => groupConversation(poolName('default'), groupId(String(number)));
const [a, b] = [eventId('m.10001.g7.s5'), eventId('m.10002.g7.s5')];

let server: TestRedis;
let redis: Redis;
beforeAll(async () => {
  server = await startTestRedis();
  redis = await connectRedis(server.url, 'producer', 'test', () => undefined);
});
afterAll(async () => {
  redis.disconnect();
  await server.stop();
});
beforeEach(() => redis.flushall());

const calls = async (): Promise<number> =>
  Number(/cmdstat_evalsha:calls=(\d+)/.exec(await redis.info('commandstats'))?.[1] ?? 0);

describe('SettledMemory', () => {
  const clock = new FakeClock();
  let memories: SettledMemory[] = [];
  const memory = (bounds: { maxAgeMs?: number; perPartition?: number } = {}) => {
    const made = new SettledMemory({ redis, partitions: PARTITIONS, clock, ...bounds });
    memories.push(made);
    return made;
  };
  afterEach(() => {
    for (const made of memories) made.close();
    memories = [];
  });

  it('gives an event to one copy; what comes later, also at another worker, learns which one', async () => {
    const [first, next] = [memory(), memory()];
    expect(await first.take(group(7), 'g7.s5', a)).toEqual({ kind: 'new' });
    expect(await next.take(group(7), 'g7.s5', b)).toEqual({ kind: 'in_hand', copy: a });
    expect(await next.take(group(7), 'g7.s5', a)).toEqual({ kind: 'in_hand', copy: a });
    await first.settle(group(7), 'g7.s5', a);
    expect(await next.take(group(7), 'g7.s5', a)).toEqual({ kind: 'settled', copy: a });
  });

  it('carries what was asked in one turn in one call', async () => {
    const sut = memory();
    const before = await calls();
    await Promise.all(Array.from({ length: 200 }, (_, n) => sut.take(group(7), `g7.s${n}`, eventId(`m.${n}`))));
    expect((await calls()) - before).toBe(1);
  });

  it('forgets the oldest beyond its number', async () => {
    const sut = memory({ perPartition: 2 });
    for (const n of [1, 2, 3, 4]) await sut.take(group(7), `s${n}`, a);
    expect((await sut.take(group(7), 's4', b)).kind).toBe('in_hand');
    expect((await sut.take(group(7), 's1', b)).kind).toBe('new');
    const [members] = await redis.keys('*:settled');
    expect(await redis.hlen(String(members))).toBe(2);
  });

  it('forgets what is too old', async () => {
    const sut = memory({ maxAgeMs: -1_000 });
    await sut.take(group(7), 's1', a);
    expect(await redis.keys('*settled*')).toEqual([]);
  });

  it('keeps all keys of a partition in one slot', async () => {
    await memory().take(group(7), 's1', a);
    const found = await redis.keys('*settled*');
    expect(new Set(found.map((key) => /\{p\d\}/.exec(key)?.[0])).size).toBe(1);
    expect(found).toHaveLength(2);
  });

  it('waits while Redis fails, and says so', async () => {
    const sut = memory();
    const troubles: Error[] = [];
    sut.on('trouble', (error) => troubles.push(error));
    await redis.config('SET', 'maxmemory', '1');
    try {
      const taken = sut.take(group(7), 's1', a);
      await eventually('the trouble is told', () => troubles.length === 1 && clock.pending === 1);
      await redis.config('SET', 'maxmemory', '0');
      clock.advance(500);
      expect(await taken).toEqual({ kind: 'new' });
    } finally {
      await redis.config('SET', 'maxmemory', '0');
    }
  });

  it('gives up with Redis when it is closed', async () => {
    const sut = memory();
    sut.close();
    await redis.config('SET', 'maxmemory', '1');
    try {
      await expect(sut.take(group(7), 's1', a)).rejects.toThrow('OOM');
    } finally {
      await redis.config('SET', 'maxmemory', '0');
    }
  });
});

describe('Assignees', () => {
  it('tells the next worker who answers in a group', async () => {
    await new Assignees(redis, PARTITIONS).save(group(7), selfId('10001'));
    const next = new Assignees(redis, PARTITIONS);
    expect(await Promise.all([next.load(group(7)), next.load(group(8))])).toEqual(['10001', undefined]);
  });

  it('never remembers more groups than its bound', async () => {
    const sut = new Assignees(redis, 1, 3);
    await Promise.all(Array.from({ length: 10 }, (_, n) => sut.save(group(n), selfId('10001'))));
    expect(await redis.hlen('rookery:{p0}:assignees')).toBe(3);
  });

  it('rejects when Redis does, and works again afterwards', async () => {
    const sut = new Assignees(redis, PARTITIONS);
    await redis.config('SET', 'maxmemory', '1');
    await expect(sut.save(group(7), selfId('10001'))).rejects.toThrow('OOM');
    await redis.config('SET', 'maxmemory', '0');
    await sut.save(group(7), selfId('10001'));
    expect(await sut.load(group(7))).toBe('10001');
  });
});

describe('GroupAssignments', () => {
  it('holds what an operator wants until it is taken back', async () => {
    const sut = new GroupAssignments(redis);
    await sut.set(group(7), selfId('10001'));
    await sut.set(group(8), selfId('10002'));
    await sut.remove(group(8));
    expect(await sut.all()).toEqual(new Map([[group(7), '10001']]));
  });
});

describe('ConversationState', () => {
  const scope = { conversation: group(7), plugin: 'game' };

  it('keeps JSON values beyond the life of a worker', async () => {
    await new ConversationState(redis, PARTITIONS).set(scope, 'score', { lin: 3, 'a:{b}': [null, '你好'] });
    const next = new ConversationState(redis, PARTITIONS);
    expect(await next.get(scope, 'score')).toEqual({ lin: 3, 'a:{b}': [null, '你好'] });
    await next.delete(scope, 'score');
    expect(await next.get(scope, 'score')).toBeUndefined();
    expect(await redis.keys('*state*')).toEqual([]);
  });

  it.each([
    ['another plugin', { ...scope, plugin: 'quiz' }],
    ['another group', { ...scope, conversation: group(8) }],
    ['a private chat', { ...scope, conversation: privateConversation(selfId('10001'), userId('7')) }],
    ['a plugin whose name would reach into the key of this one', { ...scope, plugin: `game:${group(7)}` }],
  ])('keeps %s apart', async (_name, other) => {
    const sut = new ConversationState(redis, PARTITIONS);
    await sut.set(scope, '@bytes', 1);
    expect(await sut.get(other, '@bytes')).toBeUndefined();
    await sut.clear(other);
    expect(await sut.get(scope, '@bytes')).toBe(1);
    await sut.clear(scope);
    expect(await sut.get(scope, '@bytes')).toBeUndefined();
  });

  it('refuses what has no room, changes nothing then, and takes more when something was deleted', async () => {
    const sut = new ConversationState(redis, PARTITIONS, { bytes: 20, names: 2, idleMs: 60_000 });
    await sut.set(scope, 'a', 'x'.repeat(14)); // 2 bytes of name, 16 of JSON
    await expect(sut.set(scope, 'b', 1)).rejects.toMatchObject({ code: 'STATE_REFUSED' });
    expect(await sut.get(scope, 'b')).toBeUndefined();
    await sut.set(scope, 'a', 'xx');
    await sut.set(scope, 'b', 1);
    await expect(sut.set(scope, 'c', 1)).rejects.toThrow('at most 20 bytes under 2 names');
    await sut.delete(scope, 'a');
    await sut.delete(scope, 'never stored');
    await sut.set(scope, 'c', 1);
    await expect(sut.set(scope, 'd', 1)).rejects.toMatchObject({ code: 'STATE_REFUSED' });
  });

  it('forgets a conversation that nothing has changed for long', async () => {
    await new ConversationState(redis, PARTITIONS, { bytes: 20, names: 2, idleMs: 60_000 }).set(scope, 'a', 1);
    const [key] = await redis.keys('*state*');
    expect(await redis.pttl(String(key))).toBeGreaterThan(50_000);
  });

  const circular: unknown[] = [];
  circular.push(circular);
  it.each<[string, unknown]>([
    ['a function', () => 1],
    ['undefined', undefined],
    ['a BigInt', 1n],
    ['a circular value', circular],
  ])('refuses %s', async (_name, value) => {
    const sut = new ConversationState(redis, PARTITIONS);
    await expect(sut.set(scope, 'a', value)).rejects.toMatchObject({ code: 'STATE_REFUSED' });
  });

  it.each(['', 'x'.repeat(201)])('refuses a name of no or too great length', async (name) => {
    await expect(new ConversationState(redis, PARTITIONS).get(scope, name)).rejects.toMatchObject({
      code: 'STATE_REFUSED',
    });
  });
});
