import { describe, expect, it } from '@jest/globals';
import { RecentMap } from './recent-map';

describe('RecentMap', () => {
  it('forgets what was not asked for longest, and nothing younger', () => {
    const sut = new RecentMap<string, number>(2);
    sut.set('a', 1);
    sut.set('b', 2);
    sut.get('a');
    sut.set('c', 3);
    expect([sut.get('a'), sut.get('b'), sut.get('c')]).toEqual([1, undefined, 3]);
  });

  it('forgets nothing that is asked for while it fills up, however early it came', () => {
    const sut = new RecentMap<number, number>(10);
    sut.set(0, 0);
    for (let n = 1; n < 100; n++) {
      expect(sut.get(0)).toBe(0);
      sut.set(n, n);
    }
    expect(sut.size).toBe(10);
    expect([sut.get(90), sut.get(91)]).toEqual([undefined, 91]);
  });

  it('takes a value anew without forgetting another', () => {
    const sut = new RecentMap<string, number>(2);
    for (const value of [1, 2, 3]) sut.set('a', value);
    sut.set('b', 1);
    expect([sut.get('a'), sut.get('b')]).toEqual([3, 1]);
    sut.delete('a');
    expect([sut.get('a'), sut.getOr('b', () => 9), sut.getOr('c', () => 9)]).toEqual([undefined, 1, 9]);
  });
});
