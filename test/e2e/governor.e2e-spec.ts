import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { actionId, channels, nodeId, parseResults, selfId, type Action, type ActionResult } from '@rookery/protocol';
import { ActionPublisher, SharedQueueBackend } from '@rookery/queues';
import { connectRedis, type Redis } from '@rookery/redis';
import { ControlChannel } from '@rookery/service';
import { Fleet } from '@rookery/simulator';
import { startTestRedis, type TestRedis } from '@rookery/testing';
import { freePort, startProcess, until, type RunningProcess } from './support/processes';

const ROOT = join(__dirname, '../..');
const node = nodeId('tester');
/** Nobody listens where its NapCat is said to be. */
const LINKLESS = selfId('10998');
/** The cluster has no such account. */
const UNKNOWN = selfId('10999');

let redis: TestRedis;
let dir: string;
let fleet: Fleet;
let env: Record<string, string>;
let connector: RunningProcess;
let client: Redis;
let backend: SharedQueueBackend;
let control: ControlChannel;
let publisher: ActionPublisher;
const results: ActionResult[] = [];

beforeAll(async () => {
  redis = await startTestRedis({ appendOnly: true });
  dir = await mkdtemp(join(tmpdir(), 'rookery-governor-'));
  fleet = await Fleet.start({ accounts: 1, groups: 6, accountsPerGroup: 1 });
  const accounts = fleet.accounts.map(({ selfId: self, token, ...account }) => {
    const url = account.mode === 'forward' ? account.url : '';
    return `  - { selfId: "${self}", mode: forward, url: "${url}", token: "${token}" }`;
  });
  const nobody = `  - { selfId: "${LINKLESS}", mode: forward, url: "ws://127.0.0.1:${await freePort()}", token: "nobody-listens" }`;
  const config = join(dir, 'rookery.yaml');
  await writeFile(config, ['limits: { profile: unlimited }', 'accounts:', ...accounts, nobody].join('\n'));
  env = { ROOKERY_CONFIG: config, REDIS_URL: redis.url };
  connector = await startProcess('connector', env);
  await until('the account is online', async () =>
    (await connector.metrics()).includes('rookery_accounts{state="online"} 1'),
  );
  client = await connectRedis(redis.url, 'producer', 'tester', () => undefined);
  backend = new SharedQueueBackend(client);
  await backend.ready();
  control = new ControlChannel(redis.url, (error) => {
    throw error;
  });
  control.on(channels.results(node), (data) => results.push(...parseResults(data).results));
  await control.start();
  publisher = new ActionPublisher(backend, (waiting) =>
    control.emit(channels.actionsWaiting, { v: 1, accounts: waiting }),
  );
});
afterAll(async () => {
  await control?.close();
  await backend?.close();
  client?.disconnect();
  await connector?.stop();
  await fleet?.close();
  await redis?.stop();
  await rm(dir, { recursive: true, force: true });
});

const self = () => selfId(String(fleet.accounts[0]?.selfId));
const groups = () => [...fleet.world.directory.groups.keys()];
/** The rest of a command line after `rookery`, as an operator types it on any machine of the cluster. */
const rookery = (...args: string[]) =>
  promisify(execFile)(process.execPath, [join(ROOT, 'dist/apps/cli/src/main.js'), ...args], {
    cwd: ROOT,
    env: { PATH: process.env['PATH'] ?? '', ...env },
  });
const texts = () => fleet.world.audit.sent().map(({ text }) => text);

async function ask(id: string, parts: Partial<Action> = {}, expiresInMs = 60_000): Promise<void> {
  await publisher.publish({
    v: 1,
    id: actionId(id),
    self: self(),
    name: 'send_group_msg',
    params: { group_id: groups()[0], message: [{ type: 'text', data: { text: id } }] },
    lane: 'normal',
    createdAt: Date.now(),
    expiresAt: Date.now() + expiresInMs,
    replyTo: node,
    origin: { plugin: 'tester' },
    ...parts,
  });
}
/** One message to each group, so that nothing but the account's own limits can keep one waiting. */
async function sayEverywhere(tag: string): Promise<void> {
  for (const [at, group] of groups().entries()) {
    const message = [{ type: 'text', data: { text: `${tag} ${at}` } }];
    await ask(`${tag}-${at}`, { params: { group_id: group, message } });
  }
}
const said = (tag: string) => texts().filter((text) => text?.startsWith(`${tag} `)).length;
const resultOf = (id: string) => results.find((result) => result.id === id);

describe('limits that an operator changes while the cluster runs', () => {
  it('the next sends obey without a restart, and wait no longer once the limits are taken back', async () => {
    const most = groups().length;
    await sayEverywhere('free');
    await until('all of it is sent', () => said('free') === most);
    await rookery('limits', 'set', `account:${self()}`, 'account=2/3600');
    await sayEverywhere('bound');
    await until('as much as is allowed is sent', () => said('bound') === 2);
    const { stdout } = await rookery('accounts', 'why', self());
    expect(stdout).toContain('account 2/2 in 3600 s');
    expect(stdout).toContain(`${most - 2} to be sent`);
    expect(said('bound')).toBe(2);
    await rookery('limits', 'clear', `account:${self()}`);
    // Well under the ten seconds after which a connector looks by itself.
    await until('the rest is sent', () => said('bound') === most, 6_000);
    expect(new Set(texts()).size).toBe(texts().length);
  });
});

describe('an action that nobody can carry out', () => {
  it('for an account that the cluster does not have ends as not_sent at its expiry, and who asked is told', async () => {
    await ask('to-nobody', { self: UNKNOWN }, 1_000);
    await ask('read-of-nobody', { self: UNKNOWN, name: 'get_group_list', params: {}, lane: 'read' }, 1_000);
    for (const id of ['to-nobody', 'read-of-nobody']) {
      await until(`the outcome of ${id}`, () => resultOf(id) !== undefined, 40_000);
      expect(resultOf(id)).toMatchObject({ self: UNKNOWN, outcome: 'not_sent', error: { code: 'ACTION_EXPIRED' } });
    }
  });

  it('for an account without a link ends as not_sent at its expiry, sends and reads alike', async () => {
    await ask('no-link', { self: LINKLESS }, 1_000);
    await ask('no-link-read', { self: LINKLESS, name: 'get_group_list', params: {}, lane: 'read' }, 1_000);
    for (const id of ['no-link', 'no-link-read']) {
      await until(`the outcome of ${id}`, () => resultOf(id) !== undefined, 40_000);
      expect(resultOf(id)).toMatchObject({ self: LINKLESS, outcome: 'not_sent', error: { code: 'ACTION_EXPIRED' } });
    }
  });
});
