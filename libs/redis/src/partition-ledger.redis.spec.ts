import { describe, expect, it } from '@jest/globals';
import { FakeClock, nodeId } from '@rookery/protocol';
import { eventually, scriptCalls, withTestRedis, writtenEnvelope } from '@rookery/testing';
import type { Redis } from './client';
import { EnvelopeJobs, putEnvelope } from './envelope-jobs';
import { PartitionLedger } from './partition-ledger';

let redis: Redis;
withTestRedis((connected) => {
  redis = connected;
});

const clock = new FakeClock(1_700_000_000_000);
const jobsOf = (partition: number, ledger: PartitionLedger) =>
  new EnvelopeJobs({ redis, partition, clock, lockMs: 10_000, ledger });
const put = (partition: number, seq: number) =>
  putEnvelope(redis, writtenEnvelope({ partition, node: nodeId('c1'), seq, events: [] }), {
    options: '{}',
    now: clock.now(),
  });

describe('PartitionLedger', () => {
  it('settles an event and ends its envelope in one call, whatever the number of partitions, and in the order of the notes', async () => {
    const ledger = new PartitionLedger({ redis, clock });
    const partitions = [1, 2, 3];
    for (const partition of partitions) await put(partition, partition);
    const before = await scriptCalls(redis, 'evalsha');
    const jobs = partitions.map((partition) => jobsOf(partition, ledger));
    const taken = await Promise.all(jobs.map((one) => one.take(8, 'token', 0)));
    const ofTaking = (await scriptCalls(redis, 'evalsha')) - before;
    const notes = partitions.flatMap((partition, at) => [
      ledger.note(partition, { what: 'settle', subject: 'r', value: `copy${partition}` }),
      jobs[at]!.end({ id: taken[at]!.jobs[0]!.id, token: 'token' }),
      ledger.note(partition, { what: 'take', subject: 'r', value: 'another' }),
    ]);
    expect(await Promise.all(notes)).toEqual(['', true, '!copy1', '', true, '!copy2', '', true, '!copy3']);
    const ofNoting = redis.isCluster ? partitions.length : 1;
    expect((await scriptCalls(redis, 'evalsha')) - before).toBe(ofTaking + ofNoting);
  });

  it('answers the same when a note is repeated whose answer was lost: done, and a copy that is taken', async () => {
    const ledger = new PartitionLedger({ redis, clock });
    await put(1, 1);
    const jobs = jobsOf(1, ledger);
    const id = (await jobs.take(8, 'token', 0)).jobs[0]!.id;
    expect([await jobs.end({ id, token: 'token' }), await jobs.end({ id, token: 'token' })]).toEqual([true, true]);
    const entry = { what: 'take', subject: 'r', value: 'copy' } as const;
    expect([await ledger.note(1, entry), await ledger.note(1, entry)]).toEqual(['', 'copy']);
  });

  it('does not end what somebody else holds, nor what is not done and held by nobody', async () => {
    const ledger = new PartitionLedger({ redis, clock });
    await put(1, 1);
    const jobs = jobsOf(1, ledger);
    const id = (await jobs.take(8, 'token', 0)).jobs[0]!.id;
    expect(await jobs.end({ id, token: 'former' })).toBe(false);
    await redis.del(`rookery:events-{p1}:${id}:lock`);
    expect(await jobs.end({ id, token: 'token' })).toBe(false);
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
