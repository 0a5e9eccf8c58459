import { describe, expect, it } from '@jest/globals';
import { RecentMap } from './recent-map';

/** Asking makes an entry younger, so each is asked for in a map of its own. */
function isKept(asked: number, size: number): boolean {
  const sut = new RecentMap<number, number>(10);
  for (let n = 0; n < size; n++) sut.set(n, n);
  return sut.get(asked) === asked;
}

describe('RecentMap', () => {
  it('keeps the youngest, whenever it is asked, and at most twice as many', () => {
    for (let size = 1; size <= 40; size++) {
      const kept = Array.from({ length: size }, (_, n) => isKept(n, size));
      expect(kept.slice(-10)).not.toContain(false);
      expect(kept.slice(0, -20)).not.toContain(true);
    }
  });

  it('forgets nothing that is asked for meanwhile, however early it came', () => {
    const sut = new RecentMap<number, number>(10);
    sut.set(0, 0);
    for (let n = 1; n < 100; n++) {
      sut.set(n, n);
      if (n % 9 === 0) sut.get(0);
    }
    expect(sut.get(0)).toBe(0);
  });

  it('takes a value anew, and forgets for good what is deleted', () => {
    const sut = new RecentMap<string, number>(2);
    for (const value of [1, 2, 3]) sut.set('a', value);
    sut.set('b', 1);
    expect([sut.get('a'), sut.get('b')]).toEqual([3, 1]);
    sut.delete('a');
    expect([sut.get('a'), sut.getOr('b', () => 9), sut.getOr('c', () => 9)]).toEqual([undefined, 1, 9]);
  });
});
