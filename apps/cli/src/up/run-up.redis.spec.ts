import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { EventEmitter, once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { systemClock } from '@rookery/protocol';
import { startPrivateRedis } from '@rookery/redis';
import { testRedisBinary } from '@rookery/testing';
import type { Output } from './output';
import { runUp, type FleetOptions } from './run-up';
import { StopRequests } from './stop-requests';

const DEADLINE_MS = 15_000;

class Screen extends EventEmitter implements Output {
  readonly said: string[] = [];
  readonly lines: string[] = [];
  noticed: readonly string[] = [];
  line(app: string, text: string): void {
    this.lines.push(`${app}: ${text}`);
    this.emit('change');
  }
  say(level: string, message: string): void {
    this.said.push(`${level}: ${message}`);
    this.emit('change');
  }
  notice(lines: readonly string[]): void {
    this.noticed = lines;
    this.emit('change');
  }
  async until(condition: () => boolean): Promise<void> {
    const signal = AbortSignal.timeout(DEADLINE_MS);
    while (!condition()) await once(this, 'change', { signal });
  }
}

/** A process as our apps are: says that it is ready, ends when asked or when its parent is gone. */
const APP = `
process.on('disconnect', () => process.exit(0));
process.on('SIGTERM', () => { console.log('stopping'); process.exit(0); });
const fleet = process.env.ROOKERY_FLEET;
console.log(JSON.stringify({ pid: process.pid, redis: process.env.REDIS_URL, port: process.env.ROOKERY_HTTP_PORT ?? 'own', fleet: fleet && require('fs').readFileSync(fleet, 'utf8') }));
process.send({ type: 'ready', http: 'http://127.0.0.1:' + process.pid });
setInterval(() => {}, 1000);`;
const SIMULATOR = `
process.on('SIGTERM', () => { console.log('stopping'); process.exit(0); });
console.log(JSON.stringify({ pid: process.pid, args: process.argv.slice(2) }));
process.send({ type: 'ready', healthPort: 1, accounts: [
  { selfId: '3889000001', mode: 'forward', url: 'ws://127.0.0.1:1/3889000001', token: 'token-' + process.pid },
  { selfId: '3889000002', mode: 'reverse', token: 'other-' + process.pid },
] });
setInterval(() => {}, 1000);`;

let folder: string;
let screen: Screen;
let signals: EventEmitter;
let running: Promise<number>[];
let scripts: Record<string, string>;
/** Each signal comes a second after the one before. */
let elapsedMs = 0;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'rookery-up-'));
  screen = new Screen();
  signals = new EventEmitter();
  running = [];
  scripts = { connector: APP, worker: APP, console: APP, simulator: SIMULATOR };
});
afterEach(async () => {
  signals.emit('SIGTERM');
  await Promise.all(running);
  rmSync(folder, { recursive: true, force: true });
});

function up(options: FleetOptions = {}, config = '{}', env: Record<string, string> = {}): Promise<number> {
  const file = join(folder, 'rookery.yaml');
  writeFileSync(file, config);
  const code = runUp(options, {
    env: { PATH: process.env['PATH'], REDIS_SERVER_BIN: redisBinary, ROOKERY_CONFIG: file, ...env },
    output: screen,
    clock: systemClock,
    scriptOf: (app) => {
      const path = join(folder, `${app}.js`);
      writeFileSync(path, scripts[app] ?? '');
      return path;
    },
    requests: new StopRequests(signals, new EventEmitter(), { monotonic: () => (elapsedMs += 1_000) }),
  });
  running.push(code);
  return code;
}

const redisBinary = testRedisBinary();
const isUp = () => screen.noticed.length > 0;
/** What a process printed about itself at its starts. */
const starts = (app: string) =>
  screen.lines
    .filter((line) => line.startsWith(`${app}: {`))
    .map(
      (line) =>
        JSON.parse(line.slice(app.length + 2)) as { pid: number; redis: string; fleet?: string; args: string[] },
    );
const isAlive = (pid: number) => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};
const nothingRuns = () =>
  !['connector', 'worker', 'console', 'simulator'].flatMap(starts).some(({ pid }) => isAlive(pid));
const redisSocket = () => join(folder, 'data/redis/redis.sock');

describe('runUp', () => {
  it('brings up Redis, a simulated fleet and the three processes, says what to do next, and leaves nothing', async () => {
    const code = up({ accounts: 7, rate: 0.5 });
    await screen.until(isUp);
    expect(starts('simulator')[0]?.args).toEqual([
      '--options',
      JSON.stringify({
        accounts: 7,
        rate: 0.5,
        groups: 2,
        logLevel: 'info',
        reverseUrl: 'ws://127.0.0.1:6199/onebot/v11/ws',
      }),
    ]);
    for (const app of ['connector', 'worker', 'console']) {
      expect(starts(app)[0]).toMatchObject({ redis: `unix://${redisSocket()}` });
      expect(starts(app)[0]?.fleet).toContain('selfId: "3889000001"');
      expect(screen.noticed.join('\n')).toContain(`http://127.0.0.1:${starts(app)[0]?.pid}/healthz`);
    }
    expect(statSync(join(folder, 'data/run/fleet.yaml')).mode & 0o077).toBe(0);
    expect(screen.noticed.join('\n')).not.toContain('token-');
    signals.emit('SIGINT');
    expect(await code).toBe(0);
    expect(nothingRuns()).toBe(true);
    expect(existsSync(redisSocket())).toBe(false);
    expect(existsSync(join(folder, 'data/run/fleet.yaml'))).toBe(false);
    expect(existsSync(join(folder, 'data/run/up.sock'))).toBe(false);
  });

  it('stops what takes events in before what works on them, and the console last', async () => {
    const code = up();
    await screen.until(isUp);
    signals.emit('SIGTERM');
    await code;
    const order = screen.lines.filter((line) => line.endsWith(': stopping')).map((line) => line.split(':')[0]);
    expect(new Set(order.slice(0, 2))).toEqual(new Set(['connector', 'simulator']));
    expect(order.slice(2)).toEqual(['worker', 'console']);
  });

  it('runs no simulator when accounts are configured, and refuses to size one', async () => {
    const config = 'accounts: [{ selfId: "10001", mode: forward, url: "ws://127.0.0.1:3001" }]';
    expect(await up({ rate: 3 }, config)).toBe(1);
    expect(screen.said.at(-1)).toContain(
      '--accounts and --rate size the simulated fleet, but 1 accounts are configured',
    );
    const code = up({}, config);
    await screen.until(isUp);
    expect(starts('simulator')).toEqual([]);
    signals.emit('SIGINT');
    expect(await code).toBe(0);
  });

  it('starts a process again that dies, and says so', async () => {
    void up();
    await screen.until(isUp);
    process.kill(starts('worker')[0]!.pid, 'SIGKILL');
    await screen.until(() => screen.said.includes('info: worker is up again'));
    expect(screen.said).toContain('error: worker was killed by SIGKILL; starting it again in 1 s');
    expect(starts('worker')).toHaveLength(2);
  });

  it('starts Redis again when it dies, at the same address', async () => {
    void up();
    await screen.until(isUp);
    const shared = await startPrivateRedis({
      binary: redisBinary,
      dataDir: join(folder, 'data/redis'),
      appendOnly: true,
    });
    expect(shared.owned).toBe(false);
    process.kill(shared.pid, 'SIGKILL');
    await screen.until(() => screen.said.includes('info: the private Redis is up again'));
    expect(existsSync(redisSocket())).toBe(true);
  });

  it('gives the connector the new fleet when the simulator died', async () => {
    void up();
    await screen.until(isUp);
    process.kill(starts('simulator')[0]!.pid, 'SIGKILL');
    await screen.until(() => starts('connector').length === 2);
    expect(starts('connector')[1]?.fleet).toContain(`token-${starts('simulator')[1]!.pid}`);
  });

  it('says so when a new simulator reports no usable accounts', async () => {
    const once = join(folder, 'first');
    scripts['simulator'] = `const fs = require('fs');
      if (fs.existsSync(${JSON.stringify(once)})) process.send({ type: 'ready', accounts: [{ mode: 'x' }] });
      else { fs.writeFileSync(${JSON.stringify(once)}, ''); ${SIMULATOR} }
      setInterval(() => {}, 1000);`;
    void up();
    await screen.until(isUp);
    process.kill(starts('simulator')[0]!.pid, 'SIGKILL');
    await screen.until(() => screen.said.some((text) => text.includes('the new simulated accounts cannot be used')));
    expect(starts('connector')).toHaveLength(1);
  });

  it('fails with the words of the process that cannot start, and leaves nothing', async () => {
    scripts['console'] =
      `process.send({ type: 'fatal', code: 'PORT_BUSY', message: '127.0.0.1:9300 is taken; change console.port' });`;
    expect(await up()).toBe(1);
    expect(screen.said).toEqual(['fatal: 127.0.0.1:9300 is taken; change console.port (PORT_BUSY)']);
    expect(nothingRuns()).toBe(true);
    expect(existsSync(redisSocket())).toBe(false);
  });

  it('lists all problems of a bad configuration before anything starts', async () => {
    expect(await up({}, 'colour: red\npartitions: 0')).toBe(78);
    expect(screen.said[0]).toMatch(
      /the configuration has 2 problems:\n.*partitions: [^]*colour: unknown key[^]*\(CONFIG_INVALID\)$/,
    );
    expect(existsSync(join(folder, 'data'))).toBe(false);
  });

  it('refuses a second start on the same folder, and leaves the first alone', async () => {
    void up();
    await screen.until(isUp);
    expect(await up()).toBe(1);
    expect(screen.said.at(-1)).toContain(`already runs with ${join(folder, 'data/run')} (process ${process.pid})`);
    expect(starts('worker').every(({ pid }) => isAlive(pid))).toBe(true);
    expect(existsSync(redisSocket())).toBe(true);
  });

  it('takes over the Redis that a killed predecessor left running, and stops it in the end', async () => {
    const left = await startPrivateRedis({
      binary: redisBinary,
      dataDir: join(folder, 'data/redis'),
      appendOnly: true,
    });
    const code = up();
    await screen.until(isUp);
    expect(isAlive(left.pid)).toBe(true);
    signals.emit('SIGINT');
    expect(await code).toBe(0);
    expect(isAlive(left.pid)).toBe(false);
  });

  it('uses a given Redis and does not stop it', async () => {
    const given = await startPrivateRedis({ binary: redisBinary, dataDir: join(folder, 'own'), appendOnly: true });
    const code = up({}, `redis: { url: "${given.url}" }`);
    await screen.until(isUp);
    expect(starts('worker')[0]?.redis).toBe(given.url);
    signals.emit('SIGINT');
    expect(await code).toBe(0);
    expect(isAlive(given.pid)).toBe(true);
    await given.stop();
  });

  it('fails when a given Redis does not answer', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as { port: number };
    await new Promise((done) => server.close(done));
    expect(await up({}, '{}', { REDIS_URL: `redis://:sekret@127.0.0.1:${port}` })).toBe(1);
    expect(screen.said).toEqual([expect.stringMatching(/^fatal: Redis at .*127\.0\.0\.1:\d+.*\(REDIS_UNREACHABLE\)$/)]);
    expect(screen.said.join()).not.toContain('sekret');
  });

  it('refuses a Redis address that is none', async () => {
    expect(await up({}, '{}', { REDIS_URL: 'localhost' })).toBe(78);
    expect(screen.said[0]).toMatch(/REDIS_URL {2}must be redis:.*[^]*\(CONFIG_INVALID\)$/);
  });

  it('does not give all processes the one port of ROOKERY_HTTP_PORT', async () => {
    void up({}, '{}', { ROOKERY_HTTP_PORT: '9' });
    await screen.until(isUp);
    expect(starts('worker')[0]).toMatchObject({ port: 'own' });
  });

  it('says how to get a Redis when none is named and the machine has none', async () => {
    expect(await up({}, '{}', { REDIS_SERVER_BIN: '', PATH: '/nowhere' })).toBe(1);
    expect(screen.said[0]).toMatch(/install one.*`npm start` fetches one.*\(REDIS_MISSING\)$/);
  });

  it('can be stopped while it starts', async () => {
    scripts['worker'] = `console.log(JSON.stringify({ pid: process.pid })); setInterval(() => {}, 1000);`;
    const code = up();
    await screen.until(() => starts('worker').length === 1);
    signals.emit('SIGINT');
    expect(await code).toBe(0);
    expect(nothingRuns()).toBe(true);
  });

  it('ends by force what does not end, at the second Ctrl-C', async () => {
    scripts['worker'] = APP.replace("console.log('stopping'); process.exit(0);", '');
    const code = up();
    await screen.until(isUp);
    signals.emit('SIGINT');
    await screen.until(
      () => screen.lines.includes('connector: stopping') && screen.lines.includes('simulator: stopping'),
    );
    while (starts('connector').some(({ pid }) => isAlive(pid))) await turn();
    signals.emit('SIGINT');
    expect(await code).toBe(0);
    expect(nothingRuns()).toBe(true);
  });
});
