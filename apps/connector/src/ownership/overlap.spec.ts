import { beforeEach, describe, expect, it } from '@jest/globals';
import { selfId, type SelfId } from '@rookery/protocol';
import { FakeClock } from '@rookery/testing';
import { Overlap } from './overlap';

const A = selfId('10001');
const B = selfId('10002');

let clock: FakeClock;
let online: SelfId[];
let away: boolean;
let asked: (readonly SelfId[])[];
let over: SelfId[];
let trouble: string[];
let sut: Overlap;
beforeEach(() => {
  clock = new FakeClock();
  [online, asked, over, trouble] = [[], [], [], []];
  away = false;
  sut = new Overlap({
    clock,
    onlineElsewhere: async (accounts) => {
      asked.push(accounts);
      if (away) throw new Error('Redis is away');
      return online;
    },
    onOver: (self) => over.push(self),
    onTrouble: (error) => trouble.push(error.message),
  });
});

describe('Overlap', () => {
  it('asks for all accounts at once, and lets go of each a moment after its next owner is online, not before', async () => {
    sut.begin(A);
    sut.begin(B);
    await clock.advanceAsync(2_000);
    expect([over, asked.at(-1)]).toEqual([[], [A, B]]);
    online = [A];
    await clock.advanceAsync(200);
    expect(over).toEqual([]); // what NapCat wrote to us alone may still come
    await clock.advanceAsync(300);
    expect([over, sut.has(A), sut.has(B)]).toEqual([[A], false, true]);
  });

  it('lets go at the limit when no next owner comes online, also while Redis does not answer', async () => {
    away = true;
    sut.begin(A);
    await clock.advanceAsync(6_400);
    expect(over).toEqual([]);
    await clock.advanceAsync(200);
    expect([over, trouble[0]]).toEqual([[A], 'Redis is away']);
    await sut.empty();
    expect(clock.pending).toBe(0);
  });

  it('says nothing of an account that came back, and asks no more when none is left', async () => {
    sut.begin(A);
    const empty = sut.empty();
    sut.forget(A);
    await empty;
    await clock.advanceAsync(10_000);
    expect([over, asked, clock.pending]).toEqual([[], [], 0]);
  });

  it('stays quiet when it is closed while Redis is asked', async () => {
    sut.begin(A);
    online = [A];
    clock.advance(100);
    sut.close();
    await clock.advanceAsync(10_000);
    expect([over, clock.pending]).toEqual([[], 0]);
  });
});
