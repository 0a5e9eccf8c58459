import { describe, expect, it } from '@jest/globals';
import { POOL_DEFAULTS } from '@rookery/config';
import { DEFAULT_POOL, nodeId, selfId, type AccountState } from '@rookery/protocol';
import { AccountBoardWriter, GroupAssignments, PartitionLedger, type Redis } from '@rookery/redis';
import { FakeClock, withTestRedis } from '@rookery/testing';
import { ConversationStage } from './conversation-stage';
import { HANDLED, inGroup, said } from './spec-stage';

const [A, B, C] = [selfId('10001'), selfId('10002'), selfId('10003')];
const CONFIG = {
  accounts: [A, B].map((self) => ({ selfId: self, pool: DEFAULT_POOL, mode: 'forward' as const, url: 'ws://x' })),
  pools: { default: { ...POOL_DEFAULTS, assign: { '9': B } } },
  overload: { lagSeconds: 10, chatterSeconds: 60 },
  brake: { turns: 6, windowSeconds: 60, ignoreSeconds: 60 },
  partitions: 4,
};

let redis: Redis;
withTestRedis((connected) => {
  redis = connected;
});

/** A worker of its own. */
async function worker() {
  const started: string[] = [];
  const clock = new FakeClock();
  const sut = new ConversationStage({
    redis,
    ledger: new PartitionLedger({ redis, clock }),
    config: CONFIG,
    clock,
    fleet: new Set([A, B, C]),
    dispatcher: {
      mayWant: () => true,
      match: () => [{ route: { plugin: 'p', handler: 'h', command: true }, rest: [] }],
      run: async ({ id }) => {
        started.push(id);
        return HANDLED;
      },
    },
  });
  await sut.start();
  return {
    sut,
    clock,
    started,
    hear: (message: Parameters<typeof said>[0]) => sut.conversations.deliver(said(message)),
  };
}
const post = (self: typeof A, state: AccountState) =>
  new AccountBoardWriter(redis, nodeId('c1')).post([
    { self, pool: DEFAULT_POOL, mode: 'reverse', state, reason: '', since: 0 },
  ]);

describe('ConversationStage', () => {
  it('recognises at the next worker what the one before has settled, whichever copy comes', async () => {
    const before = await worker();
    expect(await before.hear({ account: A })).toEqual(HANDLED);
    await before.sut.stop();
    const after = await worker();
    expect(await after.hear({ account: A })).toEqual({ result: 'skipped', reason: 'replay' });
    expect(await after.hear({ account: B })).toEqual({ result: 'skipped', reason: 'copy' });
    expect(after.started).toEqual([]);
    await after.sut.stop();
  });

  it('goes on with the assignee of the worker before, and with a sibling when that is offline', async () => {
    const before = await worker();
    await before.hear({ account: A });
    await before.sut.stop();
    const second = await worker();
    const early = second.hear({ account: B, seq: '2' });
    expect(await second.hear({ account: A, seq: '2' })).toEqual(HANDLED);
    expect(await early).toMatchObject({ reason: 'copy' });
    await second.sut.stop();
    await post(A, 'offline');
    const third = await worker();
    expect(await third.hear({ account: B, seq: '3' })).toEqual(HANDLED);
    await third.sut.stop();
  });

  it('lets settings and operators say who answers, and accounts that were added at run time be mentioned', async () => {
    await new GroupAssignments(redis).set(inGroup('8'), B);
    await post(C, 'online');
    const { hear, started, sut } = await worker();
    await Promise.all(['8', '9'].flatMap((group) => [A, B].map(async (account) => hear({ account, group }))));
    expect(started.sort()).toEqual([`m.${B}.g8.s1`, `m.${B}.g9.s1`]);
    await Promise.all([A, C].map(async (account) => hear({ account, group: '5', at: C })));
    expect(started).toContain(`m.${C}.g5.s1`);
    await sut.stop();
  });
});
