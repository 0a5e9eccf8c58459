import { describe, expect, it } from '@jest/globals';
import { Chat } from './conversation';
import { kernelMessageId, MessageIds } from './message-ids';

const SELF = '3889000001';
const chat = () => new Chat('group:1', { kind: 'group', groupId: '1' }, 0);

describe('MessageIds', () => {
  it('makes positive 31-bit numbers that do not grow with the sequence', () => {
    const sut = new MessageIds(SELF);
    const room = chat();
    const ids = Array.from({ length: 200 }, () => sut.register(room.append('5', 1_786_700_000, [])));
    expect(ids.every((id) => Number.isInteger(id) && id > 0 && id < 2 ** 31)).toBe(true);
    expect(ids.toSorted((a, b) => a - b)).not.toEqual(ids);
  });

  it('evicts the oldest entry when the 5,001st comes', () => {
    const sut = new MessageIds(SELF);
    const room = chat();
    const first = sut.register(room.append('5', 1, []));
    const second = sut.register(room.append('5', 2, []));
    for (let n = 0; n < 4998; n++) sut.register(room.append('5', 3, []));
    expect([sut.size, sut.get(first)?.seq]).toEqual([5000, '1']);
    sut.register(room.append('5', 4, []));
    expect([sut.size, sut.get(first), sut.get(second)?.seq]).toEqual([5000, undefined, '2']);
  });

  it('knows nothing after a restart, and gives a message the same id again when history is read', () => {
    const sut = new MessageIds(SELF);
    const said = chat().append('5', 1, []);
    const id = sut.register(said);
    sut.forget();
    expect(sut.get(id)).toBeUndefined();
    expect(sut.register(said)).toBe(id);
    expect(sut.get(id)).toBe(said);
  });

  it('empties the whole table on a collision of two ids', () => {
    const sut = new MessageIds(SELF);
    const room = chat();
    const others = Array.from({ length: 3 }, () => sut.register(room.append('5', 1, [])));
    // Two messages that are equal in everything the id is made of.
    const [one, twin] = [chat().append('5', 9, []), chat().append('5', 9, [])];
    const id = sut.register(one);
    expect(sut.register(twin)).toBe(id);
    expect([sut.size, sut.get(id), ...others.map((other) => sut.get(other))]).toEqual([
      1,
      twin,
      undefined,
      undefined,
      undefined,
    ]);
  });

  it('derives kernel ids above 2^53 whose upper half is the time', () => {
    const id = BigInt(kernelMessageId(SELF, chat().append('5', 1_786_700_000, [])));
    expect(id > 2n ** 53n).toBe(true);
    expect(id >> 32n).toBe(1_786_700_000n);
  });
});
