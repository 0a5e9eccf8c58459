import { beforeEach, describe, expect, it } from '@jest/globals';
import { checkAccount, loadConfig, type RookeryConfig } from '@rookery/config';
import { LimitTable, type LimitsPatch } from '@rookery/pacing';
import {
  actionId,
  chatOf,
  DEFAULT_POOL,
  MINUTE,
  SECOND,
  selfId,
  type AccountState,
  type Action,
} from '@rookery/protocol';
import {
  accountTag,
  AccountRegistry,
  HoldMemories,
  OutgoingSends,
  PREFIX,
  type Candidate,
  type Redis,
} from '@rookery/redis';
import { withTestRedis } from '@rookery/testing';
import type { AccountView } from './cluster-control';
import { WhyControl } from './why-control';

const self = selfId('10001');
/** 12:00 in Shanghai. */
const NOON = Date.parse('2026-06-10T04:00:00Z');

let redis: Redis;
let now: number;
let sends: OutgoingSends;
let holds: HoldMemories;
let state: AccountState;
withTestRedis((connected) => {
  redis = connected;
  redis.setMaxListeners(0); // one per test
});
beforeEach(async () => {
  now = NOON;
  state = 'online';
  sends = new OutgoingSends(redis, () => now);
  holds = new HoldMemories(redis);
});

async function sut(patch: LimitsPatch, since?: string): Promise<WhyControl> {
  const base = loadConfig({});
  const raw = { selfId: self, mode: 'forward', url: 'ws://127.0.0.1:3001', ...(since !== undefined && { since }) };
  const config: RookeryConfig = { ...base, accounts: [checkAccount(raw, 'test', base.reverse)] };
  const registry = new AccountRegistry({ redis, config });
  await registry.seed();
  const layer = { scope: { of: 'account', self }, from: 'file', patch: { profile: 'unlimited', ...patch } } as const;
  const status = async (): Promise<AccountView> => {
    const found = await registry.find(self);
    return { ...found, state, reason: `because ${state}` };
  };
  const inForce = async () => new LimitTable([layer]).of(self, DEFAULT_POOL);
  return new WhyControl({ control: { status }, limits: { inForce }, registry, sends, holds, config });
}

let count = 0;
async function put(group: string): Promise<void> {
  const id = `j${count++}`;
  const action: Action = {
    v: 1,
    id: actionId(id),
    self,
    name: 'send_group_msg',
    params: { group_id: group },
    lane: 'normal',
    createdAt: now,
    expiresAt: now + 60 * MINUTE,
    origin: { plugin: 'test' },
  };
  const queue = `${PREFIX}:actions-${accountTag(self)}`;
  const name = `${action.name} normal group ${action.expiresAt} ${chatOf(action)}`;
  await redis.hset(`${queue}:a-${id}`, { name, data: JSON.stringify(action), timestamp: now });
  await redis.zadd(`${queue}:prioritized`, 10 * 2 ** 32 + count, `a-${id}`);
}

async function candidate(): Promise<Candidate> {
  for (;;) {
    const answer = await sends.next(self, { lanes: ['normal'], shutKinds: [], inHand: [] });
    if (answer.kind === 'found' && answer.found[0]) return answer.found[0];
    if (answer.kind === 'found' || !answer.left) throw new Error('nothing to send');
  }
}

/** One send, counted in the account's log and the day, that asks for a gap. */
async function sendOne(group: string): Promise<void> {
  await put(group);
  const found = await candidate();
  const action = JSON.parse(found.data) as Action;
  const window = [[9, 120_000]] as const;
  const day = [NOON - 12 * 60 * MINUTE, NOON + 12 * 60 * MINUTE, 99] as const;
  const limits = {
    paced: true,
    account: window,
    kind: window,
    chat: [],
    same: [],
    gap: 5_000,
    jitter: 0,
    day,
    lost: 1,
    again: 0,
    cold: 0,
  };
  const logs = { kind: found.actionKind, chat: chatOf(action) };
  const { job, room } = found;
  expect(await sends.admit({ action, job, room, epoch: 1, limits, logs })).toMatchObject({
    kind: 'now',
  });
  await sends.end(self, found.job);
}

const GAP = { gapSeconds: 5, jitterSeconds: [0, 0], bulkJitterSeconds: [0, 0] } as const;

describe('why a message waits', () => {
  it('says nothing where nothing keeps sends back, and counts what waits', async () => {
    await put('1');
    now += 3 * SECOND;
    const why = await (await sut({})).why(self);
    expect(why).toMatchObject({ profile: 'unlimited', slow: 1, windows: [], reasons: [], now });
    expect(why.day).toBeUndefined();
    expect(why.lanes).toContainEqual({ lane: 'normal', waiting: 1, oldestAt: NOON });
  });

  it.each<[AccountState, boolean]>([
    ['offline', true],
    ['paused', true],
    ['stopped', true],
    ['deaf', false],
    ['online', false],
  ])('%s keeps sends back: %s', async (given, keeps) => {
    state = given;
    const { reasons } = await (await sut({})).why(self);
    expect(reasons).toEqual(keeps ? [{ kind: 'state', state: given, text: `because ${given}` }] : []);
  });

  it('names the gap, the full windows of account and kind, and the day that is used up, each with its source', async () => {
    await sendOne('1');
    const rates = [
      { sends: 1, seconds: 60 },
      { sends: 2, seconds: 600 },
    ];
    const why = await (await sut({ ...GAP, account: rates, kinds: { group: [rates[0]!] }, perDay: 1 })).why(self);
    const source = { from: 'file', scope: 'account' };
    const full = { sends: 1, seconds: 60, used: 1, source };
    expect(why.windows).toContainEqual({ of: 'account', sends: 2, seconds: 600, used: 1, source });
    expect(why.reasons).toEqual([
      { kind: 'gap', until: NOON + 5_000 },
      { kind: 'window', window: { of: 'account', ...full } },
      { kind: 'window', window: { of: 'kind:group', ...full } },
      { kind: 'day', day: { used: 1, most: 1, endsAt: NOON + 12 * 60 * MINUTE, source } },
    ]);
    now += 61_201;
    const later = await (await sut({ ...GAP, account: rates, perDay: 2 })).why(self);
    expect(later.reasons).toEqual([]);
  });

  it('what was sent yesterday is not of this day', async () => {
    await sendOne('1');
    now += 12 * 60 * MINUTE;
    expect((await (await sut({ perDay: 1 })).why(self)).day).toMatchObject({ used: 0, most: 1 });
  });

  it('a young account has longer windows and a smaller day, by its date or by when it was seen first', async () => {
    const patch = { warmUp: { days: 7, factor: 0.25 }, account: [{ sends: 1, seconds: 60 }], perDay: 100 };
    await sendOne('1');
    now += 2 * MINUTE - 1; // past the window of a grown one
    const young = await (await sut(patch, '2026-06-09')).why(self);
    expect([young.slow, young.windows[0], young.day?.most]).toEqual([
      4,
      expect.objectContaining({ seconds: 240, used: 1 }),
      25,
    ]);
    expect((await (await sut(patch, '2025-06-09')).why(self)).windows[0]).toMatchObject({ seconds: 60, used: 0 });
    expect((await (await sut(patch)).why(self)).slow).toBe(1);
    await sends.shut(self, 0, 0);
    expect((await (await sut({ ...patch, profile: 'cautious' })).why(self)).slow).toBe(4);
  });

  it('names the rest after a beginning, and quiet hours by the configured time zone', async () => {
    await sends.shut(self, 10_000, 10_000);
    const quietHours = { from: '11:00', to: '12:30' };
    expect((await (await sut({ gapSeconds: 1, quietHours })).why(self)).reasons).toEqual([
      { kind: 'cold_start', until: NOON + 10_000 },
      { kind: 'quiet_hours', until: NOON + 30 * MINUTE },
    ]);
    expect((await (await sut({})).why(self)).reasons).toEqual([]);
  });

  it('names open breakers from the widest on, mutes and held chats, and nothing that is over', async () => {
    const open = (until: number) => ({ failures: 3, openMs: MINUTE, until });
    await holds.save(self, {
      breakers: [
        ['group:7', open(NOON + 1)],
        ['groups', open(NOON + 2)],
        ['account', open(NOON + 3)],
        ['group:8', open(NOON)],
      ],
      mutes: [
        ['group:1', NOON + 4],
        ['group:2', NOON - 1],
      ],
    });
    await put('1');
    const found = await candidate();
    await sends.hold(self, found.room, NOON + 4, 'muted');
    expect((await (await sut({})).why(self)).reasons).toEqual([
      { kind: 'breaker', of: 'account', until: NOON + 3 },
      { kind: 'breaker', of: 'groups', until: NOON + 2 },
      { kind: 'breaker', of: 'group:7', until: NOON + 1 },
      { kind: 'muted', chat: 'group:1', until: NOON + 4 },
      { kind: 'chat', lane: 'normal', chat: 'group:1', until: NOON + 4, why: 'muted', jobs: 1 },
    ]);
  });
});
