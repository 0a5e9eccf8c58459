import { describe, expect, it } from '@jest/globals';
import { groupId, selfId } from '@rookery/protocol';
import { SequenceMemory } from './sequence-memory';

const self = selfId('10001');
const other = selfId('10002');
const group = (n: number) => groupId(String(700 + n));
const all = () => true;

describe('SequenceMemory', () => {
  it('keeps the highest sequence when messages come out of order or twice', () => {
    const sut = new SequenceMemory();
    sut.note(self, group(1), 5, 50);
    sut.note(self, group(1), 4, 60);
    sut.note(self, group(1), 5, 70);
    expect(sut.of(self)).toEqual([{ groupId: group(1), seq: 5, at: 50 }]);
  });

  it('hands out what is known at that moment: later messages do not change what a gap is measured from', () => {
    const sut = new SequenceMemory();
    sut.note(self, group(1), 5, 50);
    const before = sut.of(self);
    const unsaved = sut.takeUnsaved(all).get(self);
    sut.note(self, group(1), 9, 90);
    expect(before).toEqual([{ groupId: group(1), seq: 5, at: 50 }]);
    expect(unsaved).toEqual([{ groupId: group(1), seq: 5, at: 50 }]);
  });

  it('gives each changed group out once, with its last state, and none of unwanted accounts', () => {
    const sut = new SequenceMemory();
    for (const seq of [1, 2, 3]) sut.note(self, group(1), seq, seq);
    sut.note(self, group(2), 7, 7);
    sut.note(other, group(1), 4, 4);
    expect(sut.takeUnsaved((account) => account === self)).toEqual(
      new Map([
        [
          self,
          [
            { groupId: group(1), seq: 3, at: 3 },
            { groupId: group(2), seq: 7, at: 7 },
          ],
        ],
      ]),
    );
    expect(sut.hasUnsaved).toBe(false);
    sut.note(self, group(2), 8, 8);
    expect(sut.takeUnsaved(all)).toEqual(new Map([[self, [{ groupId: group(2), seq: 8, at: 8 }]]]));
  });

  it('still hands out what is unsaved of an account that has left', () => {
    const sut = new SequenceMemory();
    sut.note(self, group(1), 5, 50);
    sut.forget(self);
    expect(sut.of(self)).toEqual([]);
    expect(sut.takeUnsaved(all).get(self)).toEqual([{ groupId: group(1), seq: 5, at: 50 }]);
  });

  it('is bounded: of more groups than it keeps, the one that was silent longest is forgotten', () => {
    const sut = new SequenceMemory();
    for (let n = 0; n < 500; n++) sut.note(self, group(n), 1, n);
    sut.note(self, group(0), 2, 1_000);
    sut.note(self, group(500), 1, 1_001);
    const known = sut.of(self).map(({ groupId: id }) => id);
    expect(known).toHaveLength(500);
    expect(known).toContain(group(0));
    expect(known).not.toContain(group(1));
  });
});
