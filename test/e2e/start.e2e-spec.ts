import { spawn, type ChildProcess } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { listenersOf } from './support/listeners';
import { freePort, until } from './support/processes';

const CLI = join(__dirname, '../../dist/apps/cli/src/main.js');

interface Up {
  readonly child: ChildProcess;
  readonly pid: number;
  readonly lines: string[];
  readonly exited: Promise<number | NodeJS.Signals>;
}

let dir: string;
let started: Up[];

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'rookery-up-'));
  started = [];
});
afterEach(async () => {
  for (const up of started) up.child.kill('SIGTERM');
  await Promise.all(started.map((up) => up.exited));
  await rm(dir, { recursive: true, force: true });
});

/** Settings that take no fixed port, except for the reverse address, which the simulated accounts must know. */
async function configure(extra = ''): Promise<string> {
  const file = join(dir, 'rookery.yaml');
  const reverse = await freePort();
  const anyPort = ['console', 'connector', 'worker'].map((app) => `${app}: { port: 0 }`).join('\n');
  await writeFile(file, `dataDir: ${join(dir, 'data')}\nreverse: { port: ${reverse} }\n${extra || anyPort}\n`);
  return file;
}

function up(config: string, ...args: string[]): Up {
  const child = spawn(process.execPath, [CLI, 'up', ...args], {
    env: {
      PATH: process.env['PATH'] ?? '',
      REDIS_SERVER_BIN: process.env['REDIS_SERVER_BIN'] ?? '/usr/bin/redis-server',
      ROOKERY_CONFIG: config,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const lines: string[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    if (stream) createInterface(stream).on('line', (line) => lines.push(line));
  }
  const exited = new Promise<number | NodeJS.Signals>((resolve) =>
    child.once('exit', (code, signal) => resolve(code ?? signal ?? 'SIGKILL')),
  );
  const running = { child, pid: child.pid ?? 0, lines, exited };
  started.push(running);
  return running;
}

/** Processes that this one started, from /proc, since a bare Debian has no `ps`. */
function childrenOf(pid: number): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((candidate) => parentOf(candidate) === pid);
}

function parentOf(pid: number): number | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
  } catch {
    return undefined;
  }
}

function isAlive(pid: number): boolean {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2)[0] !== 'Z';
  } catch {
    return false;
  }
}

const hasAnswer = ({ lines }: Up) => lines.some((line) => /→ pong/.test(line));

describe('rookery up, without any account configured', () => {
  it('shows simulated people being answered, says what to do next, and ends on Ctrl-C with nothing left', async () => {
    const sut = up(await configure(), '--rate', '20');
    await until('an answer', () => hasAnswer(sut));
    const hints = ['websocketClients', 'websocketServers', 'rookery.yaml', '/metrics'];
    await until('what to do next', () => hints.every((hint) => sut.lines.some((line) => line.includes(hint))));
    const children = childrenOf(sut.pid);
    expect(children.length).toBeGreaterThanOrEqual(5);
    // Nothing of all this can be reached from other machines: console, connector, worker, where NapCats dial, the simulated ones.
    const listeners = [sut.pid, ...children, ...children.flatMap(childrenOf)].flatMap(listenersOf);
    expect(listeners.length).toBeGreaterThanOrEqual(5);
    expect(listeners.filter(({ isLoopback }) => !isLoopback)).toEqual([]);
    // Under npm one Ctrl-C arrives twice, and that must not cut the drain short.
    sut.child.kill('SIGINT');
    sut.child.kill('SIGINT');
    expect(await sut.exited).toBe(0);
    const drained = sut.lines.filter((line) => line.includes('finishing what is in hand'));
    expect(drained).toHaveLength(3);
    expect(children.filter(isAlive)).toEqual([]);
    expect(sut.lines.every((line) => line.startsWith('{'))).toBe(true);
  });

  it('killed without warning leaves no connector or worker behind, and the next start works at once', async () => {
    const config = await configure();
    const first = up(config, '--rate', '20');
    await until('an answer', () => hasAnswer(first));
    const children = childrenOf(first.pid);
    first.child.kill('SIGKILL');
    await first.exited;
    // The private Redis outlives it on purpose: what waits in it is found again.
    await until('the processes end by themselves', () => children.filter(isAlive).length <= 1);
    const second = up(config, '--rate', '20');
    await until('an answer', () => hasAnswer(second));
    second.child.kill('SIGINT');
    expect(await second.exited).toBe(0);
    expect([...children, ...childrenOf(second.pid)].filter(isAlive)).toEqual([]);
  });
});

describe('rookery up that cannot start', () => {
  it('names the setting of a taken port, exits with 1 and leaves nothing running', async () => {
    const taken = createServer();
    await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
    const { port } = taken.address() as AddressInfo;
    const config = await configure(`console: { port: 0 }\nworker: { port: 0 }\nconnector: { port: ${port} }`);
    const sut = up(config);
    let children: number[] = [];
    await until('it gives up', () => {
      children = [...new Set([...children, ...childrenOf(sut.pid)])];
      return sut.child.exitCode !== null;
    });
    await new Promise((resolve) => taken.close(resolve));
    expect(sut.child.exitCode).toBe(1);
    const fatal = sut.lines.filter((line) => line.includes('connector.port'));
    expect(fatal.length).toBeGreaterThan(0);
    expect(children.filter(isAlive)).toEqual([]);
  });

  it('lists all problems of a bad configuration at once', async () => {
    const config = await configure('acounts: []\npartitions: "many"\nconsole: { port: 99999 }');
    const sut = up(config);
    expect(await sut.exited).toBe(78);
    const text = sut.lines.join('\n');
    for (const problem of ['acounts', 'partitions', 'console.port']) expect(text).toContain(problem);
  });

  it('says which Redis does not answer', async () => {
    const sut = up(await configure('redis: { url: "redis://127.0.0.1:1" }'));
    expect(await sut.exited).toBe(1);
    expect(sut.lines.join('\n')).toContain('redis://127.0.0.1:1');
  });
});
