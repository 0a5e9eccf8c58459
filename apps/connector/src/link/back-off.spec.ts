import { describe, expect, it } from '@jest/globals';
import { BackOff } from './back-off';

describe('BackOff', () => {
  it('doubles its ceiling from the base to the cap and stays there', () => {
    const sut = new BackOff(() => 0.999_999, 1000, 60_000);
    const waits = Array.from({ length: 9 }, () => sut.next());
    expect(waits).toEqual([1000, 2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000, 60_000]);
  });

  it('stays finite after any number of failures', () => {
    const sut = new BackOff(() => 0.5, 1000, 60_000);
    for (let i = 0; i < 5000; i++) sut.next();
    expect(sut.next()).toBe(30_000);
  });

  it('uses the whole range below the ceiling (full jitter)', () => {
    const picks = [0, 0.25, 0.5];
    const sut = new BackOff(() => picks.shift() ?? 1, 1000, 60_000);
    expect([sut.next(), sut.next(), sut.next()]).toEqual([0, 500, 2000]);
  });

  it('starts over after a reset', () => {
    const sut = new BackOff(() => 1, 1000, 60_000);
    sut.next();
    sut.next();
    sut.reset();
    expect(sut.next()).toBe(1000);
  });
});
