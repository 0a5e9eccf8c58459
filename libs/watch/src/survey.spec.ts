import { describe, expect, it } from '@jest/globals';
import { nodeId } from '@rookery/protocol';
import { FakeClock } from '@rookery/testing';
import { account, picture } from './spec-picture';
import { isForsaken, presentState, survey } from './survey';

describe('survey', () => {
  it('joins what the parts of the cluster say', async () => {
    const { isOwned: _, ...view } = account('10001', 'online');
    const asked: unknown[] = [];
    const { queues, redis } = picture();
    const found = await survey({
      clock: new FakeClock(5),
      partitions: 8,
      liveNodes: async () => ['connector-1', 'connector-2', 'worker-1'].map(nodeId),
      accounts: async () => [view, { ...view, self: '10002' as never }],
      leased: async (realm) => new Set(realm === 'accounts' ? ['10001'] : ['0', '1']),
      queues: async (accounts) => {
        asked.push(...accounts);
        return queues;
      },
      deadLetters: async () => 4,
      retries: async () => 2,
      redis: async () => redis,
    });
    expect(found).toMatchObject({
      at: 5,
      nodes: { connector: 2, worker: 1, console: 0 },
      partitionsUnowned: 6,
      deadLetters: 4,
      retries: 2,
    });
    expect(found.accounts.map(({ isOwned }) => isOwned)).toEqual([true, false]);
    expect(asked).toEqual(['10001', '10002']);
  });
});

describe('presentState', () => {
  it('does not believe the last words of a connector that is gone', () => {
    expect(presentState(account('1', 'online'))).toBe('online');
    expect(presentState(account('1', 'online', { isOwned: false }))).toBe('connecting');
    expect(presentState(account('1', 'online', { isOwned: false, wanted: 'stopped' }))).toBe('stopped');
  });
});

describe('isForsaken', () => {
  it('is an account that is wanted and that nobody holds', () => {
    expect(isForsaken(account('1', 'online'))).toBe(false);
    expect(isForsaken(account('1', 'online', { isOwned: false }))).toBe(true);
    expect(isForsaken(account('1', 'stopped', { isOwned: false, wanted: 'stopped' }))).toBe(false);
  });
});
