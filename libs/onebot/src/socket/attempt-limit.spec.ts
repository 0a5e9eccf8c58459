import { describe, expect, it } from '@jest/globals';
import { FakeClock } from '@rookery/testing';
import { AttemptLimit } from './attempt-limit';

describe('AttemptLimit', () => {
  it('lets a subject fail five times in any window, and again when the oldest failure has left it', () => {
    const clock = new FakeClock();
    const sut = new AttemptLimit(clock, 5);
    for (let i = 0; i < 5; i++) {
      expect(sut.isExhausted('a')).toBe(false);
      sut.failed('a');
      clock.advance(10_000);
    }
    expect(sut.isExhausted('a')).toBe(true);
    clock.advance(9_999);
    expect(sut.isExhausted('a')).toBe(true);
    clock.advance(1);
    expect(sut.isExhausted('a')).toBe(false);
  });

  it('judges each subject alone', () => {
    const sut = new AttemptLimit(new FakeClock(), 1);
    sut.failed('a');
    expect([sut.isExhausted('a'), sut.isExhausted('b')]).toEqual([true, false]);
  });

  it('forgets the longest silent subject instead of growing without bound', () => {
    const sut = new AttemptLimit(new FakeClock(), 1);
    sut.failed('first');
    sut.failed('second');
    sut.failed('first');
    for (let i = 0; i < 9_999; i++) sut.failed(`address ${i}`);
    expect([sut.isExhausted('second'), sut.isExhausted('first')]).toEqual([false, true]);
  });
});
