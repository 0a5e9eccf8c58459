#!/usr/bin/env node
/**
 * What accounts cost that only keep their connection, and whether storms of reconnects leave anything behind. Needs a build.
 * `--quick` takes fewer accounts and storms; `--json FILE` writes figure → { value, unit, goal, ok }. Exits 1 when a
 * figure misses its goal.
 *
 * Idle: one connector process before simulated NapCats in another one, heartbeats every 30 s. Memory and CPU from /proc, against
 * the same process without accounts. Storms: the links of this process; NapCat cuts all of them in the same instant, and again
 * when all are back. Handshakes: all accounts dial in within 2.5 s, and in one instant.
 */
import { fork } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { cpuMicros, until } from './events/processes.mjs';
import { redisServer } from './redis-server.mjs';
import { percentile, Report } from './report.mjs';

const require = createRequire(import.meta.url);
const dist = (path) => require(`../../dist/${path}`);
const { Links } = dist('apps/connector/src/link/links.js');
const { systemClock } = dist('libs/protocol/src/index.js');
const { startPrivateRedis, connectRedis } = dist('libs/redis/src/index.js');

const { values: options } = parseArgs({ options: { quick: { type: 'boolean' }, json: { type: 'string' } } });
const quick = options.quick === true;
const ACCOUNTS = quick ? 500 : 2_000;
const STORMS = quick ? 4 : 20;
const STORM_ACCOUNTS = quick ? 200 : 500;
const IDLE_SECONDS = quick ? 15 : 60;

const report = new Report();
const folder = mkdtempSync(join(tmpdir(), 'rookery-accounts-'));
const children = new Set();

/** The NapCats of one more process. */
function napcats() {
  const child = fork(new URL('./accounts/napcats.mjs', import.meta.url));
  children.add(child);
  const answers = new Map();
  child.on('message', ({ id, result, error }) => {
    const [resolve, reject] = answers.get(id);
    answers.delete(id);
    if (error === undefined) resolve(result);
    else reject(new Error(error));
  });
  let asked = 0;
  const ask = (act, given = {}) =>
    new Promise((resolve, reject) => {
      answers.set(++asked, [resolve, reject]);
      child.send({ id: asked, act, ...given });
    });
  const end = () => {
    children.delete(child);
    child.kill('SIGKILL');
  };
  return { ask, end };
}

const rssKib = (pid) => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]);

async function connector(redisUrl, accounts) {
  const [config, fleet] = [join(folder, 'rookery.json'), join(folder, 'fleet.json')];
  writeFileSync(config, JSON.stringify({ reverse: { port: 0 }, dataDir: folder, log: { level: 'error' } }));
  writeFileSync(fleet, JSON.stringify({ accounts }));
  const env = {
    ...process.env,
    REDIS_URL: redisUrl,
    ROOKERY_HTTP_PORT: '0',
    ROOKERY_CONFIG: config,
    ROOKERY_FLEET: fleet,
  };
  const main = new URL('../../dist/apps/connector/src/main.js', import.meta.url);
  const child = fork(main, { env, stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  children.add(child);
  const ready = await new Promise((resolve, reject) => {
    child.on('message', (message) => {
      if (message.type === 'ready') resolve(message);
      if (message.type === 'fatal') reject(new Error(message.message));
    });
    child.on('exit', (code) => reject(new Error(`the connector ended with ${code}`)));
  });
  const stop = async () => {
    const gone = new Promise((resolve) => child.on('exit', resolve));
    child.kill('SIGTERM');
    await gone;
    children.delete(child);
  };
  return { pid: child.pid, http: ready.http, stop };
}

/** Names of the Redis connections of connectors. */
async function redisConnections(redis) {
  const list = await redis.client('LIST');
  return list.split('\n').filter((line) => line.includes('name=') && !line.includes('name=bench')).length;
}

async function idle() {
  const redis = await startPrivateRedis({
    binary: redisServer,
    dataDir: folder,
    appendOnly: true,
  });
  const client = await connectRedis(redis.url, 'producer', 'bench', () => undefined);
  try {
    const empty = await connector(redis.url, []);
    await new Promise((resolve) => setTimeout(resolve, 5_000));
    const emptyKib = rssKib(empty.pid);
    await empty.stop();
    await client.flushall();

    const fleet = napcats();
    const accounts = await fleet.ask('serve', { accounts: ACCOUNTS, heartbeatMs: 30_000 });
    const full = await connector(redis.url, accounts);
    const begun = performance.now();
    await until(
      `${ACCOUNTS} accounts are online`,
      async () => (await fleet.ask('count')).one === ACCOUNTS,
      () => 500,
      180_000,
    );
    const seconds = (performance.now() - begun) / 1000;
    await new Promise((resolve) => setTimeout(resolve, 15_000));
    const [cpu, at] = [cpuMicros(full.pid), performance.now()];
    await new Promise((resolve) => setTimeout(resolve, IDLE_SECONDS * 1000));
    const share = (cpuMicros(full.pid) - cpu) / 1000 / (performance.now() - at);
    const kib = rssKib(full.pid);
    const more = (await fleet.ask('count')).more;
    report.row({
      idle: `${ACCOUNTS} accounts`,
      'all online s': seconds.toFixed(1),
      'RSS MiB': (kib / 1024).toFixed(0),
      'RSS MiB without accounts': (emptyKib / 1024).toFixed(0),
      'CPU % of a core': (share * 100).toFixed(1),
    });
    // The program itself included, hence only of meaning with many accounts.
    report.figure('RSS per account', kib / ACCOUNTS, 'KiB', quick ? undefined : { atMost: 150 });
    report.figure('CPU while idle', share * 100, '% of a core', { atMost: 10 });
    report.figure('Redis connections', await redisConnections(client), '', { atMost: 32 });
    report.figure('accounts connected twice', more, '', { atMost: 0 });
    await full.stop();
    fleet.end();
  } finally {
    client.disconnect();
    await redis.stop();
  }
}

const openSockets = () => process.getActiveResourcesInfo().filter((kind) => kind === 'TCPSocketWrap').length;

/** The real clock, and how many of its calls are still to come. */
function countingClock() {
  const pending = new Set();
  return {
    ...systemClock,
    pending,
    after(ms, call) {
      const timer = {};
      pending.add(timer);
      const cancel = systemClock.after(ms, () => {
        pending.delete(timer);
        call();
      });
      return () => {
        pending.delete(timer);
        cancel();
      };
    },
  };
}

const listenersOf = (emitter) => emitter.eventNames().reduce((sum, name) => sum + emitter.listenerCount(name), 0);

async function storms() {
  const fleet = napcats();
  const accounts = await fleet.ask('serve', { accounts: STORM_ACCOUNTS, heartbeatMs: 30_000 });
  const clock = countingClock();
  const links = new Links({ clock, random: Math.random });
  const socketsBefore = openSockets();
  const allOnline = () => links.list().every(({ state }) => state === 'online');
  for (const account of accounts) links.add({ ...account, pool: 'default', token: { reveal: () => account.token } });
  await until(
    'all are online',
    async () => allOnline(),
    () => 50,
    120_000,
  );
  // Also the answers to the first question of each link have come or are given up.
  const settled = () => new Promise((resolve) => setTimeout(resolve, 12_000));
  await settled();
  const count = () => ({ sockets: openSockets(), timers: clock.pending.size, listeners: listenersOf(links) });
  const atFirst = count();
  const times = [];
  for (let storm = 0; storm < STORMS; storm++) {
    let reconnects = 0;
    const counting = () => (reconnects += 1);
    links.on('reconnecting', counting);
    const begun = performance.now();
    await fleet.ask('cut', { count: STORM_ACCOUNTS });
    await until(
      'the cuts are noticed',
      async () => reconnects >= STORM_ACCOUNTS,
      () => 10,
      60_000,
    );
    await until(
      'all are back',
      async () => allOnline(),
      () => 20,
      120_000,
    );
    links.off('reconnecting', counting);
    times.push((performance.now() - begun) / 1000);
  }
  const { one } = await fleet.ask('count');
  await settled();
  const left = count();
  await links.close();
  await until(
    'the sockets are gone',
    async () => openSockets() <= socketsBefore,
    () => 50,
    10_000,
  );
  report.row({
    storms: `${STORMS} of ${STORM_ACCOUNTS} accounts`,
    'median s': percentile(times, 0.5).toFixed(2),
    'longest s': Math.max(...times).toFixed(2),
  });
  report.figure('accounts not connected once after the storms', STORM_ACCOUNTS - one, '', { atMost: 0 });
  for (const kind of ['sockets', 'timers', 'listeners']) {
    report.figure(`${kind} left over by the storms`, left[kind] - atFirst[kind], '', { atMost: 0 });
  }
  report.figure('timers after closing', clock.pending.size, '', { atMost: 0 });
  report.figure('longest storm', Math.max(...times), 's');
  fleet.end();
}

/**
 * A reverse endpoint to which every NapCat comes back after a restart. NapCats dial again every 5 s, each in its own rhythm; here all
 * come within `overMs`, from two processes. Dialled in one instant, two processes are busy with the dialling themselves for seconds,
 * and the figure says more of them than of the server.
 */
async function handshakes(overMs, goal) {
  const links = new Links({
    clock: systemClock,
    random: Math.random,
    reverse: { host: '127.0.0.1', port: 0, path: '/ws' },
  });
  await links.listen();
  const accounts = Array.from({ length: ACCOUNTS }, (_, n) => ({
    selfId: String(10_000 + n),
    token: `the-token-of-${n}`,
  }));
  for (const { selfId, token } of accounts) {
    links.add({ selfId, pool: 'default', mode: 'reverse', token: { reveal: () => token } });
  }
  const url = `ws://127.0.0.1:${links.reversePort}/ws`;
  const halves = [0, 1].map((half) => ({ half: accounts.filter((_, n) => n % 2 === half), child: napcats() }));
  const cpuBefore = process.cpuUsage();
  const times = (
    await Promise.all(halves.map(({ half, child }) => child.ask('dialIn', { url, accounts: half, overMs })))
  ).flat();
  await until(
    'all are online',
    async () => links.list().every(({ state }) => state === 'online'),
    () => 20,
    60_000,
  );
  const { user, system } = process.cpuUsage(cpuBefore);
  const answered = times.filter((ms) => ms !== null);
  const what = overMs === 0 ? 'in one instant' : `within ${overMs / 1000} s`;
  report.row({
    handshakes: `${ACCOUNTS} ${what}`,
    'median ms': percentile(answered, 0.5).toFixed(0),
    'p99 ms': percentile(answered, 0.99).toFixed(0),
    'longest ms': Math.max(...answered).toFixed(0),
    'server CPU ms each': ((user + system) / 1000 / ACCOUNTS).toFixed(2),
  });
  report.figure(`handshakes ${what} that failed`, ACCOUNTS - answered.length, '', { atMost: 0 });
  report.figure(`longest handshake of ${ACCOUNTS} ${what}`, Math.max(...answered), 'ms', goal);
  for (const { child } of halves) child.end();
  await links.close();
}

try {
  await idle();
  await storms();
  await handshakes(2_500, { atMost: 2000 });
  await handshakes(0);
} finally {
  for (const child of children) child.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
}
report.end(options.json);
process.exit();
