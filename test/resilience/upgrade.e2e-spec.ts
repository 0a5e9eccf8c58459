import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { selfId } from '@rookery/protocol';
import { readQueueDepths, type QueueDepths } from '@rookery/queues';
import { PROFILES } from '@rookery/pacing';
import { metricValue, until, type RunningProcess } from '../e2e/support/processes';
import { FaultyCluster, heldBy, PARTITIONS } from './support/cluster';
import { figure } from './support/figure';
import { olderBuild } from './support/older-build';
import { Talk } from './support/talk';

const ACCOUNTS = 4;
const PER_SECOND = 8;
/** So that sends pass the rooms and the limits, with five times as much allowed as is asked for. */
const LIMITS = { ...PROFILES.unlimited, gapSeconds: 0.1 };
/** What waits while a kind of process is missing. */
const WAITING = 40;
/** An account's limits are shut for a while after a takeover, and then what waited leaves one by one; more on a busy machine. */
const CAUGHT_UP_MS = 60_000;
const LIMIT_MS = 240_000;

type App = 'connector' | 'worker';
const REALM = { connector: ['accounts', ACCOUNTS], worker: ['partitions', PARTITIONS] } as const;

const older = olderBuild();
/** The folder of the older build. */
let folder: string;
let cluster: FaultyCluster;

beforeAll(async () => {
  folder = older.provide();
  cluster = await FaultyCluster.start(ACCOUNTS, 'single', { limits: LIMITS });
}, LIMIT_MS);
afterAll(() => cluster?.stop());

const selves = () => cluster.fleet.accounts.map((account) => account.selfId);
const start = (app: App, build: 'older' | 'newer') => cluster.run(app, build === 'older' ? { folder } : {});

/** Answers that waited for longer than a minute, which a machine that stands still for so long does to them. They are not lost: they are told of. */
const expiredAt = (process: RunningProcess): Promise<number> =>
  process.metrics().then(
    (text) => metricValue(text, 'rookery_actions_expired_total{lane="interactive"}'),
    () => Number.NaN, // it has ended
  );

/** As the docs say: one more first, and when that has its part, one less. */
async function replace(app: App, old: RunningProcess, build: 'older' | 'newer') {
  const [realm] = REALM[app];
  const next = await start(app, build);
  await cluster.shared(realm, [old, next]);
  const ended = old.stop('SIGTERM');
  let expired = 0;
  // Until it does not answer any more: some expire while it drains.
  for (let seen = await expiredAt(old); !Number.isNaN(seen); seen = await expiredAt(old)) {
    expired = seen;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  expect(await ended).toBe(0);
  await cluster.shared(realm, [next]);
  return { next, expired };
}

async function allOf(app: App, build: 'older' | 'newer'): Promise<RunningProcess> {
  const [realm, keys] = REALM[app];
  const process = await start(app, build);
  await until(`the ${app} holds all`, async () => (await heldBy(process, realm)) === keys, CAUGHT_UP_MS);
  return process;
}

describe(`beside ${older.name}`, () => {
  it.each([['worker', 'connector'] as const, ['connector', 'worker'] as const])(
    'a cluster under load is replaced, each %s and then each %s: nothing is lost, doubled or out of order',
    async (...order) => {
      const tag = `${order[0]}s`;
      const running = { connector: await allOf('connector', 'older'), worker: await allOf('worker', 'older') };
      await cluster.online(ACCOUNTS, [running.connector]);
      const talk = new Talk(cluster, selves(), tag, PER_SECOND);
      await until('answers flow', () => selves().every((self) => cluster.answers(self, tag).length > 2));
      let expired = 0;
      for (const app of order) {
        const begun = performance.now();
        const replaced = await replace(app, running[app], 'newer');
        running[app] = replaced.next;
        expired += replaced.expired;
        figure(`upgrade, ${tag} first: the ${app} is replaced after`, (performance.now() - begun) / 1000, 's');
      }
      talk.end();
      const lost = async () => talk.unanswered - expired - (await expiredAt(running.connector));
      await until('all is answered', async () => (await lost()) === 0, CAUGHT_UP_MS).catch(() => undefined);
      const result = { lost: await lost(), doubled: talk.doubled };
      const disordered = selves().filter((self) => !cluster.inOrder(self, tag));
      figure(`upgrade, ${tag} first: messages`, talk.said, '');
      figure(`upgrade, ${tag} first: expired`, talk.unanswered - result.lost, '');
      figure(`upgrade, ${tag} first: lost`, result.lost, '', { atMost: 0 });
      figure(`upgrade, ${tag} first: answered twice`, result.doubled, '', { atMost: 0 });
      figure(`upgrade, ${tag} first: accounts with answers out of order`, disordered.length, '', { atMost: 0 });
      await Promise.all(Object.values(running).map((process) => process.stop('SIGTERM')));
      expect({ ...result, disordered }).toEqual({ lost: 0, doubled: 0, disordered: [] });
      expect(talk.said).toBeGreaterThan(30);
    },
    LIMIT_MS,
  );

  it.each([
    ['older', 'newer'],
    ['newer', 'older'],
  ] as const)(
    'events that the %s one queued are handled by the %s one, and the sends that this one queued leave by the former',
    async (one, other) => {
      const tag = `by-${one}`;
      const connector = await allOf('connector', one);
      await cluster.online(ACCOUNTS, [connector]);
      for (let n = 0; n < WAITING; n++) cluster.ask(String(selves()[n % ACCOUNTS]), tag, n);
      await waits('all events', ({ events }) => events.waiting > 0 && events.active === 0);
      expect(await connector.stop('SIGTERM')).toBe(0);
      const worker = await allOf('worker', other);
      await waits('all sends', ({ actions }) => actions.waiting === WAITING);
      expect(await worker.stop('SIGTERM')).toBe(0);
      expect(selves().flatMap((self) => cluster.answers(self, tag))).toEqual([]);
      const last = await allOf('connector', one);
      const answers = () => selves().flatMap((self) => cluster.answers(self, tag));
      await until('all answers', () => answers().length >= WAITING, CAUGHT_UP_MS);
      expect(await last.stop('SIGTERM')).toBe(0);
      expect(answers().sort((a, b) => a - b)).toEqual(Array.from({ length: WAITING }, (_, n) => n));
      expect(await depths()).toMatchObject({ events: { failed: 0 }, actions: { waiting: 0, failed: 0 } });
    },
    LIMIT_MS,
  );
});

const depths = () =>
  readQueueDepths(cluster.client, { partitions: PARTITIONS, accounts: selves().map(selfId), now: Date.now() });

async function waits(what: string, condition: (depths: QueueDepths) => boolean): Promise<void> {
  await until(`${what} are in Redis`, async () => condition(await depths()), CAUGHT_UP_MS);
}
