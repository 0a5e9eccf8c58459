import { describe, expect, it } from '@jest/globals';
import { EventEmitter } from 'node:events';
import { StopRequests } from './stop-requests';

describe('StopRequests', () => {
  it.each(['SIGINT', 'SIGTERM', 'SIGHUP'])(
    'takes %s as a request, and the second one as a demand to hurry',
    async (signal) => {
      const signals = new EventEmitter();
      const sut = new StopRequests(signals, new EventEmitter());
      let forced = 0;
      sut.onForced(() => (forced += 1));
      signals.emit(signal);
      await sut.first;
      expect(forced).toBe(0);
      signals.emit('SIGINT');
      expect(forced).toBe(1);
    },
  );

  it('takes a terminal that is gone as a request', async () => {
    const screen = new EventEmitter();
    const sut = new StopRequests(new EventEmitter(), screen);
    screen.emit('error', new Error('EPIPE'));
    expect(await sut.first).toBeUndefined();
  });
});
