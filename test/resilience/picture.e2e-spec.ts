import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startTestRedis, type TestRedis } from '@rookery/testing';
import { metricValue, until, type RunningProcess } from '../e2e/support/processes';
import { Asker } from './support/asker';
import { FaultyCluster, FRIENDS, PARTITIONS } from './support/cluster';
import { figure } from './support/figure';

const ACCOUNTS = 8;
/** Sends of an account that is paused. */
const WAITING = 5;
const TRUE_AGAIN_MS = 30_000;
const LIMIT_MS = 180_000;

let redis: TestRedis;
let cluster: FaultyCluster;
let asker: Asker;
const running: Record<'connector' | 'worker' | 'console', RunningProcess[]> = {
  connector: [],
  worker: [],
  console: [],
};

beforeAll(async () => {
  redis = await startTestRedis({ appendOnly: true });
  cluster = await FaultyCluster.start(ACCOUNTS, 'single', { given: redis });
  for (const app of ['connector', 'worker', 'console'] as const) {
    running[app] = await Promise.all([cluster.run(app), cluster.run(app)]);
  }
  await cluster.online(ACCOUNTS, running.connector, 60_000);
  const [paused = '', cut = ''] = cluster.fleet.accounts.map(({ selfId }) => selfId);
  const [console_] = running.console;
  const answer = await fetch(`${console_?.http}/api/accounts/${paused}/pause`, { method: 'POST' });
  expect(answer.status).toBe(200);
  cluster.fleet.host.endpoint(cut).stop();
  asker = await Asker.start(cluster);
  for (const user of FRIENDS.slice(0, WAITING)) {
    await asker.ask({ self: paused, to: { user }, lane: 'normal', expiresInMs: 3_600_000 });
  }
}, LIMIT_MS);
afterAll(async () => {
  await asker?.stop();
  await cluster?.stop();
});

/** What a Prometheus that scrapes every living process knows: each figure of the whole as the sum over all of them. */
async function picture(series: readonly string[]): Promise<Record<string, number>> {
  const texts = await Promise.all(
    Object.values(running)
      .flat()
      .map((process) => process.metrics()),
  );
  const sum = (one: string) => texts.reduce((total, text) => total + metricValue(text, one), 0);
  return Object.fromEntries(series.map((one) => [one, sum(one)]));
}

const LOOKED = 'rookery_cluster_looked_seconds';
const truth = (): Record<string, number> => ({
  ...Object.fromEntries(
    Object.entries(running).map(([app, processes]) => [`rookery_cluster_nodes{app="${app}"}`, processes.length]),
  ),
  // As the one sees them that looks for all, and as those say who hold them.
  'rookery_cluster_accounts{state="online"}': ACCOUNTS - 2,
  'rookery_cluster_accounts{state="paused"}': 1,
  'rookery_cluster_accounts{state="connecting"}': 1,
  'rookery_accounts{state="online"}': ACCOUNTS - 2,
  'rookery_accounts{state="paused"}': 1,
  'rookery_accounts{state="connecting"}': 1,
  rookery_cluster_accounts_unowned: 0,
  rookery_cluster_partitions_unowned: 0,
  'rookery_leases_held{realm="accounts"}': ACCOUNTS,
  'rookery_leases_held{realm="partitions"}': PARTITIONS,
  'rookery_leases_held{realm="watch"}': 1,
  'rookery_outbound_waiting{lane="normal"}': WAITING,
  'rookery_queue_jobs{queue="actions",state="waiting"}': WAITING,
  'rookery_queue_jobs{queue="events",state="waiting"}': 0,
  rookery_redis_persistence_ok: 1,
});

/**
 * Waits until all figures are those of the truth, from a look that is later than `since` (seconds since 1970), and resolves with what was seen
 * last and what is true.
 */
async function trueAgain(what: string, since: number) {
  const begun = performance.now();
  const wanted = { ...truth(), voices: 1 };
  let seen: Record<string, number> = {};
  await until(
    'the picture is true again',
    async () => {
      const { [LOOKED]: looked = 0, ...figures } = await picture([...Object.keys(truth()), LOOKED]);
      // Moments since 1970: two voices sum up to twice as much.
      seen = { ...figures, voices: looked < since ? 0 : Math.round(looked / since) };
      return Object.entries(wanted).every(([one, value]) => seen[one] === value);
    },
    TRUE_AGAIN_MS,
  ).catch(() => undefined);
  figure(`picture: true again after ${what}`, (performance.now() - begun) / 1000, 's', {
    atMost: TRUE_AGAIN_MS / 1000,
  });
  return { seen, wanted };
}

const now = () => Date.now() / 1000;

/** The process that looks for all. */
async function speaker(): Promise<RunningProcess | undefined> {
  const all = Object.values(running).flat();
  const texts = await Promise.all(all.map((process) => process.metrics()));
  return all.find((_process, at) => texts[at]?.includes(`\n${LOOKED} `));
}

describe('the figures of the whole cluster are true within 30 s, and nothing is counted twice, when SIGKILL ends', () => {
  it(
    'nobody yet',
    async () => {
      const { seen, wanted } = await trueAgain('the start', now());
      expect(seen).toEqual(wanted);
    },
    LIMIT_MS,
  );

  it.each(['connector', 'worker', 'console'] as const)(
    'a %s',
    async (app) => {
      // Preferably the one that speaks for all: its figures are gone with it.
      const voice = await speaker();
      const victim = running[app].find((process) => process === voice) ?? running[app][0];
      running[app] = running[app].filter((process) => process !== victim);
      const at = now();
      expect(await victim?.stop('SIGKILL')).toBe('SIGKILL');
      const what = `a ${app} was killed${victim === voice ? ', which spoke for all' : ''}`;
      const { seen, wanted } = await trueAgain(what, at);
      expect(seen).toEqual(wanted);
    },
    LIMIT_MS,
  );

  it(
    'whoever speaks for all',
    async () => {
      const voice = await speaker();
      const [app] =
        Object.entries(running).find(([, processes]) => processes.some((process) => process === voice)) ?? [];
      if (voice === undefined || app === undefined) throw new Error('nobody speaks');
      const replacement = await cluster.run(app as keyof typeof running);
      const others = running[app as keyof typeof running].filter((process) => process !== voice);
      running[app as keyof typeof running] = [...others, replacement];
      const at = now();
      expect(await voice.stop('SIGKILL')).toBe('SIGKILL');
      const { seen, wanted } = await trueAgain('the one that spoke for all was killed', at);
      expect(seen).toEqual(wanted);
    },
    LIMIT_MS,
  );

  it(
    'Redis: old figures are withdrawn while it is away, and are true after its return',
    async () => {
      process.kill(redis.pid, 'SIGKILL');
      await until('nobody speaks', async () => (await speaker()) === undefined, TRUE_AGAIN_MS);
      await redis.restart();
      const { seen, wanted } = await trueAgain('Redis was killed and came back', now());
      expect(seen).toEqual(wanted);
    },
    LIMIT_MS,
  );
});
