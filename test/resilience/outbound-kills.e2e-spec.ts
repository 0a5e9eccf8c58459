import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { actionQueueName } from '@rookery/queues';
import { ActionClaims, PREFIX } from '@rookery/redis';
import { selfId } from '@rookery/protocol';
import { seededRandom } from '@rookery/simulator';
import { balance, executedTwice } from '@rookery/testing';
import { until, type RunningProcess } from '../e2e/support/processes';
import { Asker } from './support/asker';
import { FaultyCluster, FRIENDS } from './support/cluster';
import { figure } from './support/figure';
import { SIZES } from './support/sizes';

const ACCOUNTS = 12;
/** Of each app; where many are killed, so many that some are up whoever was killed last. */
const OF_EACH = SIZES.randomKills > 10 ? 3 : 2;
const PLUGIN = join(__dirname, '../fixtures/plugins/faults.js');
const PER_SECOND = 60;
const LONGEST_PAUSE_MS = 800;
const SETTLED_MS = 120_000;
const LANES = ['interactive', 'normal', 'bulk'] as const;

let cluster: FaultyCluster;
let asker: Asker;
const running: Record<'connector' | 'worker', RunningProcess[]> = { connector: [], worker: [] };

beforeAll(async () => {
  cluster = await FaultyCluster.start(ACCOUNTS, 'single', { plugin: PLUGIN });
  for (const app of ['connector', 'worker'] as const) {
    running[app] = await Promise.all(Array.from({ length: OF_EACH }, () => cluster.run(app)));
  }
  await cluster.online(ACCOUNTS, running.connector, 60_000);
  asker = await Asker.start(cluster);
}, 120_000);
afterAll(async () => {
  await asker?.stop();
  await cluster?.stop();
});

const random = seededRandom(SIZES.seed);
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T;
const selves = () => cluster.fleet.accounts.map(({ selfId: self }) => self);

describe('connectors and workers that are killed at random moments', () => {
  it(
    'carry no action out twice, and every action has its outcome',
    async () => {
      const begun = performance.now();
      const traffic = { isOver: false, told: 0 };
      const talking = talk(traffic);
      const killed = await killAtRandom(begun);
      figure('random kills: processes killed', killed.count, '');
      figure('random kills: … in', (performance.now() - begun) / 1000, 's');
      traffic.isOver = true;
      await talking;
      await killed.allBack;
      await asker.settle(SETTLED_MS);
      await until('nothing waits and no claim is open', async () => (await unfinished()) === 0, SETTLED_MS);
      const told = await notedOutcomes();
      judge(traffic.told, told);
    },
    SIZES.randomSeconds * 1_000 + 4 * SETTLED_MS,
  );
});

/** Messages asked for as a worker does, and questions to a plugin that notes what became of its answers. */
async function talk(traffic: { isOver: boolean; told: number }): Promise<void> {
  const begun = performance.now();
  for (let n = 0; !traffic.isOver;) {
    const due = ((performance.now() - begun) / 1000) * PER_SECOND;
    const asking: Promise<void>[] = [];
    for (; n < due; n++) {
      const [self, user] = [pick(selves()), pick(FRIENDS)];
      if (n % 3 === 0) cluster.fleet.world.say(user, { private: self }, `/tell ${traffic.told++}`);
      else asking.push(asker.ask({ self, to: { user }, lane: pick(LANES), expiresInMs: 60_000 }));
    }
    await Promise.all(asking);
    await pause(25);
  }
}

/** Until so many were killed or the time is over. A killed process is replaced at once, which takes seconds; one of each is spared. */
async function killAtRandom(begun: number): Promise<{ count: number; allBack: Promise<unknown> }> {
  const starting: Promise<void>[] = [];
  let count = 0;
  while (count < SIZES.randomKills && performance.now() - begun < SIZES.randomSeconds * 1_000) {
    await pause(random() * LONGEST_PAUSE_MS);
    const app = pick(['connector', 'worker'] as const);
    const victim = pick(running[app]);
    if (running[app].length < 2) continue;
    running[app] = running[app].filter((process) => process !== victim);
    await victim.stop('SIGKILL');
    count += 1;
    starting.push(cluster.run(app).then((process) => void running[app].push(process)));
  }
  return { count, allBack: Promise.all(starting) };
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

/** How often the simulator saw each answer of the plugin. */
function answers(): Map<number, number> {
  const seen = new Map<number, number>();
  for (const { text } of cluster.fleet.world.audit.sent()) {
    const n = /^told (\d+)$/.exec(text ?? '')?.[1];
    if (n !== undefined) seen.set(Number(n), (seen.get(Number(n)) ?? 0) + 1);
  }
  return seen;
}

/** What the plugin was told of each answer, once it was told of all that were seen. */
async function notedOutcomes(): Promise<Map<number, Set<string>>> {
  const read = (): Map<number, Set<string>> => {
    const noted = new Map<number, Set<string>>();
    for (const line of cluster.notes()) {
      const [, n, outcome] = /^told (\d+) (\w+)$/.exec(line) ?? [];
      if (n === undefined || outcome === undefined) throw new Error(`not a note: ${line}`);
      noted.set(Number(n), (noted.get(Number(n)) ?? new Set()).add(outcome));
    }
    return noted;
  };
  await until(
    'the plugin was told what became of every answer that was seen',
    () => {
      const noted = read();
      return [...answers().keys()].every((n) => noted.has(n));
    },
    SETTLED_MS,
  );
  return read();
}

function judge(questions: number, noted: ReadonlyMap<number, ReadonlySet<string>>): void {
  const seen = asker.seen();
  const { asked, outcomes, withoutOutcome, toldWrongly } = balance(asker.asked, asker.outcomes, seen);
  const answered = answers();
  const twice = executedTwice(seen).length + [...answered.values()].filter((times) => times > 1).length;
  const denied = [...noted].filter(([n, told]) => answered.has(n) && (told.has('not_sent') || told.has('refused')));
  figure('random kills: actions asked for directly', asked, '');
  for (const [outcome, count] of Object.entries(outcomes)) figure(`random kills: … ${outcome}`, count, '');
  figure('random kills: questions to a plugin', questions, '');
  figure('random kills: … answered', answered.size, '');
  figure('random kills: executed twice', twice, '', { atMost: 0 });
  figure('random kills: without an outcome', withoutOutcome.length, '', { atMost: 0 });
  figure('random kills: outcomes that are not true', toldWrongly.length + denied.length, '', { atMost: 0 });
  expect(twice).toBe(0);
  expect(withoutOutcome).toEqual([]);
  expect(toldWrongly).toEqual([]);
  expect(denied).toEqual([]);
  expect(outcomes.sent).toBeGreaterThan(0);
  expect(answered.size).toBeGreaterThan(0);
}
