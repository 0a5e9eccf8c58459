import { describe, expect, it } from '@jest/globals';
import { broadcastId, DEFAULT_POOL, SECOND, selfId, type BroadcastId } from '@rookery/protocol';
import { FakeClock } from '@rookery/testing';
import { BroadcastRounds } from './broadcast-rounds';
import { PoolAccounts } from './pool-accounts';

const [ONE, TWO] = [broadcastId('first1'), broadcastId('second2')];

function setUp() {
  const clock = new FakeClock();
  const held = new Map([[1, 7]]);
  const open = new Map<number, BroadcastId[]>();
  const log: string[] = [];
  const trouble: string[] = [];
  const ends = new Map<string, () => void>();
  let broken = false;
  const sut = new BroadcastRounds({
    clock,
    held: () => held,
    open: async (partition) => {
      if (broken) throw new Error('away');
      return open.get(partition) ?? [];
    },
    run: (partition, epoch, id) => {
      log.push(`run ${id} of ${partition} under ${epoch}`);
      let end = (): void => undefined;
      const ended = new Promise<void>((resolve) => (end = resolve));
      ends.set(id, end);
      const stop = (): Promise<void> => {
        log.push(`stop ${id}`);
        end();
        return ended;
      };
      return { wake: () => void log.push(`wake ${id}`), stop, ended, left: { waiting: 5, paused: 0, inHand: 2 } };
    },
  });
  sut.on('trouble', (error) => trouble.push(error.message));
  return { sut, clock, held, open, log, trouble, ends, breakRedis: (now: boolean) => (broken = now) };
}

describe('BroadcastRounds', () => {
  it('runs what is open in the partitions that are held, once', async () => {
    const { sut, clock, open, log } = setUp();
    open.set(1, [ONE]).set(2, [TWO]);
    sut.start();
    await clock.advanceAsync(12 * SECOND);
    expect(log.filter((line) => line.startsWith('run'))).toEqual(['run first1 of 1 under 7']);
    expect(sut.size).toBe(1);
    await sut.stop();
    expect(clock.pending).toBe(0);
  });

  it('adds up what is left of all that it carries out', async () => {
    const { sut, clock, open } = setUp();
    expect(sut.left).toEqual({ waiting: 0, paused: 0, inHand: 0 });
    open.set(1, [ONE, TWO]);
    sut.start();
    await clock.advanceAsync(1);
    expect(sut.left).toEqual({ waiting: 10, paused: 0, inHand: 4 });
    await sut.stop();
  });

  it('finds a new one when it is told, and wakes those that run', async () => {
    const { sut, clock, open, log } = setUp();
    sut.start();
    await clock.advanceAsync(1);
    open.set(1, [ONE]);
    sut.poke();
    sut.poke();
    await clock.advanceAsync(1);
    sut.poke();
    await clock.advanceAsync(1);
    expect(log.filter((line) => line !== 'wake first1')).toEqual(['run first1 of 1 under 7']);
    expect(log).toContain('wake first1');
    await sut.stop();
  });

  it('stops those of a partition that is lost, or held anew, before they run again', async () => {
    const { sut, clock, held, open, log } = setUp();
    open.set(1, [ONE]);
    sut.start();
    await clock.advanceAsync(1);
    held.set(1, 8);
    sut.poke();
    await clock.advanceAsync(1);
    sut.poke();
    await clock.advanceAsync(1);
    expect(log.filter((line) => !line.startsWith('wake'))).toEqual([
      'run first1 of 1 under 7',
      'stop first1',
      'run first1 of 1 under 8',
    ]);
    held.clear();
    sut.poke();
    await clock.advanceAsync(1);
    expect(sut.size).toBe(0);
    await sut.stop();
  });

  it('forgets those that have ended', async () => {
    const { sut, clock, open, ends } = setUp();
    open.set(1, [ONE]);
    sut.start();
    await clock.advanceAsync(1);
    open.clear();
    ends.get(ONE)?.();
    await clock.advanceAsync(1);
    expect(sut.size).toBe(0);
    await sut.stop();
  });

  it('says when Redis does not answer, and looks again', async () => {
    const { sut, clock, open, trouble, breakRedis } = setUp();
    open.set(1, [ONE]);
    breakRedis(true);
    sut.start();
    await clock.advanceAsync(1);
    expect(trouble).toEqual(['away']);
    breakRedis(false);
    await clock.advanceAsync(5 * SECOND);
    expect(sut.size).toBe(1);
    await sut.stop();
  });
});

describe('PoolAccounts', () => {
  it('tell who can act, who is expected and who is not, and are read at most every two seconds', async () => {
    const clock = new FakeClock();
    let reads = 0;
    const of = (self: string, wanted: 'started' | 'stopped') => ({ self: selfId(self), pool: DEFAULT_POOL, wanted });
    const sut = new PoolAccounts({
      clock,
      registry: {
        list: async () => {
          reads += 1;
          return [of('1', 'started'), of('2', 'started'), of('3', 'stopped'), of('4', 'started'), of('5', 'started')];
        },
      },
      board: {
        all: async () => [
          { self: selfId('1'), state: 'online' },
          { self: selfId('2'), state: 'offline' },
          { self: selfId('3'), state: 'online' },
          { self: selfId('4'), state: 'failed' },
        ],
      },
    });
    expect(sut.of(DEFAULT_POOL)).toEqual([]);
    await Promise.all([sut.look(), sut.look()]);
    await sut.look();
    expect(reads).toBe(1);
    expect(sut.of(DEFAULT_POOL).map(({ online, awaited }) => [online, awaited])).toEqual([
      [true, false],
      [false, true],
      [false, false],
      [false, false],
      [false, true],
    ]);
    clock.advance(2 * SECOND);
    await sut.look();
    expect(reads).toBe(2);
  });
});
