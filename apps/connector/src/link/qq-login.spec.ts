import { describe, expect, it } from '@jest/globals';
import { MINUTE } from '@rookery/protocol';
import { FakeClock } from '@rookery/testing';
import { LINK_LIMITS } from './limits';
import { QqLogin } from './qq-login';

function setUp() {
  const clock = new FakeClock();
  return { clock, sut: new QqLogin(clock, LINK_LIMITS) };
}

describe('QqLogin', () => {
  it('believes NapCat at once, in both directions', () => {
    const { sut } = setUp();
    expect([sut.told(false), sut.told(true), sut.told(false)]).toEqual(['lost', 'held', 'lost']);
  });

  it('believes a refused action more than a NapCat that says it is online, longer with each time', () => {
    const { clock, sut } = setUp();
    for (const holdMs of [1, 2, 4, 8, 15, 15].map((minutes) => minutes * MINUTE)) {
      sut.refused();
      clock.advance(holdMs - 1);
      expect([holdMs, sut.told(true)]).toEqual([holdMs, 'lost']);
      clock.advance(1);
      expect([holdMs, sut.told(true)]).toEqual([holdMs, 'held']);
    }
  });

  it('counts the refusals of actions that were under way together as one', () => {
    const { clock, sut } = setUp();
    for (let n = 0; n < 5; n++) sut.refused();
    clock.advance(MINUTE);
    expect(sut.told(true)).toBe('held');
  });

  it('takes a message that was sent as proof, and starts anew with the shortest hold', () => {
    const { clock, sut } = setUp();
    sut.refused();
    clock.advance(MINUTE);
    sut.told(true);
    sut.refused();
    sut.proven();
    expect(sut.isLost).toBe(false);
    sut.refused();
    clock.advance(MINUTE);
    expect(sut.told(true)).toBe('held');
  });

  it('believes a NapCat that came back, but goes on counting', () => {
    const { clock, sut } = setUp();
    sut.refused();
    sut.forget();
    expect(sut.isLost).toBe(false);
    sut.refused();
    clock.advance(MINUTE);
    expect(sut.told(true)).toBe('lost');
  });
});
