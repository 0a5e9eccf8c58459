import { afterEach, describe, expect, it } from '@jest/globals';
import { eventId, groupConversation, groupId, poolName, selfId } from '@rookery/protocol';
import { eventually, FakeClock, scriptCalls, withTestRedis } from '@rookery/testing';
import { Assignees, GroupAssignments } from './assignees';
import type { Redis } from './client';
import { PartitionLedger } from './partition-ledger';
import { SettledMemory } from './settled-memory';

const PARTITIONS = 4;
const group = (number: number) => groupConversation(poolName('default'), groupId(String(number)));
const [a, b] = [eventId('m.10001.g7.s5'), eventId('m.10002.g7.s5')];

let redis: Redis;
withTestRedis((connected) => {
  redis = connected;
});

describe('SettledMemory', () => {
  const clock = new FakeClock();
  let ledgers: PartitionLedger[] = [];
  const ledger = (events?: { ageMs: number; count: number }) => {
    const made = new PartitionLedger({ redis, clock, ...(events && { events }) });
    ledgers.push(made);
    return made;
  };
  const memory = (events?: { ageMs: number; count: number }) => new SettledMemory(ledger(events), PARTITIONS);
  afterEach(() => {
    for (const made of ledgers) made.close();
    ledgers = [];
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
    const before = await scriptCalls(redis, 'evalsha');
    await Promise.all(Array.from({ length: 200 }, (_, n) => sut.take(group(7), `g7.s${n}`, eventId(`m.${n}`))));
    expect((await scriptCalls(redis, 'evalsha')) - before).toBe(1);
  });

  it('forgets the oldest beyond its number and 64 more, also when each comes by itself', async () => {
    const sut = memory({ ageMs: 60_000, count: 2 });
    for (let n = 1; n <= 65; n++) await sut.take(group(7), `s${n}`, a);
    const [members] = await redis.keys('*:settled');
    expect(await redis.hlen(String(members))).toBe(2);
    expect((await sut.take(group(7), 's65', b)).kind).toBe('in_hand');
    expect((await sut.take(group(7), 's1', b)).kind).toBe('new');
  });

  it('forgets what an earlier worker has left beyond its number with the first that it takes', async () => {
    for (const n of [1, 2, 3]) await memory({ ageMs: 60_000, count: 2 }).take(group(7), `s${n}`, a);
    const [members] = await redis.keys('*:settled');
    expect(await redis.hkeys(String(members))).toEqual(['s2', 's3']);
  });

  it('forgets what is too old', async () => {
    const sut = memory({ ageMs: -1_000, count: 10 });
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
    const notes = ledger();
    const sut = new SettledMemory(notes, PARTITIONS);
    const troubles: Error[] = [];
    notes.on('trouble', (error) => troubles.push(error));
    await redis.config('SET', 'maxmemory', '1');
    try {
      const taken = sut.take(group(7), 's1', a);
      await eventually('the trouble is told', () => troubles.length > 0 && clock.pending === 1);
      await redis.config('SET', 'maxmemory', '0');
      clock.advance(500);
      expect(await taken).toEqual({ kind: 'new' });
    } finally {
      await redis.config('SET', 'maxmemory', '0');
    }
  });

  it('gives up with Redis when it is closed', async () => {
    const notes = ledger();
    const sut = new SettledMemory(notes, PARTITIONS);
    notes.close();
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
