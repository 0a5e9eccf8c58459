import { describe, expect, it } from '@jest/globals';
import { eventId, groupConversation, groupId, messageSeq, poolName } from '@rookery/protocol';
import { SeenMessages } from './seen-messages';

const group = (number: number) => groupConversation(poolName('default'), groupId(String(number)));

function setUp() {
  const sut = new SeenMessages({ perConversation: 3, conversations: 2 });
  return (g: number, seq: number, copy: string) => sut.take(group(g), messageSeq(String(seq)), eventId(copy));
}

describe('SeenMessages', () => {
  it('takes the first copy and no other', () => {
    const take = setUp();
    expect([take(1, 1, 'a'), take(1, 1, 'b'), take(1, 1, 'c')]).toEqual([true, false, false]);
  });

  it('takes the same copy again: a replayed event is not a sibling', () => {
    const take = setUp();
    expect([take(1, 1, 'a'), take(1, 1, 'b'), take(1, 1, 'a')]).toEqual([true, false, true]);
  });

  it('keeps equal sequence numbers of two groups apart', () => {
    const take = setUp();
    expect([take(1, 1, 'a'), take(2, 1, 'b')]).toEqual([true, true]);
  });

  it('forgets the oldest message of a conversation beyond its share, and no younger one', () => {
    const take = setUp();
    for (const seq of [1, 2, 3, 4]) take(1, seq, 'a');
    expect([take(1, 2, 'b'), take(1, 4, 'b'), take(1, 1, 'b')]).toEqual([false, false, true]);
  });

  it('forgets the conversation that was silent longest', () => {
    const take = setUp();
    take(1, 1, 'a');
    take(2, 1, 'a');
    take(1, 2, 'a');
    take(3, 1, 'a');
    expect([take(1, 1, 'b'), take(2, 1, 'b')]).toEqual([false, true]);
  });
});
