import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { connectRedis, DeadLetters, type Redis } from '@rookery/redis';
import { Fleet } from '@rookery/simulator';
import { startTestRedis, type TestRedis } from '@rookery/testing';
import { metricValue, startProcess, until, type RunningProcess } from './support/processes';

const LIN = '1500000021';
const GROUP = '712345678';
const ROOT = join(__dirname, '../..');

let server: TestRedis;
let redis: Redis;
let letters: DeadLetters;
let dir: string;
let fleet: Fleet;
let connector: RunningProcess;
let worker: RunningProcess;
let self: string;
let env: { ROOKERY_CONFIG: string; REDIS_URL: string };

beforeAll(async () => {
  Logger.overrideLogger(false);
  server = await startTestRedis({ appendOnly: true });
  redis = await connectRedis(server.url, 'consumer', 'test', () => undefined);
  letters = new DeadLetters(redis);
  dir = await mkdtemp(join(tmpdir(), 'rookery-poison-'));
  fleet = await Fleet.start({ accounts: 1, groups: 2, reverseUrl: 'ws://127.0.0.1:1/', reconnectMs: 100 });
  const [account] = fleet.accounts;
  if (account?.mode !== 'forward') throw new Error('the first account of a fleet is dialled');
  self = account.selfId;
  const config = {
    partitions: 4,
    reverse: { port: 0 },
    limits: { profile: 'unlimited' },
    accounts: [{ selfId: self, mode: 'forward', url: account.url, token: account.token }],
    plugins: [
      { module: join(__dirname, '../fixtures/plugins/poison.js'), config: { file: join(dir, 'mended') } },
      { module: './not-there.js' },
    ],
  };
  await writeFile(join(dir, 'rookery.yaml'), JSON.stringify(config));
  env = { ROOKERY_CONFIG: join(dir, 'rookery.yaml'), REDIS_URL: server.url };
  [connector, worker] = await Promise.all([startProcess('connector', env), startProcess('worker', env)]);
  await until('the account is online', async () =>
    (await connector.metrics()).includes('rookery_accounts{state="online"} 1'),
  );
});

afterAll(async () => {
  // No worker was lost on the way: this is the one that was started, and it ends as it is told.
  expect(await Promise.all([connector?.stop(), worker?.stop()])).toEqual([0, 0]);
  await fleet?.close();
  redis?.disconnect();
  await server?.stop();
  await rm(dir, { recursive: true, force: true });
});

const said = () => fleet.world.audit.sent().map(({ text }) => text);
const group = (text: string) => fleet.world.say(LIN, { group: GROUP }, text);
const privately = (text: string) => fleet.world.say(LIN, { private: self }, text);
const letterOf = async (handler: string) =>
  (await letters.list({ plugin: 'poison' }, 100)).find((letter) => letter.handler === handler);
const answered = (text: string) => until(`the answer "${text}"`, () => said().some((one) => one?.includes(text)));

async function rookery(...args: string[]): Promise<string> {
  const script = join(ROOT, 'dist/apps/cli/src/main.js');
  const { stdout } = await promisify(execFile)(process.execPath, [script, 'dead-letters', ...args], {
    env: { PATH: process.env['PATH'] ?? '', ...env },
  });
  return stdout;
}

describe('a worker with poisonous plugins', () => {
  it('starts without the one that cannot be loaded, and says so', async () => {
    expect(worker.lines.find(({ msg }) => String(msg).includes('a plugin is left out'))).toBeDefined();
    expect(metricValue(await worker.metrics(), 'rookery_plugin_up{plugin="poison"}')).toBe(1);
  });

  it('sets an event aside that blocks its thread, while other conversations go on and its own continues', async () => {
    group('/loop');
    privately('/ping meanwhile');
    group('/fine afterwards');
    await answered('pong meanwhile');
    await answered('fine afterwards');
    const letter = await letterOf('loop');
    expect(letter).toMatchObject({ attempts: 1, error: { code: 'HANDLER_ENDED_HOST' }, event: { text: '/loop' } });
    expect(await letters.count()).toBe(1);
  });

  it('repeats a handler that fails, beside the conversation, until it succeeds', async () => {
    group('/flaky once');
    group('/fine in between');
    await answered('fine in between');
    await until('the failure is put aside', async () =>
      (await worker.metrics()).includes('rookery_retries_total{plugin="poison"} 1'),
    );
    await writeFile(join(dir, 'mended'), '');
    await answered('recovered once');
    expect(await letterOf('flaky')).toBeUndefined();
  });

  it('gives up what throws undefined after three attempts; the operator sees and replays it', async () => {
    await rm(join(dir, 'mended'));
    privately('/undef');
    privately('/flaky replayed');
    await until(
      'both are dead letters',
      async () => !!(await letterOf('undef')) && !!(await letterOf('flaky')),
      40_000,
    );
    expect(await letterOf('undef')).toMatchObject({ attempts: 3, error: { code: 'HANDLER_FAILED' } });
    const flaky = await letterOf('flaky');
    expect(flaky?.error.stack).toContain('poison.js');
    const listed = JSON.parse(await rookery('list', '--json', '--code', 'HANDLER_FAILED')) as { handler: string }[];
    expect(listed.map(({ handler }) => handler).sort()).toEqual(['flaky', 'undef']);
    expect(await rookery('show', String(flaky?.id))).toContain('"text": "/flaky replayed"');
    await writeFile(join(dir, 'mended'), '');
    expect(await rookery('replay', String(flaky?.id))).toContain('1 handed to the workers again');
    await answered('recovered replayed');
    expect(await rookery('drop', '--plugin', 'poison', '--code', 'HANDLER_FAILED')).toContain('1 dropped');
    expect((await letters.list({}, 10)).map(({ handler }) => handler)).toEqual(['loop']);
    await expect(rookery('show', 'nothing')).rejects.toThrow('there is no dead letter nothing');
  });

  it('switches a plugin off that ends its thread again and again; the others answer', async () => {
    privately('/exit');
    privately('/leak');
    await until('it is off', async () => (await worker.metrics()).includes('rookery_plugin_up{plugin="poison"} 0'));
    privately('/ping still here');
    await answered('pong still here');
    expect(worker.lines.some(({ msg }) => String(msg).includes('a plugin is switched off'))).toBe(true);
  });
});
