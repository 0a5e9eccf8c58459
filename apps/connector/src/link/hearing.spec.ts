import { describe, expect, it } from '@jest/globals';
import { MINUTE, SECOND } from '@rookery/protocol';
import { FakeClock } from '@rookery/testing';
import { Hearing } from './hearing';

function listening() {
  const clock = new FakeClock();
  const sut = new Hearing(clock);
  sut.begin();
  const hear = (times: number, everyMs: number) => {
    for (let n = 0; n < times; n++) {
      clock.advance(everyMs);
      sut.heard();
    }
  };
  return { clock, sut, hear };
}

describe('Hearing', () => {
  it.each([
    ['a busy account', 200, SECOND],
    ['a calm one', 60, 30 * SECOND],
  ])('finds the silence of %s unusual only far beyond its usual traffic', (_who, times, everyMs) => {
    const { clock, sut, hear } = listening();
    hear(times, everyMs);
    expect(Math.abs(sut.usualIntervalMs / everyMs - 1)).toBeLessThan(0.01);
    const bound = Math.max(5 * MINUTE, 30 * sut.usualIntervalMs);
    clock.advance(bound - SECOND);
    expect(sut.unusualSilenceMs).toBeUndefined();
    clock.advance(2 * SECOND);
    expect(sut.unusualSilenceMs).toBeCloseTo(bound + SECOND, 3);
  });

  it('says nothing of an account that it hardly heard', () => {
    const { clock, sut, hear } = listening();
    hear(10, SECOND);
    clock.advance(600 * MINUTE);
    expect(sut.unusualSilenceMs).toBeUndefined();
  });

  it('follows an account that falls quiet slowly, as groups do at night', () => {
    const { sut, hear } = listening();
    hear(600, SECOND);
    for (const everyMs of [10, 30, 60, 120].map((seconds) => seconds * SECOND)) {
      hear(60, everyMs);
      expect([everyMs, sut.unusualSilenceMs]).toEqual([everyMs, undefined]);
    }
  });

  it('does not count the time without a connection', () => {
    const { clock, sut, hear } = listening();
    hear(200, SECOND);
    sut.end();
    clock.advance(600 * MINUTE);
    expect(sut.unusualSilenceMs).toBeUndefined();
    sut.begin();
    expect(sut.unusualSilenceMs).toBeUndefined();
    sut.heard();
    expect(sut.usualIntervalMs).toBeLessThan(1.01 * SECOND);
  });
});
