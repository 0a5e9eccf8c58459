import { describe, expect, it } from '@jest/globals';
import { FakeClock, nodeId } from '@rookery/protocol';
import { eventually, scriptCalls, withTestRedis, writtenEnvelope } from '@rookery/testing';
import type { Redis } from './client';
import { EnvelopePuts } from './envelope-puts';
import { EnvelopeTakes } from './envelope-takes';
import { PartitionLedger } from './partition-ledger';

let redis: Redis;
withTestRedis((connected) => {
  redis = connected;
});

const clock = new FakeClock(1_700_000_000_000);
const put = (partition: number, seq: number) =>
  new EnvelopePuts({ redis, clock, options: '{}' }).put(
    writtenEnvelope({ partition, node: nodeId('c1'), seq, events: [] }),
  );
/** Takes the only envelope of a partition, and returns how it is ended. */
async function taken(partition: number, ledger: PartitionLedger) {
  const takes = new EnvelopeTakes({ redis, clock, lockMs: 10_000 });
  const { jobs } = await takes.take(partition, { limit: 8, token: 'token', held: 0 });
  return (value = 'token') => ledger.note(partition, { what: 'end', subject: jobs[0]!.id, value });
}

describe('PartitionLedger', () => {
  it('settles an event and ends its envelope in one call, whatever the number of partitions, and in the order of the notes', async () => {
    const ledger = new PartitionLedger({ redis, clock });
    const partitions = [1, 2, 3];
    for (const partition of partitions) await put(partition, partition);
    const before = await scriptCalls(redis, 'evalsha');
    const ends = await Promise.all(partitions.map((partition) => taken(partition, ledger)));
    const ofTaking = (await scriptCalls(redis, 'evalsha')) - before;
    const notes = partitions.flatMap((partition, at) => [
      ledger.note(partition, { what: 'settle', subject: 'r', value: `copy${partition}` }),
      ends[at]!(),
      ledger.note(partition, { what: 'take', subject: 'r', value: 'another' }),
    ]);
    expect(await Promise.all(notes)).toEqual(['', 'done', '!copy1', '', 'done', '!copy2', '', 'done', '!copy3']);
    const ofNoting = redis.isCluster ? partitions.length : 1;
    expect((await scriptCalls(redis, 'evalsha')) - before).toBe(ofTaking + ofNoting);
  });

  it('answers the same when a note is repeated whose answer was lost: done, and a copy that is taken', async () => {
    const ledger = new PartitionLedger({ redis, clock });
    await put(1, 1);
    const end = await taken(1, ledger);
    expect([await end(), await end()]).toEqual(['done', 'done']);
    const entry = { what: 'take', subject: 'r', value: 'copy' } as const;
    expect([await ledger.note(1, entry), await ledger.note(1, entry)]).toEqual(['', 'copy']);
  });

  it('does not end what somebody else holds, nor what is not done and held by nobody', async () => {
    const ledger = new PartitionLedger({ redis, clock });
    await put(1, 1);
    const end = await taken(1, ledger);
    expect(await end('former')).toBe('');
    await redis.del(await redis.keys('*:lock'));
    expect(await end()).toBe('');
    expect(await redis.llen('rookery:events-{p1}:active')).toBe(1);
  });

  it('leaves to the next holder what is held, and touches nothing that somebody else holds', async () => {
    const ledger = new PartitionLedger({ redis, clock });
    await put(1, 1);
    await taken(1, ledger);
    const [lock = ''] = await redis.keys('*:lock');
    const leave = (value: string) => ledger.note(1, { what: 'leave', subject: 'c1-1-1', value });
    expect([await leave('former'), await redis.get(lock)]).toEqual(['', 'token']);
    expect([await leave('token'), await redis.get(lock)]).toEqual(['', 'left']);
    expect([await leave('token'), await redis.get(lock)]).toEqual(['', 'left']);
    expect(await redis.pttl(lock)).toBeGreaterThan(50_000);
    expect(await redis.llen('rookery:events-{p1}:active')).toBe(1);
  });

  it('lets what comes up while a call is under way travel together in the next', async () => {
    const ledger = new PartitionLedger({ redis, clock });
    await ledger.note(1, { what: 'take', subject: 'warm', value: 'c' });
    const before = await scriptCalls(redis, 'evalsha');
    const note = (subject: string) => ledger.note(1, { what: 'take', subject, value: 'c' });
    const first = note('a');
    await new Promise<void>((resolve) => process.nextTick(resolve));
    const others = ['b', 'c', 'd'].map(note);
    await Promise.all([first, ...others]);
    expect((await scriptCalls(redis, 'evalsha')) - before).toBe(2);
  });

  it('lets a partition whose keys are spoilt hold up no other one, and loses nothing of it nor its order', async () => {
    const ledger = new PartitionLedger({ redis, clock });
    const troubles: Error[] = [];
    ledger.on('trouble', (error) => troubles.push(error));
    await redis.set('rookery:{p1}:settled', 'no hash');
    const note = (partition: number, what: 'take' | 'settle', value: string) =>
      ledger.note(partition, { what, subject: 'r', value });
    const spoilt = [note(1, 'settle', 'first'), note(1, 'take', 'second')];
    expect(await Promise.all([note(2, 'settle', 'a'), note(2, 'take', 'b')])).toEqual(['', '!a']);
    await eventually('the spoilt one is tried by itself', () => clock.pending === 1);
    spoilt.push(note(1, 'take', 'third'));
    expect(await note(2, 'take', 'c')).toBe('!a');
    await redis.del('rookery:{p1}:settled');
    clock.advance(500);
    expect(await Promise.all(spoilt)).toEqual(['', '!first', '!first']);
    expect(await note(1, 'take', 'fourth')).toBe('!first');
    expect(troubles[0]?.message).toContain('WRONGTYPE');
    ledger.close();
  });
});
