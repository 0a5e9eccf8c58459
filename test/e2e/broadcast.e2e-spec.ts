import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { BroadcastFailure, BroadcastInput, BroadcastStatus } from '@rookery/protocol';
import { Fleet } from '@rookery/simulator';
import { startTestRedis, type TestRedis } from '@rookery/testing';
import { startProcess, until, type RunningProcess } from './support/processes';

const GROUPS = 40;

let redis: TestRedis;
let dir: string;
let fleet: Fleet;
let env: Record<string, string>;
let connector: RunningProcess;
let worker: RunningProcess;
let console_: RunningProcess;

beforeAll(async () => {
  redis = await startTestRedis({ appendOnly: true });
  dir = await mkdtemp(join(tmpdir(), 'rookery-broadcast-'));
  // Every group has two of the three accounts.
  fleet = await Fleet.start({ accounts: 3, groups: GROUPS, accountsPerGroup: 2, endpoint: { reportSelf: true } });
  const accounts = fleet.accounts.map(({ selfId, token, ...account }) => {
    const url = account.mode === 'forward' ? account.url : '';
    return `  - { selfId: "${selfId}", mode: forward, url: "${url}", token: "${token}" }`;
  });
  const config = join(dir, 'rookery.yaml');
  const settings = [
    'partitions: 8',
    'limits: { profile: unlimited }',
    `superusers: ["${person()}"]`,
    `plugins: [{ module: "${join(__dirname, '../fixtures/plugins/crier.js')}" }]`,
  ];
  await writeFile(config, [...settings, 'accounts:', ...accounts].join('\n'));
  env = { ROOKERY_CONFIG: config, REDIS_URL: redis.url };
  [connector, worker, console_] = await Promise.all([
    startProcess('connector', env),
    startProcess('worker', env),
    startProcess('console', env),
  ]);
  await until('all accounts are online', async () =>
    (await connector.metrics()).includes('rookery_accounts{state="online"} 3'),
  );
});
afterAll(async () => {
  await Promise.all([connector?.stop(), worker?.stop(), console_?.stop()]);
  await fleet?.close();
  await redis?.stop();
  await rm(dir, { recursive: true, force: true });
});

type Shown = BroadcastStatus & { failures: BroadcastFailure[] };

async function api(method: string, path: string, body?: BroadcastInput): Promise<Shown> {
  const init =
    body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } };
  const response = await fetch(`${console_.http}/api/broadcasts${path}`, { method, ...init });
  const answer = (await response.json()) as Shown;
  if (!response.ok) throw new Error(JSON.stringify(answer));
  return answer;
}
const start = async (body: BroadcastInput) => (await api('POST', '', body)).id;
const show = (id: string) => api('GET', `/${id}`);
async function ended(id: string): Promise<Shown> {
  await until(`broadcast ${id} has ended`, async () => (await show(id)).endedAt !== undefined, 40_000);
  return show(id);
}
/** The groups that got the text, as often as they did, in rising order. */
const got = (text: string) =>
  fleet.world.audit
    .sent()
    .filter((record) => record.text === text)
    .map(({ groupId }) => String(groupId))
    .sort();
/** Somebody in the first group who is no account and has no office there. */
function person(): string {
  const { directory } = fleet.world;
  const [group = ''] = directory.groups.keys();
  const bots = new Set(fleet.accounts.map(({ selfId }) => selfId));
  const found = [...directory.group(group).members.values()].find(
    ({ userId, role }) => role === 'member' && !bots.has(userId),
  );
  if (!found) throw new Error(`nobody to speak in group ${group}`);
  return found.userId;
}
/** What somebody says there, and the answer to it. */
async function answerTo(text: string, prefix: string): Promise<string> {
  const [group = ''] = fleet.world.directory.groups.keys();
  const before = fleet.world.audit.sent({ group }).length;
  fleet.world.say(person(), { group }, text);
  const answers = () =>
    fleet.world.audit
      .sent({ group })
      .slice(before)
      .flatMap((record) => (record.text?.startsWith(prefix) === true ? [record.text] : []));
  await until(`an answer to ${text}`, () => answers().length > 0);
  return answers()[0] ?? '';
}
const all = () => [...fleet.world.directory.groups.keys()].sort();

describe('a broadcast to all groups of three accounts', () => {
  it('reaches each group exactly once, with the work shared out', async () => {
    const text = 'to all of you';
    const found = await ended(await start({ to: 'groups', message: text }));
    expect(found).toMatchObject({ state: 'done', counts: { total: GROUPS, sent: GROUPS }, failures: [] });
    expect(got(text)).toEqual(all());
    const accounts = new Set(fleet.world.audit.sent().map(({ self }) => self));
    expect(accounts.size).toBe(3);
  });

  it('reaches each group exactly once although the worker is killed in the middle', async () => {
    const text = 'the worker will die';
    const id = await start({ to: 'groups', message: text, spreadSeconds: 4, jitter: 0.5 });
    await until('it is under way', () => got(text).length >= GROUPS / 4);
    await worker.stop('SIGKILL');
    const reachedThen = got(text).length;
    expect(reachedThen).toBeLessThan(GROUPS);
    worker = await startProcess('worker', env);
    expect(await ended(id)).toMatchObject({ state: 'done', counts: { total: GROUPS, sent: GROUPS, unknown: 0 } });
    expect(got(text)).toEqual(all());
  });

  it('stops when it is paused, goes on when it is resumed, and reaches each group exactly once', async () => {
    const text = 'wait a moment';
    const id = await start({ to: 'groups', message: text, spreadSeconds: 4 });
    await until('it is under way', () => got(text).length >= 5);
    expect((await api('POST', `/${id}/pause`)).state).toBe('paused');
    await until('nothing is in hand', async () => (await show(id)).counts.inHand === 0);
    const paused = await show(id);
    expect(got(text)).toHaveLength(paused.counts.sent);
    expect(paused.counts.sent).toBeLessThan(GROUPS);
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    expect(got(text)).toHaveLength(paused.counts.sent);
    await api('POST', `/${id}/resume`);
    expect(await ended(id)).toMatchObject({ state: 'done', counts: { sent: GROUPS } });
    expect(got(text)).toEqual(all());
  });

  it('sends nothing more when it is cancelled, and accounts for every group', async () => {
    const text = 'never mind';
    const id = await start({ to: 'groups', message: text, spreadSeconds: 10 });
    await until('it is under way', () => got(text).length >= 3);
    await api('POST', `/${id}/cancel`);
    const { state, counts } = await ended(id);
    expect(state).toBe('cancelled');
    expect(counts.sent).toBe(got(text).length);
    expect(counts.sent + counts.not_sent).toBe(GROUPS);
    expect(counts.not_sent).toBeGreaterThan(0);
  });

  it('gives up what is left when its time is over', async () => {
    const text = 'too slow';
    const id = await start({ to: 'groups', message: text, spreadSeconds: 9, expiresSeconds: 10 });
    await until('it is under way', () => got(text).length >= 3);
    await api('POST', `/${id}/pause`);
    const { state, counts, failures } = await ended(id);
    expect(state).toBe('expired');
    expect(counts).toMatchObject({ total: GROUPS, sent: got(text).length, not_sent: GROUPS - got(text).length });
    expect(failures[0]).toMatchObject({ outcome: 'not_sent', code: 'ACTION_EXPIRED' });
  });

  it('a handler begins one for somebody who may, each group gets it once, and a later handler tells how far it is', async () => {
    const text = 'hear ye';
    const [, id = ''] = (await answerTo(`/cry ${text}`, 'begun ')).split(' ');
    expect(await ended(id)).toMatchObject({ state: 'done', createdBy: 'plugin:crier', counts: { sent: GROUPS } });
    expect(got(text)).toEqual(all());
    expect(await answerTo(`/crying ${id}`, 'done')).toBe(`done ${GROUPS}/${GROUPS}`);
  });

  it('uses the other account where one is muted, and says where nobody may speak', async () => {
    const [one = '', two = ''] = all();
    const { notices, directory } = fleet.world;
    const owner = (group: string) =>
      [...directory.group(group).members.values()].find(({ role }) => role === 'owner')?.userId ?? '';
    const bots = (group: string) => [...directory.accountsIn(directory.group(group))].map(({ self }) => self);
    notices.ban(one, bots(one)[0] ?? '', owner(one), 600);
    for (const bot of bots(two)) notices.ban(two, bot, owner(two), 600);
    const text = 'some of you';
    const id = await start({ to: { groups: [one, two] }, message: text, expiresSeconds: 15 });
    const found = await ended(id);
    expect(got(text)).toEqual([one]);
    expect(fleet.world.audit.sent({ group: one }).filter((record) => record.text === text)[0]?.self).toBe(bots(one)[1]);
    expect(found.counts).toMatchObject({ total: 2, sent: 1 });
    expect(found.failures).toMatchObject([{ target: `g${two}` }]);
  });
});
