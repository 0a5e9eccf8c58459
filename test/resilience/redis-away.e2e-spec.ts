import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { startTestRedis, type TestRedis } from '@rookery/testing';
import { metricValue, until, type RunningProcess } from '../e2e/support/processes';
import { FaultyCluster, FRIENDS } from './support/cluster';
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

/** For at least so long Redis takes no write, and until every process has noticed that its leases are not renewed. */
const REFUSED_MS = 3_000;
const MIB = 1024 * 1024;
const PIECE = 'x'.repeat(64 * 1024);

/** A backlog of others, which leaves Redis no room at all. */
async function fillUp(): Promise<void> {
  const { client } = cluster;
  for (let n = 0; n < 16; n++) await client.rpush('backlog', ...Array.from({ length: 16 }, () => PIECE));
  const used = /^used_memory:(\d+)/m.exec(await client.info('memory'))?.[1];
  await client.call('CONFIG', ['SET', 'maxmemory', String(Number(used) - MIB)]);
}

/** One person of each account asks on and on, so that an order can be broken. */
function askInOrder(tag: string): () => Promise<void> {
  let asked = 0;
  const timer = setInterval(() => {
    for (const self of selves())
      cluster.fleet.world.say(String(FRIENDS[0]), { private: self }, `/ping ${tag} ${asked}`);
    asked += 1;
  }, 200);
  return async () => {
    clearInterval(timer);
    const isAnswered = () => selves().every((self) => cluster.answers(self, tag).length >= asked);
    await until('all of it is answered', isAnswered, PATIENCE_MS);
    for (const self of selves()) {
      expect(cluster.answers(self, tag)).toEqual(Array.from({ length: asked }, (_, n) => n));
      expect(cluster.inOrder(self, tag)).toBe(true);
    }
  };
}

describe('Redis answers and takes no write', () => {
  afterEach(() => cluster.client.call('CONFIG', ['SET', 'maxmemory', '0', 'min-replicas-to-write', '0']));

  it.each([
    ['OOM', 'it is full', 1, fillUp, () => cluster.client.unlink('backlog')],
    [
      'NOREPLICAS',
      'it lacks the replicas that it must have',
      // Events go on to be offered to it, and wait in the connector.
      0,
      () => cluster.client.call('CONFIG', ['SET', 'min-replicas-to-write', '1']),
      () => cluster.client.call('CONFIG', ['SET', 'min-replicas-to-write', '0']),
    ],
  ])(
    '%s, since %s: nobody acts, processes say so, and all goes on in order and once when it does again',
    async (code, _why, paused, begin, end) => {
      const [connector] = processes;
      const ordered = askInOrder(`${code}-order`);
      const tell = async () => metricValue(String(await connector?.metrics()), 'rookery_intake_paused');
      const { flowing, seconds, doubled } = await outage(code, {
        ms: REFUSED_MS,
        begin,
        end: async () => {
          await expect(cluster.client.set('refused', '1')).rejects.toThrow(new RegExp(`^${code}`));
          expect(await tell()).toBe(paused);
          for (const process of processes)
            await until('it says so', async () => (await problems(process)).includes('leases'));
          await end();
        },
      });
      figure(`Redis refused writes (${code}) until all had noticed: answers flow again after`, flowing, 's', {
        atMost: 5,
      });
      figure(`Redis refused writes (${code}) until all had noticed: every account answers again after`, seconds, 's', {
        atMost: 15,
      });
      expect(doubled).toBe(0);
      await ordered();
      await until('it takes events in', async () => (await tell()) === 0);
    },
    REFUSED_MS + 4 * PATIENCE_MS,
  );
});

describe('Redis is emptied', () => {
  it(
    'under the running cluster: what it had agreed on is there again, it is counted, and every account answers',
    async () => {
      const { client } = cluster;
      const agreed = await client.hgetall('rookery:cluster');
      await client.flushall();
      const begun = performance.now();
      const lost = async () => {
        const texts = await Promise.all(processes.map((process) => process.metrics()));
        return texts.reduce((sum, text) => sum + metricValue(text, 'rookery_redis_data_lost_total'), 0);
      };
      await until('the loss is counted', async () => (await lost()) === 1);
      expect(await client.hgetall('rookery:cluster')).toEqual(agreed);
      const again = () => selves().every((self) => cluster.answers(self, 'emptied').length > 0);
      for (const self of selves()) cluster.ask(self, 'emptied', 0);
      await until('every account answers again', again, PATIENCE_MS);
      figure('Redis emptied: every account answers again after', (performance.now() - begun) / 1000, 's', {
        atMost: LEASE_MS / 1000 + 6,
      });
      for (const process of processes)
        await until('it is ready again', async () => (await problems(process)) === '', PATIENCE_MS);
      expect(await lost()).toBe(1);
    },
    3 * PATIENCE_MS,
  );
});

/** With it the processes of this file end. */
describe('a process that is asked to end while Redis swallows every byte', () => {
  it(
    'ends within its 12 s, with 1, and says what is not done',
    async () => {
      const talk = new Talk(cluster, selves(), 'asked-to-end', PER_SECOND);
      await until('answers flow', () => talk.said - talk.unanswered > 20, PATIENCE_MS);
      way.swallow();
      await until('questions are not answered', () => talk.unanswered > PER_SECOND, PATIENCE_MS);
      const begun = performance.now();
      const codes = await Promise.all(processes.map((process) => process.stop()));
      talk.end();
      figure('Redis swallows every byte: processes end after', (performance.now() - begun) / 1000, 's', { atMost: 13 });
      expect(codes).toEqual([1, 1]);
      const said = processes.map(({ lines }) =>
        lines.flatMap(({ notDone }) => (notDone as string[] | undefined) ?? []),
      );
      expect(said).toEqual([
        expect.arrayContaining([
          `${ACCOUNTS} leases of accounts are given back`,
          expect.stringMatching(/^\d+ events that it has read are in Redis, and are lost/),
        ]),
        expect.arrayContaining([expect.stringMatching(/^\d+ leases of partitions are given back/)]),
      ]);
    },
    3 * PATIENCE_MS,
  );
});
