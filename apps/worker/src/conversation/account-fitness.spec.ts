import { describe, expect, it } from '@jest/globals';
import { DEFAULT_POOL, selfId, type AccountState, type AccountStatus } from '@rookery/protocol';
import { FakeClock } from '@rookery/testing';
import { AccountFitness } from './account-fitness';
import { inGroup } from './spec-stage';

const A = selfId('10001');

function setUp() {
  const clock = new FakeClock();
  let state: AccountState = 'online';
  let away = false;
  const status = (): AccountStatus => ({ self: A, pool: DEFAULT_POOL, mode: 'reverse', state, reason: '', since: 0 });
  const all = <T>(value: T) => (away ? Promise.reject(new Error('away')) : Promise.resolve(value));
  const sut = new AccountFitness({
    clock,
    board: { all: () => all([status()]) },
    assignments: { all: () => all(new Map([[inGroup('7'), A]])) },
  });
  const troubles: string[] = [];
  sut.on('trouble', (error) => troubles.push(error.message));
  return { clock, sut, troubles, become: (next: AccountState) => (state = next), cut: (now: boolean) => (away = now) };
}

describe('AccountFitness', () => {
  it.each<[AccountState, boolean]>([
    ['online', true],
    ['deaf', false],
    ['paused', false],
    ['offline', false],
    ['connecting', false],
    ['stopped', false],
  ])('holds an account that is %s for able to act: %s', async (state, able) => {
    const { sut, become } = setUp();
    expect(sut.isOnline(A)).toBe(true);
    become(state);
    await sut.start();
    expect(sut.isOnline(A)).toBe(able);
    sut.close();
  });

  it('reads again every two seconds, until it is closed', async () => {
    const { sut, clock, become } = setUp();
    await sut.start();
    expect([sut.assigned(inGroup('7')), sut.assigned(inGroup('8'))]).toEqual([A, undefined]);
    expect([sut.poolOf(A), sut.poolOf('42')]).toEqual([DEFAULT_POOL, undefined]);
    become('offline');
    await clock.advanceAsync(2_000);
    expect(sut.isOnline(A)).toBe(false);
    sut.close();
    expect(clock.pending).toBe(0);
  });

  it('keeps what it knew while Redis is away, says so, and reads on', async () => {
    const { sut, clock, become, cut, troubles } = setUp();
    become('offline');
    await sut.start();
    cut(true);
    become('online');
    await clock.advanceAsync(2_000);
    expect([sut.isOnline(A), troubles]).toEqual([false, ['away']]);
    cut(false);
    await clock.advanceAsync(2_000);
    expect(sut.isOnline(A)).toBe(true);
    sut.close();
  });

  it('sets no timer when it was closed while it read', async () => {
    const { sut, clock } = setUp();
    const started = sut.start();
    sut.close();
    await started;
    expect(clock.pending).toBe(0);
  });
});
