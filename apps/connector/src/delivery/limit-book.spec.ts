import { describe, expect, it } from '@jest/globals';
import type { AccountConfig } from '@rookery/config';
import type { LimitLayer } from '@rookery/pacing';
import { poolName, selfId, type ConversationKey } from '@rookery/protocol';
import { FakeClock } from '@rookery/testing';
import { LimitBook } from './limit-book';

const [self, pool] = [selfId('10001'), poolName('east')];

function setUp() {
  const clock = new FakeClock();
  const stored = { version: 1, layers: [] as LimitLayer[], broken: false };
  const accounts: AccountConfig[] = [];
  const read = async <T>(value: T): Promise<T> => {
    if (stored.broken) throw new Error('Redis is away');
    return value;
  };
  const sut = new LimitBook({
    config: { limits: { profile: 'default', timeZone: 'Asia/Shanghai', conversations: {} }, pools: {} },
    overrides: { all: () => read({ ...stored }), version: () => read(stored.version) },
    accounts: () => accounts,
    clock,
  });
  const said: string[] = [];
  sut.on('changed', () => said.push('changed'));
  sut.on('trouble', (error) => said.push(error.message));
  return { sut, clock, stored, accounts, said };
}

describe('LimitBook', () => {
  it('knows what was changed at run time within ten seconds, and at once when told', async () => {
    const { sut, clock, stored } = setUp();
    await sut.start();
    const scope = { of: 'account', self } as const;
    stored.layers = [{ scope, from: 'override', patch: { perDay: 50 } }];
    stored.version = 2;
    await clock.advanceAsync(10_000);
    expect(sut.of(self, pool).settings.perDay).toBe(50);
    stored.layers = [{ scope, from: 'override', patch: { perDay: 60 } }];
    stored.version = 3;
    await sut.look();
    expect(sut.of(self, pool).settings.perDay).toBe(60);
    sut.stop();
    expect(clock.pending).toBe(0);
  });

  it('keeps what it read last while Redis is away, and goes on looking', async () => {
    const { sut, stored, said, clock } = setUp();
    stored.layers = [{ scope: { of: 'global' }, from: 'override', patch: { gapSeconds: 3 } }];
    await sut.start();
    stored.broken = true;
    await clock.advanceAsync(10_000);
    expect(sut.of(self, pool).settings.gapSeconds).toBe(3);
    stored.broken = false;
    stored.version = 2;
    stored.layers = [];
    await clock.advanceAsync(10_000);
    expect(sut.of(self, pool).settings.gapSeconds).toBe(1.2);
    expect(said).toEqual(['changed', 'Redis is away', 'changed']);
    sut.stop();
  });

  it('takes in what accounts say of themselves when they change', async () => {
    const { sut, accounts, said } = setUp();
    accounts.push({ selfId: self, pool, mode: 'forward', url: 'ws://x:1', limits: { profile: 'unlimited' } });
    sut.accountsChanged();
    expect(sut.of(self, pool).profile).toBe('unlimited');
    expect(sut.in('group:east:7' as ConversationKey, self, pool)).toBeUndefined();
    expect(said).toEqual(['changed']);
  });
});
