import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { actionQueueName } from '@rookery/queues';
import { ActionClaims, PREFIX } from '@rookery/redis';
import { actionId, selfId, type Outcome } from '@rookery/protocol';
import { seededRandom } from '@rookery/simulator';
import { balance, executedTwice, type AskedSend, type SeenSend } from '@rookery/testing';
import { until } from '../e2e/support/processes';
import { Asker } from './support/asker';
import { FaultyCluster, FRIENDS } from './support/cluster';
import { figure } from './support/figure';
import { Seat } from './support/seats';
import { SIZES } from './support/sizes';

const ACCOUNTS = 12;
/** Where many are killed, so many that some serve whoever was killed last. */
const SEATS = SIZES.randomKills > 10 ? { connector: 4, worker: 2 } : { connector: 2, worker: 2 };
const PLUGIN = join(__dirname, '../fixtures/plugins/faults.js');
const PER_SECOND = 60;
/** Nothing more is wished for while so much is open: a machine that is slow gets through all the same. */
const OPEN_MOST = 300;
/** Two thirds wait through a takeover, one third may expire in it. */
const EXPIRIES_MS = [3_000, 12_000, 12_000];
const LONGEST_PAUSE_MS = 2_000;
const PROGRESS_EVERY = 10;
const ONLINE_MS = 150_000;
const SETTLED_MS = 180_000;
const LANES = ['interactive', 'normal', 'bulk'] as const;

let cluster: FaultyCluster;
let asker: Asker;
let seats: Seat[] = [];
let gaveUp = 0;
/** To whom the n-th question to the plugin went. */
const questions: string[] = [];

beforeAll(async () => {
  cluster = await FaultyCluster.start(ACCOUNTS, 'single', { plugin: PLUGIN });
  seats = (['connector', 'worker'] as const).flatMap((app) =>
    Array.from({ length: SEATS[app] }, () => new Seat(cluster, app, onGaveUp)),
  );
  await Promise.all(seats.map((seat) => seat.start()));
  await until('all processes serve', () => seats.every(({ isServing }) => isServing), ONLINE_MS);
  asker = await Asker.start(cluster);
}, 200_000);
afterAll(async () => {
  for (const seat of seats) seat.leave();
  await asker?.stop();
  await cluster?.stop();
});

function onGaveUp({ message }: Error): void {
  gaveUp += 1;
  progress(`a process gave up while it started, and is started again: ${message}`);
}

/** For whoever measures; in CI nobody watches. */
function progress(text: string): void {
  if (SIZES.figures !== undefined) process.stdout.write(`seed ${SIZES.seed}: ${text}\n`);
}

/** Two, so that the kills of a seed do not depend on how much was asked meanwhile. */
const [wishes, kills] = [seededRandom(SIZES.seed), seededRandom(SIZES.seed + 1)];
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const pick = <T>(list: readonly T[], random: () => number): T => list[Math.floor(random() * list.length)] as T;
const selves = () => cluster.fleet.accounts.map(({ selfId: self }) => self);

describe('connectors and workers that are killed at random moments', () => {
  it(
    'carry no action out twice, and every action has its outcome, which is true',
    async () => {
      const begun = performance.now();
      const traffic = { isOver: false, open: 0 };
      const asking = Promise.all([talk(traffic), lookUp(traffic)]);
      const { count, serving } = await killAtRandom(begun, traffic);
      figure('random kills: processes killed', count, '');
      figure('random kills: … of which served, the others were starting', serving, '');
      figure('random kills: … processes that gave up while they started', gaveUp, '');
      figure('random kills: … in', (performance.now() - begun) / 1_000, 's');
      traffic.isOver = true;
      await asking;
      await until('all processes serve again', () => seats.every(({ isServing }) => isServing), SETTLED_MS);
      await asker.settle(SETTLED_MS);
      await until('nothing waits and no claim is open', async () => (await unfinished()) === 0, SETTLED_MS);
      figure('random kills: … until everything had settled', (performance.now() - begun) / 1_000, 's');
      judgeDirect();
      await judgeAnswers();
    },
    SIZES.randomSeconds * 1_000 + 4 * SETTLED_MS,
  );
});

interface Traffic {
  isOver: boolean;
  /** Messages without an outcome. */
  open: number;
}

/** Messages asked for as a worker does, and questions to a plugin that notes what became of its answers. */
async function talk(traffic: Traffic): Promise<void> {
  const tickMs = 25;
  for (let due = 0; !traffic.isOver;) {
    due = Math.min(due + (PER_SECOND * tickMs) / 1_000, PER_SECOND);
    const asking: Promise<void>[] = [];
    for (; due >= 1 && traffic.open < OPEN_MOST; due -= 1) {
      const [self, user] = [pick(selves(), wishes), pick(FRIENDS, wishes)];
      if (wishes() < 1 / 3) cluster.fleet.world.say(user, { private: self }, `/tell ${questions.push(self) - 1}`);
      else {
        traffic.open += 1;
        const expiresInMs = pick(EXPIRIES_MS, wishes);
        asking.push(asker.ask({ self, to: { user }, lane: pick(LANES, wishes), expiresInMs }));
      }
    }
    await Promise.all(asking);
    await pause(tickMs);
  }
}

async function lookUp(traffic: Traffic): Promise<void> {
  while (!traffic.isOver) {
    traffic.open = await asker.lookUp();
    await pause(500);
  }
}

/**
 * Until so many were killed or the time is over. Any process is chosen, also one that is still starting; the next kill only
 * comes when something was sent since the last one and one of each app serves, so that no number of kills is without work in hand.
 */
async function killAtRandom(begun: number, traffic: Traffic): Promise<{ count: number; serving: number }> {
  const { audit } = cluster.fleet.world;
  const deadline = begun + SIZES.randomSeconds * 1_000;
  let [count, serving] = [0, 0];
  while (count < SIZES.randomKills && performance.now() < deadline) {
    const sent = audit.sentTotal;
    await pause(kills() * LONGEST_PAUSE_MS);
    const apps = () => new Set(seats.filter(({ isServing }) => isServing).map(({ app }) => app));
    const isBusy = () => (apps().size === 2 && audit.sentTotal > sent) || performance.now() > deadline;
    await until('something is sent again', isBusy, SETTLED_MS);
    const victim = pick(seats, kills);
    serving += victim.isServing ? 1 : 0;
    await victim.kill();
    count += 1;
    if (count % PROGRESS_EVERY > 0) continue;
    const seconds = Math.round((performance.now() - begun) / 1_000);
    const had = `${asker.asked.length} messages and ${questions.length} questions asked, ${traffic.open} messages open`;
    progress(`${count} of ${SIZES.randomKills} killed in ${seconds} s, ${had}, ${audit.sentTotal} sent`);
  }
  return { count, serving };
}

/** Actions that wait or are under way, whoever asked for them. */
async function unfinished(): Promise<number> {
  const claims = new ActionClaims(cluster.client);
  let sum = 0;
  for (const self of selves().map(selfId)) {
    const queue = `${PREFIX}:${actionQueueName(self)}`;
    const [arrived, waiting, open] = await Promise.all([
      cluster.client.zcard(`${queue}:prioritized`),
      cluster.client.zcard(`${queue}:delayed`),
      claims.open(self),
    ]);
    // What is sought for ten minutes has its outcome by then: unknown.
    const ended = await Promise.all(open.map(({ id }) => claims.find(self, id)));
    sum += arrived + waiting + ended.filter((result) => result === undefined).length;
  }
  return sum;
}

function judgeDirect(): void {
  judge('messages asked for directly', asker.asked, asker.outcomes, asker.seen());
}

/**
 * The plugin's answers by what the record says of them, and what the plugin was told. A question that was lost with a connector's buffer, or
 * whose handler died too often, has no answer that was asked for.
 */
async function judgeAnswers(): Promise<void> {
  const claims = new ActionClaims(cluster.client);
  const idOf = (n: number): string => `key.faults.tell-${n}`;
  const seen = cluster.fleet.world.audit.sent().flatMap(({ self, text, at }): SeenSend[] => {
    const n = /^told (\d+)$/.exec(text ?? '')?.[1];
    return n === undefined ? [] : [{ id: idOf(Number(n)), self, chat: self, lane: 'interactive', kind: 'private', at }];
  });
  const wasSeen = new Set(seen.map(({ id }) => id));
  const outcomes = new Map<string, Outcome>();
  const asked: AskedSend[] = [];
  for (const [n, self] of questions.entries()) {
    const id = idOf(n);
    const outcome = (await claims.find(selfId(self), actionId(id)))?.outcome;
    if (outcome !== undefined) outcomes.set(id, outcome);
    if (outcome !== undefined || wasSeen.has(id)) asked.push({ id, self, chat: self, lane: 'interactive' });
  }
  figure('random kills: questions to a plugin', questions.length, '');
  judge('answers of the plugin', asked, outcomes, seen);
  const untrue = cluster.notes().filter((note) => {
    const [, n, outcome] = /^told (\d+) (\w+)$/.exec(note) ?? [];
    if (n === undefined) throw new Error(`not a note: ${note}`);
    const isSeen = wasSeen.has(idOf(Number(n)));
    return outcome === 'sent' ? !isSeen : outcome !== 'unknown' && isSeen;
  });
  figure('random kills: handlers that were told something untrue', untrue.length, '', { atMost: 0 });
  expect(untrue).toEqual([]);
}

function judge(
  what: string,
  wanted: readonly AskedSend[],
  told: ReadonlyMap<string, Outcome>,
  seen: readonly SeenSend[],
): void {
  const { asked, outcomes, withoutOutcome, toldWrongly } = balance(wanted, told, seen);
  const twice = executedTwice(seen);
  figure(`random kills: ${what}`, asked, '');
  for (const [outcome, count] of Object.entries(outcomes)) figure(`${what}: ${outcome}`, count, '');
  figure(`${what}: executed twice`, twice.length, '', { atMost: 0 });
  figure(`${what}: without an outcome`, withoutOutcome.length, '', { atMost: 0 });
  figure(`${what}: outcomes that are not true`, toldWrongly.length, '', { atMost: 0 });
  expect(twice).toEqual([]);
  expect(withoutOutcome).toEqual([]);
  expect(toldWrongly).toEqual([]);
  expect(outcomes.sent).toBeGreaterThan(0);
}
