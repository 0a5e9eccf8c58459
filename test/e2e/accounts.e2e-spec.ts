import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Fleet, type FleetAccount } from '@rookery/simulator';
import { startTestRedis, type TestRedis } from '@rookery/testing';
import { freePort, startProcess, until, type RunningProcess } from './support/processes';

const LIN = '1500000021';
const CONSOLE_TOKEN = 'console-token-of-the-test';
const CLI = join(__dirname, '../../dist/apps/cli/src/main.js');

interface View {
  readonly self: string;
  readonly state: string;
  readonly wanted: string;
  readonly node?: string;
}

let redis: TestRedis;
let dir: string;
let fleet: Fleet;
let inFile: FleetAccount;
let forward: FleetAccount;
let reverse: FleetAccount;
let env: Record<string, string>;
let connectors: [RunningProcess, RunningProcess];
let worker: RunningProcess;
let console_: RunningProcess;

async function configFile(name: string, port: number): Promise<string> {
  const path = join(dir, name);
  const { selfId, url, token } = inFile as Extract<FleetAccount, { mode: 'forward' }>;
  await writeFile(
    path,
    [
      'partitions: 4',
      'limits: { profile: unlimited }',
      'brake: { turns: 0 }',
      `reverse: { port: ${port} }`,
      `console: { token: "${CONSOLE_TOKEN}" }`,
      'encryptionKey: "a-key-of-the-test-with-enough-characters"',
      'accounts:',
      `  - { selfId: "${selfId}", mode: forward, url: "${url}", token: "${token}" }`,
    ].join('\n'),
  );
  return path;
}

beforeAll(async () => {
  redis = await startTestRedis({ appendOnly: true });
  dir = await mkdtemp(join(tmpdir(), 'rookery-accounts-'));
  const ports = [await freePort(), await freePort()] as const;
  fleet = await Fleet.start({
    accounts: 4,
    groups: 1,
    reverseUrl: `ws://127.0.0.1:${ports[0]}/onebot/v11/ws`,
    reconnectMs: 100,
  });
  const forwards = fleet.accounts.filter((account) => account.mode === 'forward');
  [inFile, forward] = forwards as [FleetAccount, FleetAccount];
  reverse = fleet.accounts.find((account) => account.mode === 'reverse') as FleetAccount;
  const files = await Promise.all([configFile('one.yaml', ports[0]), configFile('two.yaml', ports[1])]);
  env = { ROOKERY_CONFIG: files[0], REDIS_URL: redis.url };
  const started = await Promise.all([
    startProcess('connector', env),
    startProcess('connector', { ...env, ROOKERY_CONFIG: files[1] }),
    startProcess('worker', env),
    startProcess('console', env),
  ]);
  connectors = [started[0], started[1]];
  worker = started[2];
  console_ = started[3];
  await online(inFile);
});

afterAll(async () => {
  const running = [...(connectors ?? []), worker, console_];
  const codes = await Promise.all(running.map((process) => process?.stop()));
  expect(codes).toEqual([0, 0, 0, 0]);
  await fleet?.close();
  await redis?.stop();
  await rm(dir, { recursive: true, force: true });
});

interface Ran {
  readonly code: number | null;
  readonly output: string;
}

/** The command line as a person or a script uses it. */
function rookery(args: readonly string[], input = ''): Promise<Ran> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [CLI, ...args], { env: { PATH: process.env['PATH'] ?? '', ...env } });
    let output = '';
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (text) => (output += text));
    child.once('error', reject).once('close', (code) => resolve({ code, output }));
    child.stdin.end(input);
  });
}

async function api(method: string, path: string, body?: unknown): Promise<Response> {
  return await fetch(`${console_.http}/api${path}`, {
    method,
    headers: {
      authorization: `Bearer ${CONSOLE_TOKEN}`,
      ...(body !== undefined && { 'content-type': 'application/json' }),
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
}

const self = (account: FleetAccount) => String(account.selfId);
const view = async (account: FleetAccount) => (await (await api('GET', `/accounts/${self(account)}`)).json()) as View;
const online = (account: FleetAccount) =>
  until(`${self(account)} is online`, async () => (await view(account)).state === 'online');

const sent = (account: FleetAccount) => fleet.world.audit.sent().filter((record) => record.self === self(account));

/** Somebody writes to the account; it answers. */
async function expectAnswer(account: FleetAccount, word: string): Promise<void> {
  const before = sent(account).length;
  fleet.world.say(LIN, { private: self(account) }, `/ping ${word}`);
  await until(`${self(account)} answers ${word}`, () => sent(account).length > before);
  expect(sent(account).at(-1)?.text).toContain(`pong ${word}`);
}

describe('accounts at run time, without restarting anything', () => {
  it('one is added on the command line, its token piped in, and answers', async () => {
    const { url } = forward as Extract<FleetAccount, { mode: 'forward' }>;
    const added = await rookery(['accounts', 'add', self(forward), '--forward', url, '--token-stdin'], forward.token);
    expect([added.code, added.output]).toEqual([0, expect.stringMatching(/state +online/)]);
    await expectAnswer(forward, 'added');
  });

  it('one that dials in is added over HTTP, and answers', async () => {
    const added = await api('POST', '/accounts', { selfId: self(reverse), mode: 'reverse', token: reverse.token });
    expect(added.status).toBe(201);
    await online(reverse);
    await expectAnswer(reverse, 'reverse');
  });

  it('one is stopped: it is disconnected, answers nothing, and comes back when it is started', async () => {
    const stopped = await rookery(['accounts', 'stop', self(forward), '--json']);
    expect(JSON.parse(stopped.output)).toMatchObject({ wanted: 'stopped', state: 'stopped' });
    const before = sent(forward).length;
    fleet.world.say(LIN, { private: self(forward) }, '/ping nobody');
    await expectAnswer(inFile, 'the others go on');
    expect(sent(forward)).toHaveLength(before);
    expect((await rookery(['accounts', 'status', self(forward)])).code).toBe(0);
    expect((await rookery(['accounts', 'start', self(forward)])).output).toMatch(/state +online/);
    await expectAnswer(forward, 'again');
  });

  it('one is paused: it stays connected and sends nothing until it is resumed', async () => {
    expect((await rookery(['accounts', 'pause', self(forward)])).output).toMatch(/state +paused/);
    const before = sent(forward).length;
    fleet.world.say(LIN, { private: self(forward) }, '/ping later');
    await expectAnswer(inFile, 'meanwhile');
    expect(sent(forward)).toHaveLength(before);
    await api('POST', `/accounts/${self(forward)}/resume`);
    await until('what waited is sent', () => sent(forward).length > before);
    await expectAnswer(forward, 'resumed');
  });

  it('one is moved to the other connector and answers from there', async () => {
    const { node: from } = await view(forward);
    const nodes = ((await (await api('GET', '/nodes')).json()) as { nodes: { node: string; app: string }[] }).nodes;
    expect(nodes.map(({ app }) => app).sort()).toEqual(['connector', 'connector', 'console', 'worker']);
    const to = String(nodes.find(({ node, app }) => app === 'connector' && node !== from)?.node);
    const moved = await rookery(['accounts', 'move', self(forward), to, '--json']);
    expect(JSON.parse(moved.output)).toMatchObject({ pinnedTo: to });
    await until('it is there', async () => {
      const now = await view(forward);
      return now.node === to && now.state === 'online';
    });
    await expectAnswer(forward, 'moved');
  });

  it('one is connected anew on request', async () => {
    expect((await api('POST', `/accounts/${self(inFile)}/reconnect`)).status).toBe(200);
    await online(inFile);
    await expectAnswer(inFile, 'reconnected');
  });

  it('one is removed and is gone; the one of the file stays', async () => {
    expect((await rookery(['accounts', 'remove', self(forward)])).code).toBe(0);
    expect((await api('GET', `/accounts/${self(forward)}`)).status).toBe(404);
    const refused = await rookery(['accounts', 'remove', self(inFile)]);
    expect([refused.code, refused.output]).toEqual([1, expect.stringContaining('rookery.yaml')]);
    const list = JSON.parse((await rookery(['accounts', 'list', '--json'])).output) as View[];
    expect(list.map((account) => account.self).sort()).toEqual([self(inFile), self(reverse)].sort());
  });

  it('all of it with the same processes, and no token in anything they said', async () => {
    for (const process of [...connectors, worker, console_])
      expect((await fetch(`${process.http}/readyz`)).status).toBe(200);
    const everything = JSON.stringify([
      ...[...connectors, worker, console_].flatMap(({ lines }) => lines),
      await (await api('GET', '/accounts')).text(),
      (await rookery(['accounts', 'list'])).output,
    ]);
    for (const { token } of fleet.accounts) expect(everything).not.toContain(token);
    expect(fleet.world.audit.violations).toEqual([]);
  });
});

describe('the command line on a cluster', () => {
  it('drains a connector: it ends with 0, and its accounts go on with the other', async () => {
    const { node } = await view(inFile);
    expect((await rookery(['accounts', 'drain', String(node)])).code).toBe(0);
    const codes = await Promise.race(connectors.map((connector) => connector.exited));
    expect(codes).toBe(0);
    await until('it is online elsewhere', async () => {
      const now = await view(inFile);
      return now.node !== node && now.state === 'online';
    });
    await expectAnswer(inFile, 'drained');
  });

  it('says in one line that there is no cluster', async () => {
    const before = env;
    env = { ROOKERY_CONFIG: String(env['ROOKERY_CONFIG']), REDIS_URL: 'redis://127.0.0.1:1' };
    try {
      const { code, output } = await rookery(['accounts', 'list']);
      expect([code, output]).toEqual([1, expect.stringMatching(/127\.0\.0\.1:1 does not answer/)]);
      expect(output).not.toMatch(/\n\s+at /);
    } finally {
      env = before;
    }
  });
});
