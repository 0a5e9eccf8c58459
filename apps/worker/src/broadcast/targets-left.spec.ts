import { describe, expect, it } from '@jest/globals';
import type { BroadcastRecord } from '@rookery/redis';
import { targetsLeft } from './targets-left';

const seen = (wanted: BroadcastRecord['wanted']) => ({ wanted, counts: { waiting: 7 } }) as BroadcastRecord;

describe('targetsLeft', () => {
  it.each([
    [undefined, { waiting: 0, paused: 0, inHand: 0 }],
    [seen('running'), { waiting: 7, paused: 0, inHand: 3 }],
    [seen('paused'), { waiting: 0, paused: 7, inHand: 3 }],
    [seen('cancelled'), { waiting: 7, paused: 0, inHand: 3 }],
  ])('keeps apart what waits for an account and what for an operator', (record, expected) => {
    expect(targetsLeft(record, 3)).toEqual(expected);
  });
});
