import { describe, expect, it } from '@jest/globals';
import { FakeClock } from '@rookery/testing';
import { DialPace } from './dial-pace';

function pace(atOnce: number, perSecond: number) {
  const clock = new FakeClock();
  const sut = new DialPace({ clock, atOnce, perSecond });
  const started: [string, number][] = [];
  const admit = (name: string) => sut.admit(() => started.push([name, clock.monotonic()]));
  return { clock, sut, started, admit };
}

describe('DialPace', () => {
  it('starts the first at once and the others at the pace, in order', () => {
    const { clock, started, admit } = pace(50, 100);
    for (const name of ['a', 'b', 'c']) admit(name);
    expect(started).toEqual([['a', 0]]);
    clock.advance(20);
    expect(started).toEqual([
      ['a', 0],
      ['b', 10],
      ['c', 20],
    ]);
    expect(clock.pending).toBe(0);
  });

  it('keeps the pace across a pause: an idle minute does not allow a burst', () => {
    const { clock, started, admit } = pace(50, 100);
    admit('a');
    clock.advance(60_000);
    admit('b');
    admit('c');
    expect(started.map(([name]) => name)).toEqual(['a', 'b']);
    clock.advance(10);
    expect(started.map(([name]) => name)).toEqual(['a', 'b', 'c']);
  });

  it('never has more under way than allowed, and goes on when one ends', () => {
    const { clock, started, admit } = pace(2, 1000);
    const leave = admit('a');
    admit('b');
    admit('c');
    clock.advance(10_000);
    expect(started.map(([name]) => name)).toEqual(['a', 'b']);
    leave();
    leave(); // a second call must not free a second place
    admit('d');
    clock.advance(10_000);
    expect(started.map(([name]) => name)).toEqual(['a', 'b', 'c']);
  });

  it('forgets who gives up while waiting, and leaves no timer behind', () => {
    const { clock, started, admit } = pace(50, 100);
    admit('a');
    const leave = admit('b');
    expect(clock.pending).toBe(1);
    leave();
    expect(clock.pending).toBe(0);
    clock.advance(1000);
    expect(started.map(([name]) => name)).toEqual(['a']);
  });

  it('spreads a start with 500 accounts: at most 100 in any second', () => {
    const { clock, started, sut } = pace(50, 100);
    for (let i = 0; i < 500; i++) {
      const leave = sut.admit(() => {
        started.push([String(i), clock.monotonic()]);
        clock.after(3, () => leave());
      });
    }
    clock.advance(10_000);
    expect(started).toHaveLength(500);
    const most = Math.max(
      ...started.map(([, from]) => started.filter(([, at]) => at >= from && at < from + 1000).length),
    );
    expect(most).toBe(100);
    expect(clock.pending).toBe(0);
  });
});
