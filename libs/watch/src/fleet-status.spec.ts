import { describe, expect, it } from '@jest/globals';
import { DEFAULT_POOL, poolName, selfId } from '@rookery/protocol';
import { fleetStatus } from './fleet-status';
import { account, picture } from './spec-picture';

const here = { self: selfId('1'), pool: DEFAULT_POOL };
const process = { version: '1.2.3', startedAt: 7 };

describe('fleetStatus', () => {
  it('counts accounts of the fleet and of the pool by the state that counts, and tells of the account', () => {
    const accounts = [
      account('1', 'online', { since: 5 }),
      account('2', 'online', { isOwned: false }),
      account('3', 'offline', { pool: poolName('news') }),
      account('4', 'online', { isOwned: false, wanted: 'stopped' }),
    ];
    expect(fleetStatus(picture({ accounts }), here, process)).toMatchObject({
      version: '1.2.3',
      startedAt: 7,
      accounts: { online: 1, connecting: 1, offline: 1, stopped: 1 },
      pool: { online: 1, connecting: 1, stopped: 1 },
      account: { self: '1', state: 'online', reason: 'it is online', since: 5 },
    });
  });

  it('adds up what waits, in all lanes; an account that was removed is not told of', () => {
    const { queues } = picture();
    const busy = picture({
      retries: 3,
      deadLetters: 4,
      queues: {
        ...queues,
        events: { waiting: 2, active: 9, delayed: 1, failed: 9 },
        inboundOldestSeconds: 8,
        outboundWaiting: { interactive: 1, normal: 2, bulk: 30, read: 4 },
      },
    });
    const status = fleetStatus(busy, here, process);
    expect(status.account).toBeUndefined();
    expect(status.backlog).toEqual({ events: 3, eventsOldest: 8, actions: 37, retries: 3, deadLetters: 4 });
  });
});
