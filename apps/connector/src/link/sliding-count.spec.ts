import { describe, expect, it } from '@jest/globals';
import { FakeClock } from '@rookery/testing';
import { SlidingCount } from './sliding-count';

describe('SlidingCount', () => {
  it('counts only what lies within the window, wherever the window begins', () => {
    const clock = new FakeClock();
    const sut = new SlidingCount(clock, 1000);
    expect(sut.size).toBe(0);
    expect(sut.add()).toBe(1);
    clock.advance(600);
    expect(sut.add()).toBe(2);
    clock.advance(399);
    expect(sut.size).toBe(2);
    clock.advance(1);
    expect(sut.size).toBe(1);
    expect(sut.add()).toBe(2);
  });
});
