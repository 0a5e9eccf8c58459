import { describe, expect, it } from '@jest/globals';
import { RookeryError, type Event } from '@rookery/protocol';
import type { TakenRetry } from '@rookery/redis';
import { FakeClock } from '@rookery/testing';
import { failedHandling } from './failures';
import { RetryRounds, type RetryRoundsOptions } from './retry-rounds';

const taken = (id: string, takes = 1): TakenRetry => ({
  failed: failedHandling({ id, conversation: 'private:1:2' } as unknown as Event, { plugin: 'doer', handler: 'act' }),
  partition: 0,
  takes,
});

function setUp(repeat: RetryRoundsOptions['repeat'] = () => Promise.resolve('settled')) {
  const clock = new FakeClock();
  const seen: string[] = [];
  let due: TakenRetry[] = [];
  let away = false;
  let held = [0];
  const sut = new RetryRounds({
    clock,
    partitions: () => held,
    failures: { keep: async (failed, error: RookeryError) => void seen.push(`kept ${failed.id} ${error.code}`) },
    retries: {
      take: async (_partitions, limit) => {
        if (away) throw new Error('Redis is away');
        return due.splice(0, limit);
      },
      renew: async (entries) => void seen.push(`renewed ${entries.length}`),
      settle: async ({ failed }) => {
        if (away) throw new Error('Redis is away');
        seen.push(`settled ${failed.id}`);
      },
    },
    repeat: (failed) => {
      seen.push(`repeated ${failed.id}`);
      return repeat(failed);
    },
  });
  sut.on('trouble', ({ message }) => seen.push(message));
  sut.start();
  const offer = (...entries: TakenRetry[]) => void (due = entries);
  return { sut, clock, seen, offer, lose: () => (held = []), setAway: (value: boolean) => (away = value) };
}

describe('RetryRounds', () => {
  it('repeats what is due and settles it', async () => {
    const { sut, clock, seen, offer } = setUp();
    offer(taken('a'));
    await clock.advanceAsync(500);
    expect(seen).toEqual(['repeated a.doer.act', 'settled a.doer.act']);
    await sut.stop();
    expect(clock.pending).toBe(0);
  });

  it('takes nothing while this worker holds no partition', async () => {
    const { sut, clock, seen, offer, lose } = setUp();
    offer(taken('a'));
    lose();
    await clock.advanceAsync(2_000);
    await sut.stop();
    expect(seen).toEqual([]);
  });

  it('gives up what has ended three workers, without running it once more', async () => {
    const { sut, clock, seen, offer } = setUp();
    offer(taken('a', 3), taken('b', 4));
    await clock.advanceAsync(500);
    await sut.stop();
    expect(seen).toContain('repeated a.doer.act');
    expect(seen).toContain('kept b.doer.act HANDLER_ENDED_HOST');
    expect(seen).not.toContain('repeated b.doer.act');
  });

  it('takes at most 32 at a time, and renews what takes long', async () => {
    const { sut, clock, seen, offer } = setUp(() => new Promise(() => undefined));
    offer(...Array.from({ length: 40 }, (_, n) => taken(`e${n}`)));
    await clock.advanceAsync(19_000);
    expect(seen).toHaveLength(32);
    await clock.advanceAsync(2_000);
    expect(seen.slice(32)).toEqual(['renewed 32']);
    void sut.stop();
  });

  it('leaves what was withdrawn to the worker that has its partition next', async () => {
    const { sut, clock, seen, offer } = setUp(() => Promise.resolve('withdrawn'));
    offer(taken('a'));
    await clock.advanceAsync(500);
    await sut.stop();
    expect(seen).toEqual(['repeated a.doer.act']);
  });

  it('settles nothing that was not run, and goes on', async () => {
    const full = new RookeryError('CONVERSATION_FULL', 'no room');
    const { sut, clock, seen, offer } = setUp(() => Promise.reject(full));
    offer(taken('a'));
    await clock.advanceAsync(1_000);
    await sut.stop();
    expect(seen).toEqual(['repeated a.doer.act', 'no room']);
  });

  it('goes on when Redis is back', async () => {
    const { sut, clock, seen, offer, setAway } = setUp();
    offer(taken('a'));
    setAway(true);
    await clock.advanceAsync(500);
    setAway(false);
    await clock.advanceAsync(500);
    await sut.stop();
    expect(seen).toEqual(['Redis is away', 'repeated a.doer.act', 'settled a.doer.act']);
  });
});
