import type { BroadcastRecord } from '@rookery/redis';

/** Targets of broadcasts that have no outcome yet. `paused` ones wait for an operator. */
export type TargetsLeft = Readonly<Record<'waiting' | 'paused' | 'inHand', number>>;

export const NOTHING_LEFT: TargetsLeft = { waiting: 0, paused: 0, inHand: 0 };

/** Of one broadcast, as its record was last seen; of one that has ended, or was not seen yet, nothing. */
export function targetsLeft(seen: BroadcastRecord | undefined, inHand: number): TargetsLeft {
  if (seen === undefined) return NOTHING_LEFT;
  const { waiting } = seen.counts;
  return seen.wanted === 'paused' ? { waiting: 0, paused: waiting, inHand } : { waiting, paused: 0, inHand };
}

export function addedUp(one: TargetsLeft, other: TargetsLeft): TargetsLeft {
  return {
    waiting: one.waiting + other.waiting,
    paused: one.paused + other.paused,
    inHand: one.inHand + other.inHand,
  };
}
