import { describe, expect, it } from '@jest/globals';
import { FakeClock } from '@rookery/testing';
import { Pace, PACE_PROFILES } from './pace';

describe('Pace', () => {
  it('lets the first send go at once and holds the second for gap and jitter', () => {
    const clock = new FakeClock();
    const sut = new Pace({ gapMs: 1_000, jitterMs: 500 }, clock, () => 0.5);
    expect(sut.waitMs()).toBe(0);
    sut.sent();
    expect(sut.waitMs()).toBe(1_250);
    clock.advance(1_249);
    expect(sut.waitMs()).toBe(1);
    clock.advance(1);
    expect(sut.waitMs()).toBe(0);
  });

  it('earns no burst by waiting', () => {
    const clock = new FakeClock();
    const sut = new Pace(PACE_PROFILES.default, clock, () => 0);
    sut.sent();
    clock.advance(60_000);
    sut.sent();
    expect(sut.waitMs()).toBe(1_000);
  });
});
