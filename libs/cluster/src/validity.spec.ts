import { beforeEach, describe, expect, it } from '@jest/globals';
import { FakeClock, type Clock } from '@rookery/protocol';
import { Validity } from './validity';

/** As Node's: timers drop fractions of a millisecond, may come somewhat too early, and take half a millisecond at least. */
class CoarseClock extends FakeClock {
  override after(ms: number, call: () => void): () => void {
    return super.after(Math.max(0.5, Math.floor(ms) - 0.7), call);
  }
}

describe.each<[string, () => FakeClock & Clock]>([
  ['timers that come when they should', () => new FakeClock()],
  ['timers that come too early', () => new CoarseClock()],
])('Validity with %s', (_name, newClock) => {
  let clock: FakeClock;
  let told: string[];
  let sut: Validity;

  beforeEach(() => {
    clock = newClock();
    told = [];
    sut = new Validity(clock, (state) => told.push(state));
  });

  it('tells that it ended, whatever fraction of a millisecond the end lies at, and that it is back', () => {
    for (let n = 0; n < 20; n += 1) {
      sut.renewed(clock.monotonic() + 5_000 + n / 20, 0);
      clock.advance(4_990);
      expect(told).toEqual([]);
      clock.advance(20.01);
      expect([told, sut.isValid]).toEqual([['suspended'], false]);
      sut.renewed(clock.monotonic() + 5_000, 0);
      expect(told).toEqual(['suspended', 'resumed']);
      told.length = 0;
    }
  });

  it('says nothing while it is renewed in time, and leaves no timer when it is closed', () => {
    for (let n = 0; n < 50; n += 1) {
      sut.renewed(clock.monotonic() + 5_000.3, 0);
      clock.advance(2_000.7);
    }
    expect(told).toEqual([]);
    sut.close();
    expect([clock.pending, sut.isValid]).toEqual([0, false]);
  });

  it('does not count while it is quiet, and is back with the renewal after', () => {
    sut.renewed(5_000, 0);
    sut.renewed(5_000, 2_000);
    expect([told, sut.isValid]).toEqual([['suspended'], false]);
    clock.advance(2_000);
    sut.renewed(7_000, 0);
    expect([told, sut.isValid]).toEqual([['suspended', 'resumed'], true]);
  });
});
