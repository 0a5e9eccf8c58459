import { describe, expect, it } from '@jest/globals';
import { seededRandom } from '@rookery/simulator';
import { BackOff } from './back-off';

function make(random: () => number) {
  const clock = { time: 5_000, monotonic: () => clock.time };
  return { clock, sut: new BackOff(random, clock, 1000, 60_000) };
}

describe('BackOff', () => {
  it('waits no longer than it was away already, from the base up to the cap', () => {
    const { sut, clock } = make(() => 0.999_999);
    const waits = Array.from({ length: 9 }, () => {
      const wait = sut.next();
      clock.time += wait;
      return wait;
    });
    expect(waits).toEqual([1000, 1000, 2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000]);
  });

  it('comes back soon from a short outage, however short the first waits were', () => {
    const AWAY_MS = 2_000;
    for (let seed = 0; seed < 500; seed++) {
      const { sut, clock } = make(seededRandom(seed));
      const lost = clock.time;
      while (clock.time < lost + AWAY_MS) clock.time += sut.next();
      expect(clock.time - lost).toBeLessThanOrEqual(2 * AWAY_MS);
    }
  });

  it('tries seldom in a long outage', () => {
    const { sut, clock } = make(seededRandom(1));
    let tries = 0;
    for (; clock.time < 3_600_000; tries++) clock.time += sut.next();
    expect(tries).toBeLessThan(200);
  });

  it('uses the whole range below the ceiling (full jitter)', () => {
    const picks = [0, 0.25, 0.5];
    const { sut, clock } = make(() => picks.shift() ?? 1);
    const first = [sut.next(), sut.next()];
    clock.time += 4_000;
    expect([...first, sut.next()]).toEqual([0, 250, 2000]);
  });

  it('starts over after a reset', () => {
    const { sut, clock } = make(() => 1);
    sut.next();
    clock.time += 30_000;
    sut.reset();
    expect(sut.next()).toBe(1000);
  });
});
