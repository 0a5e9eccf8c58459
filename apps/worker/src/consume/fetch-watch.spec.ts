import { beforeEach, describe, expect, it } from '@jest/globals';
import { FakeClock } from '@rookery/protocol';
import { FetchWatch } from './fetch-watch';

describe('FetchWatch', () => {
  let clock: FakeClock;
  let told: unknown[];
  /** Partition → when its consumer last had an answer. */
  let answered: Map<number, number>;
  let sut: FetchWatch;

  beforeEach(() => {
    clock = new FakeClock();
    told = [];
    answered = new Map([
      [1, 0],
      [2, 0],
    ]);
    const fruitless = (ms: number) =>
      [...answered].flatMap(([partition, at]) => (clock.monotonic() - at >= ms ? [partition] : []));
    sut = new FetchWatch({ fruitless }, clock);
    sut.on('stuck', (partitions) => told.push(['stuck', clock.monotonic() / 1000, partitions]));
    sut.on('moving', () => told.push(['moving', clock.monotonic() / 1000]));
    sut.on('hopeless', (partitions) => told.push(['hopeless', clock.monotonic() / 1000, partitions]));
    sut.start();
  });

  it('says nothing while every partition answers', () => {
    for (let n = 0; n < 60; n += 1) {
      for (const partition of [1, 2]) answered.set(partition, clock.monotonic());
      clock.advance(5_000);
    }
    expect(told).toEqual([]);
  });

  it('tells of a fetch loop that stands still within 20 s, and of its recovery', () => {
    clock.advance(12_000);
    answered.set(2, clock.monotonic());
    clock.advance(8_000);
    expect(told).toEqual([
      ['stuck', 15, [1]],
      ['stuck', 20, [1]],
    ]);
    told.length = 0;
    for (const partition of [1, 2]) answered.set(partition, clock.monotonic());
    clock.advance(10_000);
    expect(told).toEqual([['moving', 25]]);
  });

  it('gives up after a minute, once', () => {
    answered.delete(2);
    clock.advance(300_000);
    expect(told.at(-1)).toEqual(['hopeless', 60, [1]]);
    expect(told.filter((entry) => JSON.stringify(entry).includes('hopeless'))).toHaveLength(1);
    expect(clock.pending).toBe(0);
  });

  it('leaves no timer when it is stopped', () => {
    sut.stop();
    clock.advance(300_000);
    expect([told, clock.pending]).toEqual([[], 0]);
  });
});
