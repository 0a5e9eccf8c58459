import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { SentRecord } from '@rookery/simulator';
import { metricValue, until, type RunningProcess } from '../e2e/support/processes';
import { FaultyCluster, FRIENDS, heldBy, PARTITIONS } from './support/cluster';
import { figure } from './support/figure';
import { SIZES } from './support/sizes';
import { Talk } from './support/talk';

const ACCOUNTS = 4;
const GROUP = '712345678';
const LIN = '1500000021';
const WORKERS = 4;
const DEATHS = 3;
/** Until the partition of a killed worker has its next holder and what was in hand is run: a lease time, and more under load. */
const TAKEN_OVER_LIMIT_MS = 20_000;
const DEATHS_LIMIT_MS = (DEATHS + 4) * TAKEN_OVER_LIMIT_MS;

let cluster: FaultyCluster;
let connector: RunningProcess;
let worker: RunningProcess;

beforeAll(async () => {
  const plugin = join(__dirname, '../fixtures/plugins/faults.js');
  cluster = await FaultyCluster.start(ACCOUNTS, 'single', { plugin });
  [connector, worker] = await Promise.all([cluster.run('connector'), cluster.run('worker')]);
  await cluster.online(ACCOUNTS, [connector]);
});
afterAll(() => cluster?.stop());

const selves = () => cluster.fleet.accounts.map(({ selfId }) => selfId);
const answersTo = (seq: string): SentRecord[] =>
  cluster.fleet.world.audit.sent({ group: GROUP }).filter(({ params }) => {
    const [first] = params['message'] as { type: string; data: Record<string, unknown> }[];
    return first?.type === 'reply' && first.data['seq'] === seq;
  });
const heard = (text: string) => cluster.fleet.world.audit.sent().filter((sent) => sent.text?.includes(text) === true);

/** Asks `/ping` questions in private until `enough`, one after the other; milliseconds until each was answered, in rising order. */
async function pings(tag: string, enough: (asked: number) => boolean): Promise<number[]> {
  const delays: number[] = [];
  const [, self = ''] = selves();
  for (let n = 0; !enough(n); n += 1) {
    const begun = performance.now();
    cluster.ask(self, tag, n);
    await until(`answer ${n} of ${tag}`, () => cluster.answers(self, tag).length === n + 1);
    delays.push(performance.now() - begun);
  }
  return delays.sort((a, b) => a - b);
}
const forSeconds = (seconds: number) => {
  const end = performance.now() + seconds * 1000;
  return () => performance.now() > end;
};
/** How a process has ended; undefined while it runs. */
const hasEnded = ({ exited }: RunningProcess) =>
  Promise.race([exited, new Promise<undefined>((resolve) => setImmediate(() => resolve(undefined)))]);
const p99 = (sorted: readonly number[]) => sorted[Math.floor((sorted.length - 1) * 0.99)] ?? Number.NaN;

describe('events under faults', () => {
  it('a slow handler keeps its own conversation only', async () => {
    const slow = SIZES.slowSeconds;
    // As long before and after as beside it: a machine that is busy with other things grows neither slower nor faster for one alone.
    const before = await pings('before', forSeconds(slow / 2));
    cluster.fleet.world.say(LIN, { group: GROUP }, `/slow ${slow}`);
    const beside = await pings('beside', () => heard(`slept ${slow}`).length > 0);
    const after = await pings('later', forSeconds(slow / 2));
    const calm = [...before, ...after].sort((a, b) => a - b);
    figure('slow handler: seconds', slow, 's');
    figure('slow handler: messages in other conversations meanwhile', beside.length, '');
    figure('slow handler: p99 of the others without it', p99(calm), 'ms');
    figure('slow handler: p99 of the others, with it / without it', p99(beside) / p99(calm), '×', { atMost: 1.2 });
    expect(beside.length).toBeGreaterThan(10);
    expect(heard(`slept ${slow}`)).toHaveLength(1);
  }, 150_000);

  it('a handler that blocks for ever costs its own event only, and no process', async () => {
    const [, self = ''] = selves();
    cluster.fleet.world.say(LIN, { group: GROUP }, '/block');
    const after = cluster.fleet.world.say(LIN, { group: GROUP }, '/ping after 1');
    cluster.ask(self, 'blocked', 1);
    await until('the group goes on', () => answersTo(after.seq).length === 1);
    await until('the others go on', () => cluster.answers(self, 'blocked').length === 1);
    expect(metricValue(await worker.metrics(), 'rookery_plugin_up{plugin="faults"}')).toBe(1);
    const lost = (await Promise.all([connector, worker].map(hasEnded))).filter((how) => how !== undefined);
    figure('blocking handler: processes lost', lost.length, '', { atMost: 0 });
    expect(lost).toEqual([]);
  });

  it('when the link of the assignee is cut, a sibling answers the next command and quotes it', async () => {
    const before = cluster.fleet.world.say(LIN, { group: GROUP }, '/ping before 1');
    await until('an answer', () => answersTo(before.seq).length === 1);
    const assignee = String(answersTo(before.seq)[0]?.self);
    cluster.fleet.host.endpoint(assignee).stop();
    await cluster.online(ACCOUNTS - 1, [connector]);
    const begun = performance.now();
    const after = cluster.fleet.world.say(LIN, { group: GROUP }, '/ping afterwards 1');
    await until('a sibling answers', () => answersTo(after.seq).length > 0);
    figure('cut link: a sibling answered after', (performance.now() - begun) / 1000, 's');
    cluster.fleet.host.endpoint(assignee).start();
    await cluster.online(ACCOUNTS, [connector]);
    expect(answersTo(after.seq).map(({ self }) => self)).not.toContain(assignee);
    expect(answersTo(after.seq)).toHaveLength(1);
  });

  it('while partitions move and a worker is killed, conversations keep their order and go on', async () => {
    const second = await cluster.run('worker');
    await cluster.shared('partitions', [worker, second]);
    const talk = new Talk(cluster, selves(), 'moving', SIZES.moveRate);
    await until('answers flow', () => selves().every((self) => cluster.answers(self, 'moving').length > 5));
    const third = await cluster.run('worker');
    await cluster.shared('partitions', [worker, second, third]);
    expect(await second.stop('SIGTERM')).toBe(0);
    await cluster.shared('partitions', [worker, third]);
    const taken = await heldBy(third, 'partitions');
    const begun = performance.now();
    expect(await third.stop('SIGKILL')).toBe('SIGKILL');
    // One question to every conversation: all partitions of the killed worker are among them.
    for (let n = 0; n < FRIENDS.length; n += 1) for (const self of selves()) cluster.ask(self, 'orphaned', n);
    await until(
      'every conversation goes on',
      () => selves().every((self) => cluster.answers(self, 'orphaned').length === FRIENDS.length),
      TAKEN_OVER_LIMIT_MS,
    );
    const seconds = (performance.now() - begun) / 1000;
    talk.end();
    await until('all is answered', () => talk.unanswered === 0, TAKEN_OVER_LIMIT_MS);
    const disordered = selves().filter(
      (self) => !cluster.inOrder(self, 'moving') || !cluster.inOrder(self, 'orphaned'),
    );
    figure('moving partitions: messages', talk.said + FRIENDS.length * ACCOUNTS, '');
    figure('moving partitions: not answered', talk.unanswered, '', { atMost: 0 });
    figure('moving partitions: answered twice', talk.doubled, '', { atMost: 0 });
    figure('moving partitions: accounts with answers out of order', disordered.length, '', { atMost: 0 });
    figure('killed worker: partitions that it held', taken, '');
    figure('killed worker: all its conversations go on after', seconds, 's', { atMost: 10 });
    expect({ taken: taken > 0, disordered, doubled: talk.doubled }).toEqual({
      taken: true,
      disordered: [],
      doubled: 0,
    });
  }, 150_000);

  it(
    `an event whose worker is killed ${DEATHS} times is handled on the next run, and once`,
    async () => {
      const others = await Promise.all(Array.from({ length: WORKERS - 1 }, () => cluster.run('worker')));
      const workers = [worker, ...others];
      const begun = performance.now();
      cluster.fleet.world.say(LIN, { group: GROUP }, `/hold ${DEATHS}`);
      const killed = new Set<RunningProcess>();
      while (killed.size < DEATHS) {
        await until(`run ${killed.size + 1}`, () => cluster.notes().length > killed.size, TAKEN_OVER_LIMIT_MS);
        const holder = workers.find(({ pid }) => String(pid) === cluster.notes().at(-1));
        if (holder === undefined) throw new Error('run by a process that is no worker');
        expect(await holder.stop('SIGKILL')).toBe('SIGKILL');
        killed.add(holder);
      }
      await until('it is handled', () => heard(`run ${DEATHS + 1}`).length > 0, TAKEN_OVER_LIMIT_MS);
      figure('killed holders: holders killed before', DEATHS, '');
      figure('killed holders: handled after', (performance.now() - begun) / 1000, 's');
      const [survivor] = workers.filter((candidate) => !killed.has(candidate));
      if (survivor === undefined) throw new Error('no worker is left');
      await until('the last worker has all', async () => (await heldBy(survivor, 'partitions')) === PARTITIONS);
      const [self = ''] = selves();
      cluster.ask(self, 'survived', 1);
      await until('an answer', () => cluster.answers(self, 'survived').length === 1);
      expect(heard(`run ${DEATHS + 1}`)).toHaveLength(1);
      expect(cluster.notes()).toHaveLength(DEATHS + 1);
    },
    DEATHS_LIMIT_MS,
  );
});
