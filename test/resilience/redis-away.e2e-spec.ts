import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startTestRedis, type TestRedis } from '@rookery/testing';
import { until, type RunningProcess } from '../e2e/support/processes';
import { FaultyCluster } from './support/cluster';
import { figure } from './support/figure';
import { SIZES } from './support/sizes';
import { Talk } from './support/talk';
import { Way } from './support/way';

const ACCOUNTS = 10;
const LEASE_MS = 6_000;
const PER_SECOND = 50;
/** Coming back may take so long on a busy machine before a test fails; what is promised is a figure. */
const PATIENCE_MS = 60_000;

let redis: TestRedis;
let way: Way;
let cluster: FaultyCluster;
let processes: RunningProcess[];

beforeAll(async () => {
  redis = await startTestRedis({ appendOnly: true });
  way = await new Way(redis).start();
  const stop = async () => {
    await way.stop();
    await redis.stop();
  };
  cluster = await FaultyCluster.start(ACCOUNTS, 'single', { given: { url: way.url, stop } });
  processes = await Promise.all([cluster.run('connector'), cluster.run('worker')]);
  await cluster.online(ACCOUNTS, processes);
});
afterAll(() => cluster?.stop());

const selves = () => cluster.fleet.accounts.map(({ selfId }) => selfId);
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

async function problems(process: RunningProcess): Promise<string> {
  const answer = await fetch(`${process.http}/readyz`);
  return answer.status === 200 ? '' : await answer.text();
}

interface Fault {
  readonly ms: number;
  readonly begin: () => unknown;
  readonly end: () => unknown;
}

/**
 * People talk to all accounts while Redis is taken away for a time and given back. Resolves with the seconds from then until
 * answers flow, and until every account has answered a question that was asked after that, and with what became of all questions.
 * All questions of an outage wait at its end, so the second figure grows with it; the first does not.
 */
async function outage(tag: string, fault: Fault) {
  const talk = new Talk(cluster, selves(), tag, PER_SECOND);
  try {
    return await outageUnder(talk, tag, fault);
  } finally {
    talk.end();
  }
}

async function outageUnder(talk: Talk, tag: string, fault: Fault) {
  await until('answers flow', () => talk.said - talk.unanswered > 20, PATIENCE_MS);
  await fault.begin();
  const back = performance.now() + fault.ms;
  if (fault.ms > 2 * LEASE_MS)
    for (const process of processes)
      await until('it calls itself not ready', async () => (await problems(process)).includes('leases'), fault.ms);
  await pause(back - performance.now());
  await fault.end();
  const begun = performance.now();
  const answered = () => talk.said - talk.unanswered;
  const before = answered();
  for (const self of selves()) cluster.ask(self, `${tag}-again`, 0);
  const again = () => selves().every((self) => cluster.answers(self, `${tag}-again`).length === 1);
  await until('answers flow again', () => answered() > before, PATIENCE_MS);
  const flowing = (performance.now() - begun) / 1000;
  await until('every account answers again', again, PATIENCE_MS);
  const seconds = (performance.now() - begun) / 1000;
  talk.end();
  await until('all is answered', () => talk.unanswered === 0, PATIENCE_MS);
  for (const process of processes)
    await until('it is ready again', async () => (await problems(process)) === '', PATIENCE_MS);
  return { flowing, seconds, doubled: talk.doubled };
}

describe('Redis is out of reach', () => {
  it.each(SIZES.outagesMs.map((ms) => [ms]))(
    'for %i ms, and every question of that time is answered once, by the same processes',
    async (ms) => {
      const { flowing, seconds, doubled } = await outage(`away${ms}`, {
        ms,
        begin: () => way.close(),
        end: () => way.reopen(),
      });
      figure(`Redis out of reach for ${ms / 1000} s: answers flow again after`, flowing, 's', { atMost: 2 });
      figure(`Redis out of reach for ${ms / 1000} s: every account answers a new question after`, seconds, 's');
      expect(doubled).toBe(0);
    },
    Math.max(...SIZES.outagesMs) + 3 * PATIENCE_MS,
  );

  it(
    'behind a way that swallows every byte: it is noticed although no connection ends, and all come back',
    async () => {
      const { flowing, seconds, doubled } = await outage('silent', {
        ms: SIZES.silenceMs,
        begin: () => way.swallow(),
        end: () => way.heal(),
      });
      const name = `way to Redis half open for ${SIZES.silenceMs / 1000} s`;
      figure(`${name}: answers flow again after`, flowing, 's', { atMost: 5 });
      figure(`${name}: every account answers a new question after`, seconds, 's');
      expect(doubled).toBe(0);
    },
    SIZES.silenceMs + 3 * PATIENCE_MS,
  );

  it(
    'because it was killed: nobody acts for a lease time, since the new one may have forgotten who took what',
    async () => {
      const { seconds, doubled } = await outage('killed', {
        ms: 500,
        begin: () => process.kill(redis.pid, 'SIGKILL'),
        end: () => redis.restart(),
      });
      figure('Redis killed and started again: every account answers again after', seconds, 's', {
        atMost: LEASE_MS / 1000 + 2,
      });
      expect(doubled).toBe(0);
    },
    3 * PATIENCE_MS,
  );
});
