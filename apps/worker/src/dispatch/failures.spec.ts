import { describe, expect, it } from '@jest/globals';
import { RookeryError, type ErrorCode, type Event } from '@rookery/protocol';
import type { DeadLetter, FailedHandling } from '@rookery/redis';
import { FakeClock } from '@rookery/testing';
import { failedHandling, Failures } from './failures';

const event = { id: 'e1', conversation: 'private:1:2' } as unknown as Event;
const route = { plugin: 'doer', handler: 'act' };

function setUp({ room = true, outages = 0 } = {}) {
  const clock = new FakeClock();
  const planned: [FailedHandling, number][] = [];
  const buried: DeadLetter[] = [];
  const seen: string[] = [];
  let left = outages;
  const away = () => {
    if (left-- > 0) throw new Error('Redis is away');
  };
  const sut = new Failures({
    clock,
    retries: {
      put: async (failed, inMs) => {
        away();
        if (room) planned.push([failed, inMs]);
        return room;
      },
    },
    deadLetters: {
      put: async (letter) => {
        away();
        buried.push(letter);
        return 2;
      },
    },
  });
  sut.on('retryPlanned', (_failed, inMs) => seen.push(`retry in ${inMs}`));
  sut.on('buried', (_letter, dropped) => seen.push(`buried, ${dropped} dropped`));
  sut.on('trouble', ({ message }) => seen.push(message));
  return { sut, clock, planned, buried, seen };
}

const failed = (attempts: number): FailedHandling => ({ ...failedHandling(event, route), attempts });

describe('Failures', () => {
  it.each<[ErrorCode, number, string]>([
    ['HANDLER_FAILED', 1, 'retry in 1000'],
    ['HANDLER_FAILED', 2, 'retry in 10000'],
    ['HANDLER_FAILED', 3, 'buried, 2 dropped'],
    ['HANDLER_TIMEOUT', 1, 'retry in 1000'],
    ['HANDLER_INTERRUPTED', 0, 'retry in 1000'],
    ['HANDLER_ENDED_HOST', 1, 'buried, 2 dropped'],
    ['PLUGIN_OFF', 1, 'buried, 2 dropped'],
    ['CONVERSATION_FULL', 0, 'buried, 2 dropped'],
  ])('with %s after %d attempts: %s', async (code, attempts, outcome) => {
    const { sut, seen } = setUp();
    await sut.keep(failed(attempts), new RookeryError(code, 'why'));
    expect(seen).toEqual([outcome]);
  });

  it('keeps event, handler, code, message, stack and time of what is given up', async () => {
    const { sut, clock, buried } = setUp();
    const cause = new Error('broken');
    await sut.keep(failed(3), new RookeryError('HANDLER_FAILED', 'act threw: broken', { cause }));
    expect(buried).toEqual([
      {
        ...{ v: 1, id: 'e1.doer.act', event, plugin: 'doer', handler: 'act', attempts: 3, done: [] },
        error: { code: 'HANDLER_FAILED', message: 'act threw: broken', stack: cause.stack },
        at: clock.now(),
      },
    ]);
  });

  it('buries what there is no room for among the retries', async () => {
    const { sut, planned, buried } = setUp({ room: false });
    await sut.keep(failed(1), new RookeryError('HANDLER_FAILED', 'why'));
    expect([planned.length, buried.length]).toEqual([0, 1]);
  });

  it('loses nothing while Redis is away', async () => {
    const { sut, clock, seen } = setUp({ outages: 2 });
    const keeping = sut.keep(failed(1), new RookeryError('HANDLER_FAILED', 'why'));
    await clock.advanceAsync(500);
    await clock.advanceAsync(500);
    await keeping;
    expect(seen).toEqual(['Redis is away', 'Redis is away', 'retry in 1000']);
  });
});
