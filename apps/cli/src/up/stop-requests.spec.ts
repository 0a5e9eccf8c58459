import { describe, expect, it } from '@jest/globals';
import { EventEmitter } from 'node:events';
import { FakeClock } from '@rookery/testing';
import { StopRequests } from './stop-requests';

function setUp() {
  const signals = new EventEmitter();
  const screen = new EventEmitter();
  const clock = new FakeClock();
  const sut = new StopRequests(signals, screen, clock);
  let forced = 0;
  sut.onForced(() => (forced += 1));
  return { signals, screen, clock, sut, forced: () => forced };
}

describe('StopRequests', () => {
  it.each(['SIGINT', 'SIGTERM', 'SIGHUP'])(
    'takes %s as a request, and a later one as a demand to hurry',
    async (signal) => {
      const { signals, sut, clock, forced } = setUp();
      signals.emit(signal);
      await sut.first;
      clock.advance(500);
      expect(forced()).toBe(0);
      signals.emit('SIGINT');
      expect(forced()).toBe(1);
    },
  );

  it('takes the echo of one Ctrl-C, which npm passes on, for no demand to hurry', async () => {
    const { signals, sut, clock, forced } = setUp();
    signals.emit('SIGINT');
    await sut.first;
    clock.advance(20);
    signals.emit('SIGINT');
    expect(forced()).toBe(0);
  });

  it('takes a terminal that is gone as a request', async () => {
    const { sut, screen } = setUp();
    screen.emit('error', new Error('EPIPE'));
    expect(await sut.first).toBeUndefined();
  });
});
