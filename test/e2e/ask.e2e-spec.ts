import { spawnSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { Fleet } from '@rookery/simulator';
import { startTestRedis, type TestRedis } from '@rookery/testing';
import { startProcess, until, type RunningProcess } from './support/processes';

const LIN = '1500000021';
const GROUP = '712345678';

let server: TestRedis;
let dir: string;
let fleet: Fleet;
let connector: RunningProcess;
const workers: RunningProcess[] = [];
let env: { ROOKERY_CONFIG: string; REDIS_URL: string };

beforeAll(async () => {
  Logger.overrideLogger(false);
  server = await startTestRedis({ appendOnly: true });
  dir = await mkdtemp(join(tmpdir(), 'rookery-ask-'));
  fleet = await Fleet.start({ accounts: 1, groups: 2, reverseUrl: 'ws://127.0.0.1:1/', reconnectMs: 100 });
  const [account] = fleet.accounts;
  if (account?.mode !== 'forward') throw new Error('the first account of a fleet is dialled');
  const config = {
    partitions: 4,
    reverse: { port: 0 },
    limits: { profile: 'unlimited' },
    accounts: [{ selfId: account.selfId, mode: 'forward', url: account.url, token: account.token }],
    plugins: [{ module: join(__dirname, '../fixtures/plugins/asks.js'), isolation: 'process' }],
  };
  await writeFile(join(dir, 'rookery.yaml'), JSON.stringify(config));
  env = { ROOKERY_CONFIG: join(dir, 'rookery.yaml'), REDIS_URL: server.url };
  connector = await startProcess('connector', env);
  workers.push(await startProcess('worker', env));
  await until('the account is online', async () =>
    (await connector.metrics()).includes('rookery_accounts{state="online"} 1'),
  );
});

afterAll(async () => {
  await Promise.all([connector?.stop(), ...workers.map((worker) => worker.stop())]);
  await fleet?.close();
  await server?.stop();
  await rm(dir, { recursive: true, force: true });
});

const said = () => fleet.world.audit.sent().map(({ text }) => text ?? '');
const group = (text: string) => fleet.world.say(LIN, { group: GROUP }, text);
const answered = (text: string) => until(`"${text}" is said`, () => said().some((one) => one.includes(text)), 40_000);

/** The plugin's process, as a child of its worker. Ended ones that nobody has waited for do not count. */
function pluginOf(worker: RunningProcess | undefined): number[] {
  const rows = spawnSync('ps', ['-e', '-o', 'pid=,ppid=,stat=']).stdout.toString().trim().split('\n');
  return rows.flatMap((row) => {
    const [pid, parent, stat = ''] = row.trim().split(/\s+/);
    return Number(parent) === worker?.pid && !stat.startsWith('Z') ? [Number(pid)] : [];
  });
}

function isGone(pid: number): boolean {
  const stat = spawnSync('ps', ['-o', 'stat=', '-p', String(pid)])
    .stdout.toString()
    .trim();
  return stat === '' || stat.startsWith('Z');
}

describe('a worker that is killed while a handler, in a process of its own, waits for an answer', () => {
  it('is replaced by one that takes the answer, once, and says nothing twice', async () => {
    group('/order');
    await answered('which cake?');
    const [plugin = 0, ...others] = pluginOf(workers[0]);
    expect([plugin > 0, others]).toEqual([true, []]);
    expect(await workers[0]?.stop('SIGKILL')).toBe('SIGKILL');
    await until('the process of the plugin has ended with its worker', () => isGone(plugin));
    group('cheese'); // nobody runs who could hear it
    workers.push(await startProcess('worker', env));
    await answered('one cheese, started 1, ordered 1');
    group('cheese');
    group('/order');
    await until(
      'the next order is asked about',
      () => said().filter((one) => one === 'which cake?').length === 2,
      40_000,
    );
    expect(said().map((one) => one.replace(/\d{2,}$/, 'N'))).toEqual([
      'let us see',
      'which cake?',
      expect.stringMatching(/^one cheese, started 1, ordered 1, luck (?:N|\d)$/),
      'let us see',
      'which cake?',
    ]);
  });
});
