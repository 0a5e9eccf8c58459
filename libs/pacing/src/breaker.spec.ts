import { describe, expect, it } from '@jest/globals';
import { MINUTE } from '@rookery/protocol';
import { FakeClock } from '@rookery/testing';
import { Breaker } from './breaker';

const RULES = { threshold: 3, openMs: 10 * MINUTE, openMaxMs: 30 * MINUTE };
function opened() {
  const clock = new FakeClock();
  const sut = new Breaker(RULES, clock);
  for (const id of ['a', 'b', 'c']) sut.failed(id);
  return { clock, sut };
}

describe('Breaker', () => {
  it('opens at the third failure in a row, and a success between them begins the count anew', () => {
    const clock = new FakeClock();
    const sut = new Breaker(RULES, clock);
    expect([sut.failed('a'), sut.failed('b'), sut.succeeded(), sut.failed('c'), sut.failed('d')]).toEqual(
      Array.from({ length: 5 }, () => undefined),
    );
    expect([sut.blocked(), sut.isIdle]).toEqual([undefined, false]);
    expect(sut.failed('e')).toBe('opened');
    expect(sut.blocked()).toEqual({ until: clock.now() + 10 * MINUTE });
  });

  it('lets one attempt through when its time is over, and closes when that succeeds', () => {
    const { clock, sut } = opened();
    clock.advance(10 * MINUTE);
    expect(sut.blocked()).toBeUndefined();
    expect(sut.begun('probe')).toBe('probing');
    expect(sut.blocked()).toEqual({});
    expect(sut.begun('another')).toBeUndefined();
    expect(sut.failed('one of before')).toBeUndefined();
    expect(sut.succeeded()).toBe('closed');
    expect([sut.blocked(), sut.isIdle]).toEqual([undefined, true]);
  });

  it('opens for twice as long after each failed probe, up to its bound', () => {
    const { clock, sut } = opened();
    for (const minutes of [20, 30, 30]) {
      clock.advance(60 * MINUTE);
      sut.begun('probe');
      expect(sut.failed('probe')).toBe('opened');
      expect(sut.blocked()).toEqual({ until: clock.now() + minutes * MINUTE });
    }
    sut.succeeded();
    sut.trip();
    expect(sut.blocked()).toEqual({ until: clock.now() + 10 * MINUTE });
  });

  it('lets another one probe when the first showed nothing', () => {
    const { clock, sut } = opened();
    clock.advance(10 * MINUTE);
    sut.begun('probe');
    expect([sut.spent('another'), sut.spent('probe')]).toEqual([false, true]);
    expect(sut.begun('next')).toBe('probing');
  });

  it('says in which state it is, and stays open when its time is over until something is attempted', () => {
    const { clock, sut } = opened();
    const states = [new Breaker(RULES, clock).state, sut.state];
    clock.advance(10 * MINUTE);
    states.push(sut.state);
    sut.begun('probe');
    states.push(sut.state);
    sut.succeeded();
    expect([...states, sut.state]).toEqual(['closed', 'open', 'open', 'probing', 'closed']);
  });

  it('goes on in another process where it was', () => {
    const { clock, sut } = opened();
    const heir = new Breaker(RULES, clock, sut.memory);
    expect(heir.blocked()).toEqual(sut.blocked());
    clock.advance(10 * MINUTE);
    heir.begun('probe');
    heir.failed('probe');
    expect(heir.blocked()).toEqual({ until: clock.now() + 20 * MINUTE });
  });
});
