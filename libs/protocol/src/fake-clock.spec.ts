import { describe, expect, it } from '@jest/globals';
import { FakeClock } from './fake-clock';

describe('FakeClock', () => {
  it('stands still until it is moved', () => {
    const clock = new FakeClock(1000);
    const calls: string[] = [];
    clock.after(5, () => calls.push('due'));
    expect([clock.now(), clock.monotonic(), clock.pending, clock.nextIn]).toEqual([1000, 0, 1, 5]);
    clock.advance(4);
    expect(calls).toEqual([]);
    clock.advance(1);
    expect(calls).toEqual(['due']);
    expect([clock.now(), clock.monotonic(), clock.pending, clock.nextIn]).toEqual([1005, 5, 0, undefined]);
  });

  it('calls in order of due time, then of registration, each at its own time', () => {
    const clock = new FakeClock();
    const calls: string[] = [];
    const note = (name: string) => () => calls.push(`${name}@${clock.monotonic()}`);
    clock.after(20, note('c'));
    clock.after(10, note('a'));
    clock.after(10, note('b'));
    clock.after(31, note('late'));
    clock.advance(30);
    expect(calls).toEqual(['a@10', 'b@10', 'c@20']);
  });

  it('makes calls that were set during the span, and none that were cancelled', () => {
    const clock = new FakeClock();
    const calls: number[] = [];
    const cancel = clock.after(3, () => calls.push(-1));
    const tick = () => {
      calls.push(clock.monotonic());
      clock.after(2, tick);
    };
    clock.after(2, tick);
    cancel();
    clock.advance(7);
    expect(calls).toEqual([2, 4, 6]);
    expect(clock.pending).toBe(1);
  });

  it.each([-5, Number.NaN, Number.POSITIVE_INFINITY])('treats a delay of %p as now', (delay) => {
    const clock = new FakeClock();
    let called = false;
    clock.after(delay, () => (called = true));
    clock.advance(0);
    expect(called).toBe(true);
  });

  it('lets promises run between calls when advanced asynchronously', async () => {
    const clock = new FakeClock();
    const seen: number[] = [];
    const sleep = (ms: number) => new Promise<void>((resolve) => void clock.after(ms, resolve));
    const job = (async () => {
      for (let i = 0; i < 3; i++) {
        await sleep(10);
        seen.push(clock.monotonic());
      }
    })();
    await clock.advanceAsync(30);
    expect(seen).toEqual([10, 20, 30]);
    await job;
  });

  it('jumps the wall clock without waking timers', () => {
    const clock = new FakeClock(0);
    let called = false;
    clock.after(10, () => (called = true));
    clock.jumpWall(-3_600_000);
    expect([clock.now(), clock.monotonic(), called]).toEqual([-3_600_000, 0, false]);
  });
});
