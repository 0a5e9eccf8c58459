import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { metricValue, until, type RunningProcess } from '../e2e/support/processes';
import { FaultyCluster } from './support/cluster';
import { figure } from './support/figure';
import { SIZES } from './support/sizes';
import { Talk } from './support/talk';

const ACCOUNTS = SIZES.dualAccounts;
const EVENTS_PER_SECOND = 400;
/** Sends of one account to different chats that may be under way at a time. */
const IN_FLIGHT = 4;
const kills = Array.from({ length: SIZES.kills }, (_, n) => n + 1);
const total = { said: 0, lost: 0, unanswered: 0, silent: 0, doubled: 0, killed: 0 };

let cluster: FaultyCluster;
let worker: RunningProcess;
let connectors: RunningProcess[];

beforeAll(async () => {
  cluster = await FaultyCluster.start(ACCOUNTS, 'dual');
  worker = await cluster.run('worker');
  connectors = await Promise.all([cluster.run('connector'), cluster.run('connector')]);
  await cluster.shared('accounts', connectors);
  await attachedTwice();
});
afterAll(async () => {
  figure('dual attach: connectors killed', total.killed, '');
  figure('dual attach: events', total.said, '');
  figure('dual attach: events lost', total.lost, '', { atMost: 0 });
  figure('dual attach: events answered twice', total.doubled, '', { atMost: 0 });
  figure('dual attach: answers cut off by a kill, reported as unknown, not repeated', total.unanswered, '');
  figure('dual attach: answers missing without a report', total.silent, '', { atMost: 0 });
  await cluster?.stop();
});

const attachedTwice = () =>
  until('every account has two connections', () =>
    [...cluster.fleet.host.all].every((endpoint) => endpoint.clients.length === 2),
  );

const handled = async () =>
  metricValue(await worker.metrics(), 'rookery_events_settled_total{result="handled",reason=""}');

/** Actions that a connector has reported as of unknown outcome. */
const unknowns = async (connector: RunningProcess) =>
  [...(await connector.metrics()).matchAll(/^rookery_actions_total\{outcome="unknown".*\} (\d+)$/gm)].reduce(
    (sum, [, count]) => sum + Number(count),
    0,
  );

describe('accounts that are attached twice', () => {
  it.each(kills)('lose no event when a connector is killed, and answer none twice (%i)', async (round) => {
    const selves = cluster.fleet.accounts.map(({ selfId }) => selfId);
    const tag = `dual${round}`;
    const before = await handled();
    const talk = new Talk(cluster, selves, tag, EVENTS_PER_SECOND);
    await until('answers flow', () => selves.every((self) => cluster.answers(self, tag).length > 10));
    const [killed, survivor] = connectors;
    if (killed === undefined || survivor === undefined) throw new Error('there are two connectors');
    const unknownBefore = await unknowns(survivor);
    await killed.stop('SIGKILL');
    await cluster.online(ACCOUNTS, [survivor], 8_000);
    talk.end();
    // What the killed one had claimed and not finished has an unknown outcome and is not repeated.
    const most = Math.floor(talk.said / ACCOUNTS) - IN_FLIGHT;
    await until('answers', () => selves.every((self) => cluster.answers(self, tag).length >= most));
    await until('the last answers', () => talk.unanswered === 0, 3_000).catch(() => undefined);
    await until('all is handled', async () => (await handled()) - before >= talk.said).catch(() => undefined);
    const lost = talk.said - ((await handled()) - before);
    const silent = () => unknowns(survivor).then((unknown) => talk.unanswered - (unknown - unknownBefore));
    await until('each missing answer is reported', async () => (await silent()) <= 0).catch(() => undefined);
    total.silent += Math.max(0, await silent());
    total.killed += 1;
    total.said += talk.said;
    total.lost += lost;
    total.unanswered += talk.unanswered;
    total.doubled += talk.doubled;
    expect(lost).toBe(0);
    expect(talk.doubled).toBe(0);
    expect(await silent()).toBeLessThanOrEqual(0);
    connectors = [survivor, await cluster.run('connector')];
    await cluster.shared('accounts', connectors);
    await attachedTwice();
  });
});
