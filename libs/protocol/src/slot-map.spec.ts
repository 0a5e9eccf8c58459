import { describe, expect, it } from '@jest/globals';
import { SlotMap } from './slot-map';

describe('SlotMap', () => {
  it('is a map: the order of arrival, the last value of a key, nothing of what was deleted', () => {
    const [sut, map] = [new SlotMap<number, string>(), new Map<number, string>()];
    // A fixed sequence that sets and deletes 40 keys in no order that means anything.
    for (let n = 0, at = 1; n < 5_000; n++) {
      at = (at * 48_271) % 2_147_483_647;
      const key = at % 40;
      const isGone = at % 3 === 0;
      const [ours, theirs] = isGone
        ? [sut.delete(key), map.delete(key)]
        : [sut.set(key, `${n}`), void map.set(key, `${n}`)];
      expect(ours).toBe(theirs);
      expect([sut.size, sut.get(key), sut.has(key)]).toEqual([map.size, map.get(key), map.has(key)]);
    }
    expect([...sut]).toEqual([...map]);
    expect([...sut.keys()]).toEqual([...map.keys()]);
    expect([...sut.values()]).toEqual([...map.values()]);
  });

  it('goes on when entries are deleted and added while it is gone through', () => {
    const sut = new SlotMap<string, number>();
    for (const [at, key] of ['a', 'b', 'c'].entries()) sut.set(key, at);
    const seen: string[] = [];
    for (const [key] of sut) {
      seen.push(key);
      sut.delete('b');
      if (key === 'a') sut.set('d', 3);
    }
    expect(seen).toEqual(['a', 'c', 'd']);
  });
});
