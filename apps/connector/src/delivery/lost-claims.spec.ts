import { describe, expect, it } from '@jest/globals';
import { actionId, selfId, type Action, type ActionResult } from '@rookery/protocol';
import type { Claim } from '@rookery/redis';
import { LostClaims } from './lost-claims';
import type { Claims } from './ports';

const self = selfId('10001');
const actionOf = (id: string): Action => ({
  v: 1,
  id: actionId(id),
  self,
  name: 'send_group_msg',
  params: {},
  lane: 'interactive',
  createdAt: 0,
  expiresAt: 60_000,
  origin: { plugin: 'test' },
});
const expired = (id: string): ActionResult => ({ id: actionId(id), self, outcome: 'not_sent', endedAt: 1 });

/** A table as Redis keeps it. `lose`: the next claim is not answered; it is carried out at once, later by hand, or never. */
function setUp() {
  const table = new Map<string, string>();
  const late: (() => void)[] = [];
  let lose: 'carried out' | 'late' | 'never' | undefined;
  const released = { fails: false };
  const take = (action: Action, epoch: number): Claim => {
    const stored = table.get(action.id);
    if (stored !== undefined) return { kind: 'open' };
    table.set(action.id, `open ${epoch}`);
    return { kind: 'taken' };
  };
  const claims: Claims = {
    async claim(action, epoch) {
      const how = lose;
      lose = undefined;
      if (how === undefined) return take(action, epoch);
      if (how === 'carried out') take(action, epoch);
      if (how === 'late') late.push(() => take(action, epoch));
      throw new Error('no answer');
    },
    endUnbegun: async (result) => (table.has(result.id) ? undefined : result),
    record: async (result) => result,
    async release(action, epoch) {
      if (released.fails) throw new Error('Redis is away');
      return table.get(action.id) === `open ${epoch}` && table.delete(action.id);
    },
  };
  const memory = new LostClaims();
  const loseNext = (how: typeof lose) => (lose = how);
  return { sut: memory.guard(claims), again: () => memory.guard(claims), table, late, loseNext, released };
}

describe('A claim whose answer was lost', () => {
  it.each(['carried out', 'never'] as const)('and that Redis has %s is taken at the next try', async (how) => {
    const { sut, loseNext } = setUp();
    loseNext(how);
    await expect(sut.claim(actionOf('a'), 5)).rejects.toThrow('no answer');
    expect(await sut.claim(actionOf('a'), 5)).toEqual({ kind: 'taken' });
  });

  it('is ours under a later epoch as well, and when the account was away from this process meanwhile', async () => {
    const { sut, again, table, loseNext } = setUp();
    loseNext('carried out');
    await expect(sut.claim(actionOf('a'), 5)).rejects.toThrow('no answer');
    expect(await again().claim(actionOf('a'), 9)).toEqual({ kind: 'taken' });
    expect(table.get('a')).toBe('open 9');
  });

  it('and that comes late, after another one of ours was given back, takes nothing away from the next try', async () => {
    const { sut, late, loseNext } = setUp();
    for (const how of ['carried out', 'late'] as const) {
      loseNext(how);
      await expect(sut.claim(actionOf('a'), 5)).rejects.toThrow('no answer');
    }
    late.forEach((carryOut) => carryOut());
    expect(await sut.claim(actionOf('a'), 5)).toEqual({ kind: 'taken' });
    // It was sent by now: the one that is still on its way changes nothing.
    late.forEach((carryOut) => carryOut());
    expect(await sut.claim(actionOf('a'), 5)).toEqual({ kind: 'open' });
  });

  it('or that could not be given back when the link was down, is taken at the next try', async () => {
    const { sut, released } = setUp();
    expect(await sut.claim(actionOf('a'), 5)).toEqual({ kind: 'taken' });
    released.fails = true;
    await expect(sut.release(actionOf('a'), 5)).rejects.toThrow('Redis is away');
    released.fails = false;
    expect(await sut.claim(actionOf('a'), 5)).toEqual({ kind: 'taken' });
  });

  it('ends as not sent when its time is over', async () => {
    const { sut, loseNext } = setUp();
    loseNext('carried out');
    await expect(sut.claim(actionOf('a'), 5)).rejects.toThrow('no answer');
    expect(await sut.endUnbegun(expired('a'))).toEqual(expired('a'));
  });

  it('does not make us take what a dead predecessor had begun', async () => {
    const { sut, table, loseNext } = setUp();
    loseNext('never');
    await expect(sut.claim(actionOf('a'), 5)).rejects.toThrow('no answer');
    table.set('a', 'open 4');
    expect(await sut.claim(actionOf('a'), 5)).toEqual({ kind: 'open' });
    expect(await sut.endUnbegun(expired('a'))).toBeUndefined();
  });

  it('is forgotten beyond a bound, the oldest first', async () => {
    const { sut, loseNext } = setUp();
    for (let n = 0; n <= 1_000; n++) {
      loseNext('carried out');
      await expect(sut.claim(actionOf(`a${n}`), 5)).rejects.toThrow('no answer');
    }
    expect(await sut.claim(actionOf('a0'), 5)).toEqual({ kind: 'open' });
    expect(await sut.claim(actionOf('a1'), 5)).toEqual({ kind: 'taken' });
  });
});
