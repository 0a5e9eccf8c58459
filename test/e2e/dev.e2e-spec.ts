import { spawn, type ChildProcess } from 'node:child_process';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { Fleet } from '@rookery/simulator';
import { startTestRedis, type TestRedis } from '@rookery/testing';
import { freePort, until } from './support/processes';

jest.setTimeout(240_000);

const ROOT = join(__dirname, '../..');
const LIN = '1500000021';
const GROUP = '712345678';
/** A compiler and a worker start several times here, on machines that may do much else. */
const PATIENCE_MS = 90_000;

let dir: string;
let server: TestRedis;
let fleet: Fleet;
let dev: ChildProcess;
let exited: Promise<number | NodeJS.Signals>;
const lines: string[] = [];

beforeAll(async () => {
  Logger.overrideLogger(false);
  dir = await realpath(await mkdtemp(join(tmpdir(), 'rookery-dev-')));
  server = await startTestRedis({ appendOnly: true });
  fleet = await Fleet.start({ accounts: 1, groups: 1, reverseUrl: 'ws://127.0.0.1:1/', reconnectMs: 100 });
  const [account] = fleet.accounts;
  if (account?.mode !== 'forward') throw new Error('the first account of a fleet is dialled');
  const anyPort = { port: 0 };
  const config = {
    dataDir: join(dir, 'data'),
    reverse: { port: await freePort() },
    console: anyPort,
    connector: anyPort,
    worker: anyPort,
    limits: { profile: 'unlimited' },
    accounts: [{ selfId: account.selfId, mode: 'forward', url: account.url, token: account.token }],
  };
  put('rookery.yaml', JSON.stringify(config));
  put(
    'plugins/dice/tsconfig.json',
    JSON.stringify({ compilerOptions: { module: 'nodenext', strict: true, types: [] } }),
  );
  mkdirSync(join(dir, 'node_modules'));
  symlinkSync(ROOT, join(dir, 'node_modules/rookery'));
  symlinkSync(join(ROOT, 'node_modules/typescript'), join(dir, 'node_modules/typescript'));
  answerWith('return "one";');
  ({ dev, exited } = startDev(dir, lines));
});

afterAll(async () => {
  dev?.kill('SIGTERM');
  await exited;
  await fleet?.close();
  await server?.stop();
  await rm(dir, { recursive: true, force: true });
});

function startDev(cwd: string, told: string[]): { dev: ChildProcess; exited: Promise<number | NodeJS.Signals> } {
  const child = spawn(process.execPath, [join(ROOT, 'dist/apps/cli/src/main.js'), 'dev'], {
    cwd,
    env: { PATH: process.env['PATH'] ?? '', REDIS_URL: server.url },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  for (const stream of [child.stdout, child.stderr]) {
    if (stream) createInterface(stream).on('line', (line) => told.push(line));
  }
  const ended = new Promise<number | NodeJS.Signals>((resolve) =>
    child.once('exit', (code, signal) => resolve(code ?? signal ?? 'SIGKILL')),
  );
  return { dev: child, exited: ended };
}

function put(path: string, text: string): void {
  mkdirSync(dirname(join(dir, path)), { recursive: true });
  writeFileSync(join(dir, path), text);
}

/** The plugin with another body of its one handler, and something beside the class. */
function answerWith(body: string, beside = ''): void {
  put(
    'plugins/dice/index.ts',
    `declare function require(name: string): any;
const { BotPlugin, Command } = require('rookery/plugin-kit');
${beside}
export class Dice {
  roll(): string { ${body} }
}
Command('roll', { summary: { zh: '掷', en: 'Rolls' } })(Dice.prototype, 'roll', {});
BotPlugin({ id: 'dice' })(Dice);
`,
  );
}

const told = (text: string) => lines.filter((line) => line.includes(text));
const isTold = (text: string, times = 1) =>
  until(`"${text}" is told ${times} times`, () => told(text).length >= times, PATIENCE_MS);
const answers = () => fleet.world.audit.sent().map(({ text }) => text);

async function roll(): Promise<string | undefined> {
  const before = answers().length;
  fleet.world.say(LIN, { group: GROUP }, '/roll');
  await until('an answer', () => answers().length > before, PATIENCE_MS);
  return answers().at(-1);
}

describe('rookery dev', () => {
  it('compiles and takes in what is changed, keeps the old worker when it does not compile or load, and the connections', async () => {
    await isTold('dev: dice changed; the worker was restarted in');
    expect(await roll()).toBe('one');

    answerWith('return "two";');
    await isTold('dev: dice changed; the worker was restarted in', 2);
    expect(await roll()).toBe('two');

    answerWith('const wrong: number = "three"; return String(wrong);');
    await isTold('error TS2322');
    expect(await roll()).toBe('two');

    answerWith('return "four";', 'throw new Error("broken when it is loaded");');
    await isTold('the worker stays as it was');
    expect(told('the worker stays as it was').join()).toContain('broken when it is loaded');
    expect(await roll()).toBe('two');

    answerWith('return "five";');
    await isTold('dev: dice changed; the worker was restarted in', 3);
    expect(await roll()).toBe('five');

    expect(told('connected to ws://')).toHaveLength(1);
    expect(told('the worker was restarted in')).toHaveLength(3);
    dev.kill('SIGTERM');
    expect(await exited).toBe(0);
  });

  it('has a simulated person say what the author types, and nobody else talk', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'rookery-dev-sim-'));
    const anyPort = { port: 0 };
    const config = { reverse: anyPort, console: anyPort, connector: anyPort, worker: anyPort };
    writeFileSync(join(folder, 'rookery.yaml'), JSON.stringify(config));
    const heard: string[] = [];
    const { dev: second, exited: ended } = startDev(folder, heard);
    try {
      await until('the invitation', () => heard.some((line) => line.includes('dev: type a message')), PATIENCE_MS);
      second.stdin?.write('/ping are you there\n');
      await until('the answer', () => heard.some((line) => line.includes('→ pong are you there')), PATIENCE_MS);
      expect(heard.filter((line) => line.includes('"app":"simulator"') && line.includes(': /'))).toHaveLength(1);
    } finally {
      second.kill('SIGTERM');
      expect(await ended).toBe(0);
      await rm(folder, { recursive: true, force: true });
    }
  });
});
