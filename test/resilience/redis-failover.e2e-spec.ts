import { afterEach, describe, expect, it } from '@jest/globals';
import { setTimeout as delay } from 'node:timers/promises';
import { toError, type Random } from '@rookery/protocol';
import { connectRedis } from '@rookery/redis';
import { seededRandom } from '@rookery/simulator';
import { startTestCluster, startTestSentinel, type TestCluster } from '@rookery/testing';
import { until, type RunningProcess } from '../e2e/support/processes';
import { FaultyCluster } from './support/cluster';
import { figure } from './support/figure';
import { SIZES } from './support/sizes';
import { Talk } from './support/talk';

const ACCOUNTS = 10;
const PER_SECOND = 25;
/** Others agree that the master is gone, its replica takes its place, and leases that lay there are given again. */
const PATIENCE_MS = 60_000;
/** One lease time for which nobody acts who may have been forgotten, and as much for everything else. */
const ANSWERS_WITHIN_S = 12;
/** A replica that was in step knows at least what was said this long before its master was killed. */
const REPLICATION_MS = 1_000;
/** At most so long after answers flow a master is killed. */
const LATEST_MS = 2_000;

let cluster: FaultyCluster | undefined;
let processes: RunningProcess[];
afterEach(() => cluster?.stop());

async function start(given: { readonly url: string; stop(): Promise<void> }): Promise<FaultyCluster> {
  cluster = await FaultyCluster.start(ACCOUNTS, 'single', { given });
  processes = await Promise.all([cluster.run('connector'), cluster.run('worker')]);
  await cluster.online(ACCOUNTS, processes);
  return cluster;
}

interface Fault {
  /** For the figures. */
  readonly what: string;
  /** Resolves with the process to kill, when it may be killed. */
  readonly victim: () => Promise<number>;
  /** Resolves when Redis has put another one in its place. */
  readonly replaced: () => Promise<void>;
}

/** People talk to all accounts, a master is killed meanwhile, and every question is answered but for what nobody else had got. Returns how many were answered again. */
async function survives(sut: FaultyCluster, { what, victim, replaced }: Fault): Promise<number> {
  const selves = sut.fleet.accounts.map(({ selfId }) => selfId);
  const tag = what.replaceAll(' ', '-');
  const talk = new Talk(sut, selves, `while-${tag}`, PER_SECOND);
  let killed: number;
  try {
    await until('answers flow', () => talk.said - talk.unanswered > 30);
    process.kill(await victim(), 'SIGKILL');
    killed = performance.now();
    for (const self of selves) sut.ask(self, `again-${tag}`, 0);
    await replaced();
    const served = performance.now();
    figure(`${what}: Redis has replaced it after`, (served - killed) / 1000, 's');
    const again = () => selves.every((self) => sut.answers(self, `again-${tag}`).length > 0);
    await until('every account answers again', again, PATIENCE_MS);
    const all = performance.now();
    figure(`${what}: every account answers again after`, (all - killed) / 1000, 's');
    figure(`${what}: of which after Redis had replaced it`, (all - served) / 1000, 's', { atMost: ANSWERS_WITHIN_S });
  } finally {
    talk.end();
  }
  for (const process of processes) {
    await until('it is ready again', async () => (await fetch(`${process.http}/readyz`)).ok, PATIENCE_MS);
  }
  // What was said for the last time before the kill may have been taken by that master alone; it is never answered then.
  await until('all is answered', () => talk.unanswered === 0, PATIENCE_MS).catch(() => undefined);
  const lost = talk.unansweredBefore(killed);
  figure(`${what}: questions lost`, lost.length, '', { atMost: (PER_SECOND * REPLICATION_MS) / 1000 });
  expect(lost.filter((before) => before < 0 || before > REPLICATION_MS)).toEqual([]);
  return talk.doubled;
}

/** Scripts that each server has run so far. */
async function scripts(servers: readonly { readonly url: string }[]): Promise<number[]> {
  return Promise.all(
    servers.map(async ({ url }) => {
      const server = await connectRedis(url, 'producer', 'test', () => undefined);
      const calls = /cmdstat_evalsha:calls=(\d+)/.exec(await server.info('commandstats'))?.[1];
      server.disconnect();
      return Number(calls ?? 0);
    }),
  );
}

/** Of the masters in the order of their slots, the one that keeps the table of the accounts' leases: 0 to 2. */
async function leaseKeeper({ masters }: TestCluster): Promise<number> {
  for (const [n, { admin }] of masters.entries()) {
    if (typeof (await admin.exists('rookery:{leases-accounts}:nodes').catch(toError)) === 'number') return n;
  }
  throw new Error('no master keeps the leases');
}

/** Which thirds of the slots lose their masters, one after the other: the one with the leases, without which nothing can be sent, is always among them. */
function victims(random: Random, keeper: number): number[] {
  const drawn = [0, 1, 2].map((third) => ({ third, draw: random() })).sort((a, b) => a.draw - b.draw);
  const order = drawn.map(({ third }) => third);
  const chosen = order.slice(0, SIZES.masterKills);
  return chosen.includes(keeper) ? chosen : [...chosen.slice(1), keeper];
}

describe('every question is answered once', () => {
  it(
    'on a Redis Cluster, over whose masters the work is spread, while one of them is killed and its replica takes its place',
    async () => {
      const redis = await startTestCluster({ replicas: true });
      const sut = await start(redis);
      const selves = sut.fleet.accounts.map(({ selfId }) => selfId);
      const before = await scripts(redis.masters);
      for (let n = 0; n < 10; n++) for (const self of selves) sut.ask(self, 'spread', n);
      const isAnswered = () => selves.every((self) => sut.answers(self, 'spread').length >= 10);
      await until('all is answered', isAnswered, PATIENCE_MS);
      const work = (await scripts(redis.masters)).map((calls, n) => calls - (before[n] ?? 0));
      const total = work.reduce((sum, calls) => sum + calls, 0);
      for (const calls of work) expect(calls / total).toBeGreaterThan(0.1);
      figure('Redis Cluster: the least of three masters runs of all scripts', (100 * Math.min(...work)) / total, '%');
      for (const self of selves) expect(sut.answers(self, 'spread')).toEqual(Array.from({ length: 10 }, (_, n) => n));
      const random = seededRandom(SIZES.seed);
      figure('Redis Cluster: masters are killed by seed', SIZES.seed, '');
      for (const [n, third] of victims(random, await leaseKeeper(redis)).entries()) {
        const laterMs = random() * LATEST_MS;
        const doubled = await survives(sut, {
          what: `Redis Cluster: master ${n + 1} of ${SIZES.masterKills} killed (slots ${third + 1}/3)`,
          victim: async () => {
            await delay(laterMs);
            return (await redis.replaceable(third)).pid;
          },
          replaced: () => redis.replaced(third),
        });
        expect(doubled).toBe(0);
      }
      expect(sut.staleActions).toBe(0);
    },
    (3 + 3 * SIZES.masterKills) * PATIENCE_MS,
  );

  it(
    'behind Sentinel, while the master is killed and its replica takes its place',
    async () => {
      const redis = await startTestSentinel();
      const doubled = await survives(await start(redis), {
        what: 'Sentinel: the master killed',
        victim: async () => {
          await redis.inStep();
          return redis.master.pid;
        },
        replaced: () => redis.replaced(),
      });
      expect(doubled).toBe(0);
    },
    4 * PATIENCE_MS,
  );
});
