import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { PROFILES, windowMs, type LimitSettings } from '@rookery/pacing';
import { connectRedis } from '@rookery/redis';
import { seededRandom } from '@rookery/simulator';
import {
  balance,
  disordered,
  excesses,
  executedTwice,
  mostSendsWhile,
  startTestRedis,
  type Excess,
  type SeenSend,
  type Span,
  type TestRedis,
} from '@rookery/testing';
import { until, type RunningProcess } from '../e2e/support/processes';
import { Asker, type Message } from './support/asker';
import { FaultyCluster, FRIENDS, heldBy } from './support/cluster';
import { figure } from './support/figure';
import { Presence } from './support/presence';
import { SIZES } from './support/sizes';

const WINDOW_S = 10;
const LIMITS: LimitSettings = {
  ...PROFILES.unlimited,
  account: [{ sends: 10, seconds: WINDOW_S }],
  conversation: [{ sends: 3, seconds: WINDOW_S }],
  kinds: { private: [{ sends: 9, seconds: WINDOW_S }] },
  perDay: 2_000,
  gapSeconds: 0.3,
  jitterSeconds: [0.1, 0.2],
  bulkJitterSeconds: [0.1, 0.3],
};
const TIME_ZONE = 'Asia/Shanghai';
const OVERLOAD = 10;
const LANES = ['interactive', 'normal', 'bulk'] as const;
const EXPIRY_MS = { interactive: 5_000, normal: 8_000, bulk: 12_000 };
/** Until a dead holder's accounts are online elsewhere, on a busy machine. */
const TAKEOVER_MS = 60_000;
const SETTLED_MS = 90_000;
/** For so long an account rests when its connection is new: its shortest window. */
const REST_MS = windowMs(LIMITS.gapSeconds);
/** Nobody acts for one time of the lease after Redis was restarted. */
const LEASE_MS = 6_000;

let redis: TestRedis;
let cluster: FaultyCluster;
let connectors: RunningProcess[];
let asker: Asker;
let presence: Presence;

/** How late the simulator, which lives in this process, may have stamped what it received. */
const stalls = monitorEventLoopDelay({ resolution: 10 });
stalls.enable();

const random = seededRandom(SIZES.seed);
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T;
const selves = () => cluster.fleet.accounts.map(({ selfId }) => selfId);
/** Eight friends and the group of the account, if it is in one. */
const chats = (self: string): Message['to'][] => [
  ...FRIENDS.slice(0, 8).map((user) => ({ user })),
  ...[...cluster.fleet.world.directory.groups.values()]
    .filter((group) => group.members.has(self))
    .map(({ groupId }) => ({ group: groupId })),
];

async function setUp(accounts: number, holders: number): Promise<void> {
  redis = await startTestRedis({ appendOnly: true });
  cluster = await FaultyCluster.start(accounts, 'single', {
    given: redis,
    limits: LIMITS,
    groups: Math.ceil(accounts / 5),
  });
  presence = new Presence(cluster.fleet);
  connectors = await Promise.all(Array.from({ length: holders }, () => cluster.run('connector')));
  await cluster.online(accounts, connectors, TAKEOVER_MS);
  asker = await Asker.start(cluster);
}
async function tearDown(): Promise<void> {
  await asker?.stop();
  await cluster?.stop();
}

/** Windows that are too full even if the first of their sends was stamped as late as this process ever was. */
function windowsTooFull(name: string, seen: readonly SeenSend[]): Excess[] {
  const stallMs = stalls.max / 1e6;
  const stamped = excesses(seen, LIMITS, { timeZone: TIME_ZONE });
  figure(`${name}: longest stall of the simulator`, stallMs, 'ms');
  figure(`${name}: windows over a limit by its stamps alone`, stamped.length, '');
  return stamped.filter(({ withinMs, allowed }) => withinMs + stallMs < allowed.seconds * 1_000);
}

/** Everything that must hold whatever happened; returns what was sent. */
function audit(name: string): SeenSend[] {
  const seen = asker.seen();
  const tooMuch = windowsTooFull(name, seen);
  const twice = executedTwice(seen);
  const order = disordered(asker.asked, seen);
  const { asked, outcomes, withoutOutcome, toldWrongly } = balance(asker.asked, asker.outcomes, seen);
  figure(`${name}: asked`, asked, '');
  for (const [outcome, count] of Object.entries(outcomes)) figure(`${name}: … ${outcome}`, count, '');
  figure(`${name}: windows over a limit, all layers`, tooMuch.length, '', { atMost: 0 });
  figure(`${name}: executed twice`, twice.length, '', { atMost: 0 });
  figure(`${name}: without an outcome`, withoutOutcome.length, '', { atMost: 0 });
  figure(`${name}: outcomes that are not true`, toldWrongly.length, '', { atMost: 0 });
  figure(`${name}: out of order in a chat and lane`, order.length, '', { atMost: 0 });
  expect(tooMuch).toEqual([]);
  expect(twice).toEqual([]);
  expect(withoutOutcome).toEqual([]);
  expect(toldWrongly).toEqual([]);
  expect(order).toEqual([]);
  expect(outcomes.sent + outcomes.refused + outcomes.not_sent + outcomes.unknown).toBe(asked);
  return seen;
}

/**
 * How much was sent of all that the account's windows and the gap allowed while it was connected and Redis there, in %. Nothing is taken off for
 * margins, chance in the gap, and the time that a connection takes until it counts as online.
 */
function figureUse(name: string, within: Span, away: readonly Span[] = [], goal?: { atLeast: number }): void {
  const sends = asker.seen().filter(({ at }) => at >= within.from && at < within.to);
  const spans = selves().map((self) => presence.of(self, within, REST_MS, away));
  const most = spans.reduce((sum, spansOfOne) => sum + mostSendsWhile(LIMITS, spansOfOne), 0);
  const open = spans.flat().reduce((sum, { from, to }) => sum + to - from, 0);
  figure(
    `${name}: accounts were connected and Redis there for`,
    (100 * open) / (selves().length * (within.to - within.from)),
    '%',
  );
  figure(`${name}: sends that were allowed`, most, '');
  figure(`${name}: use of what was allowed`, (100 * sends.length) / most, '%', goal);
}

async function killRedis(): Promise<void> {
  const died = new Promise<void>((resolve) => cluster.client.once('close', resolve));
  process.kill(redis.pid, 'SIGKILL');
  await died;
}

describe('accounts that are asked for ten times what they may send', () => {
  beforeAll(() => setUp(SIZES.outboundAccounts, 2), 120_000);
  afterAll(tearDown);

  it(
    'keep every limit while their holders are killed and Redis is killed, and every action has its outcome',
    async () => {
      const perSecond = (selves().length * OVERLOAD * 10) / WINDOW_S;
      const [begun, begunAt] = [performance.now(), Date.now()];
      const [calmMs, faultyMs] = [SIZES.outboundCalmSeconds * 1_000, SIZES.outboundSeconds * 1_000];
      const asking = askSteadily(perSecond, begun, calmMs + faultyMs);
      const away: Span[] = [];
      for (const { at, fault } of faultTimes(faultyMs, away)) {
        await pause(Math.max(0, begun + calmMs + at - performance.now()));
        await fault();
      }
      await asking;
      await asker.settle(SETTLED_MS);
      const seen = audit('overload');
      const goal = calmMs >= 2_000 * WINDOW_S ? { atLeast: 95 } : undefined;
      const [calm, end] = [begunAt + calmMs, begunAt + calmMs + faultyMs];
      figureUse('without faults', { from: begunAt, to: calm }, [], goal);
      figureUse('with faults', { from: calm, to: end }, away);
      expect(seen.length).toBeGreaterThan(0);
    },
    (SIZES.outboundCalmSeconds + SIZES.outboundSeconds) * 1_000 + (SIZES.outboundKills + 1) * TAKEOVER_MS + SETTLED_MS,
  );

  /** Kills of whoever holds most, and one of Redis after two thirds, which adds to `away`. */
  function faultTimes(spanMs: number, away: Span[]): { at: number; fault: () => Promise<void> }[] {
    const kills = Array.from({ length: SIZES.outboundKills }, (_, n) => ({
      at: ((n + 0.5) * spanMs) / (SIZES.outboundKills + 1),
      fault: killHolder,
    }));
    return [
      ...kills,
      {
        at: spanMs * 0.7,
        async fault() {
          const from = Date.now();
          await killRedis();
          await pause(500);
          await redis.restart();
          away.push({ from, to: Date.now() + LEASE_MS });
        },
      },
    ].sort((a, b) => a.at - b.at);
  }

  async function killHolder(): Promise<void> {
    const held = await Promise.all(connectors.map((process) => heldBy(process, 'accounts')));
    const most = held.indexOf(Math.max(...held));
    await connectors[most]?.stop('SIGKILL');
    connectors[most] = await cluster.run('connector');
  }

  async function askSteadily(perSecond: number, begun: number, spanMs: number): Promise<void> {
    for (let asked = 0; ;) {
      const elapsed = performance.now() - begun;
      if (elapsed >= spanMs) return;
      const due = Math.min((elapsed / 1000) * perSecond - asked, 500);
      // One after the other for each account: that is the order in which they were asked for.
      const rounds = new Map<string, Message[]>();
      for (let n = 0; n < due; n += 1, asked += 1) {
        const self = pick(selves());
        const lane = pick(LANES);
        const message = { self, to: pick(chats(self)), lane, expiresInMs: EXPIRY_MS[lane] };
        rounds.set(self, [...(rounds.get(self) ?? []), message]);
      }
      await Promise.all([...rounds.values()].map(inTurn));
      await pause(20);
    }
  }

  async function inTurn(messages: readonly Message[]): Promise<void> {
    for (const message of messages) await asker.ask(message);
  }
});

describe('a holder that comes back', () => {
  const ACCOUNTS = 4;
  const QUEUED = 1_000;
  beforeAll(() => setUp(ACCOUNTS, 1), 120_000);
  afterAll(tearDown);

  it('to a thousand messages that expired meanwhile sends no burst, and every sum is exact', async () => {
    const self = String(selves()[0]);
    await connectors[0]?.stop('SIGKILL');
    for (let n = 0; n < QUEUED; n++) {
      const expiresInMs = n % 10 === 0 ? 15_000 : 2_000;
      await asker.ask({ self, to: pick(chats(self)), lane: pick(LANES), expiresInMs });
    }
    const queued = Date.now();
    await until('the short ones have expired', () => Date.now() > queued + 2_000);
    connectors = [await cluster.run('connector')];
    await cluster.online(ACCOUNTS, connectors, TAKEOVER_MS);
    await asker.settle(SETTLED_MS);
    const seen = audit('backlog');
    const first = Math.min(...seen.map(({ at }) => at));
    const inFirstWindow = seen.filter(({ at }) => at < first + WINDOW_S * 1_000).length;
    figure('backlog: sends in the first window after a connector was away', inFirstWindow, '', { atMost: 10 });
    expect(inFirstWindow).toBeLessThanOrEqual(10);
    expect([...asker.outcomes.values()].filter((outcome) => outcome === 'not_sent').length).toBeGreaterThanOrEqual(
      (QUEUED * 9) / 10,
    );
  }, 240_000);

  it('from a Redis that has lost everything is silent for a window, then keeps its limits', async () => {
    const before = asker.seen();
    const keepBusy = async (): Promise<void> => {
      for (const self of selves()) {
        for (let n = 0; n < 30; n++) {
          await asker.ask({ self, to: pick(chats(self)), lane: 'normal', expiresInMs: 60_000 });
        }
      }
    };
    await keepBusy();
    await until('every account sends', () => {
      const now = new Set(
        asker
          .seen()
          .slice(before.length)
          .map(({ self }) => self),
      );
      return now.size === ACCOUNTS;
    });
    const folder = (await cluster.client.config('GET', 'dir')) as string[];
    await killRedis();
    const lost = asker.asked.length;
    await rm(join(String(folder[1]), 'appendonlydir'), { recursive: true });
    const lastBefore = new Map(asker.seen().map(({ self, at }) => [self, at]));
    await redis.restart();
    const client = await connectRedis(redis.url, 'consumer', 'test', () => undefined);
    expect(await client.dbsize()).toBeLessThan(50);
    client.disconnect();
    const restarted = Date.now();
    const sentBefore = asker.seen().length;
    await keepBusy();
    await until(
      'every account sends again',
      () => {
        const now = new Set(
          asker
            .seen()
            .slice(sentBefore)
            .map(({ self }) => self),
        );
        return now.size === ACCOUNTS;
      },
      90_000,
    );
    const after = asker.seen().slice(sentBefore);
    const rests = selves().map((self) => {
      const first = after.find((send) => send.self === self)?.at ?? Number.NaN;
      return (first - Math.max(restarted, lastBefore.get(self) ?? 0)) / 1_000;
    });
    figure('Redis lost: shortest rest of an account before its first send', Math.min(...rests), 's', {
      atLeast: WINDOW_S,
    });
    expect(Math.min(...rests)).toBeGreaterThanOrEqual(WINDOW_S);
    const tooMuch = windowsTooFull('Redis lost', asker.seen());
    figure('Redis lost: windows over a limit', tooMuch.length, '', { atMost: 0 });
    expect(tooMuch).toEqual([]);
    expect(executedTwice(asker.seen())).toEqual([]);
    expect(lost).toBeGreaterThan(0);
  }, 240_000);
});
