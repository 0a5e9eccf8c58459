import { afterEach, describe, expect, it } from '@jest/globals';
import { toError } from '@rookery/protocol';
import { connectRedis } from '@rookery/redis';
import { startTestCluster, startTestSentinel, type NetworkServer, type TestCluster } from '@rookery/testing';
import { until, type RunningProcess } from '../e2e/support/processes';
import { FaultyCluster } from './support/cluster';
import { figure } from './support/figure';
import { SIZES } from './support/sizes';
import { Talk } from './support/talk';

const ACCOUNTS = 10;
const PER_SECOND = 25;
/** Others agree that the master is gone, its replica takes its place, and leases that lay there are given again. */
const PATIENCE_MS = 60_000;

let cluster: FaultyCluster | undefined;
let processes: RunningProcess[];
afterEach(() => cluster?.stop());

async function start(given: { readonly url: string; stop(): Promise<void> }): Promise<FaultyCluster> {
  cluster = await FaultyCluster.start(ACCOUNTS, 'single', { given });
  processes = await Promise.all([cluster.run('connector'), cluster.run('worker')]);
  await cluster.online(ACCOUNTS, processes);
  return cluster;
}

/** People talk to all accounts, `victim` is killed meanwhile, and every question is answered. Returns how many were answered again. */
async function survives(sut: FaultyCluster, victim: number, what: string): Promise<number> {
  const selves = sut.fleet.accounts.map(({ selfId }) => selfId);
  const talk = new Talk(sut, selves, `while-${victim}-dies`, PER_SECOND);
  try {
    await until('answers flow', () => talk.said - talk.unanswered > 30);
    process.kill(victim, 'SIGKILL');
    const begun = performance.now();
    for (const self of selves) sut.ask(self, `again-${victim}`, 0);
    const again = () => selves.every((self) => sut.answers(self, `again-${victim}`).length > 0);
    await until('every account answers again', again, PATIENCE_MS);
    figure(`${what} killed: every account answers again after`, (performance.now() - begun) / 1000, 's', {
      atMost: 20,
    });
  } finally {
    talk.end();
  }
  await until('all is answered', () => talk.unanswered === 0, PATIENCE_MS);
  for (const process of processes) {
    await until('it is ready again', async () => (await fetch(`${process.http}/readyz`)).ok, PATIENCE_MS);
  }
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

/** The master that keeps the table of the accounts' leases. */
async function leaseKeeper({ masters }: TestCluster): Promise<NetworkServer> {
  for (const master of masters) {
    if (typeof (await master.admin.exists('rookery:{leases-accounts}:nodes').catch(toError)) === 'number')
      return master;
  }
  throw new Error('no master keeps the leases');
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
      // First the one that keeps the leases of the accounts: nothing can be sent before it is replaced.
      const keeper = await leaseKeeper(redis);
      const victims = [keeper, ...redis.masters.filter((master) => master !== keeper)].slice(0, SIZES.masterKills);
      for (const [n, { pid }] of victims.entries()) {
        expect(await survives(sut, pid, `Redis Cluster: master ${n + 1} of ${victims.length}`)).toBe(0);
      }
      expect(sut.staleActions).toBe(0);
    },
    (3 + 3 * SIZES.masterKills) * PATIENCE_MS,
  );

  it(
    'behind Sentinel, while the master is killed and its replica takes its place',
    async () => {
      const redis = await startTestSentinel();
      expect(await survives(await start(redis), redis.master.pid, 'Sentinel: the master')).toBe(0);
    },
    4 * PATIENCE_MS,
  );
});
