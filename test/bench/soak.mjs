#!/usr/bin/env node
/**
 * Holds a load on real processes (a connector, a worker, a console, a Redis) and fails when anything grows that should not: memory, files and
 * other handles, threads, connections, keys of Redis. Needs a build.
 *
 *   npm run soak -- --minutes 30 [--accounts 60] [--rate 60] [--json FILE] [--quick] [--snapshots FOLDER]
 *
 * The load: people who talk in groups that two accounts are in, commands, questions to accounts, strangers who join, speak once and go, plugin
 * storage, questions of a plugin of which half are never answered, broadcasts, and links that are cut. The first quarter of the time warms up. Heaps are read after a
 * collection. What is kept for a time on purpose is judged after that time, and is listed until then. `--quick`: 45 s, which tells of large leaks only.
 * `--snapshots`: writes what is on each heap after the warm-up and at the end, for Chrome's developer tools to compare.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { fileURLToPath } from 'node:url';
import { ask, Processes, until } from './events/processes.mjs';
import { redisServer } from './redis-server.mjs';
import { Report } from './report.mjs';
import { History } from './soak/history.mjs';
import { Load } from './soak/load.mjs';

const require = createRequire(import.meta.url);
const { connectRedis, startPrivateRedis } = require('../../dist/libs/redis/src/index.js');

const { values: options } = parseArgs({
  options: {
    minutes: { type: 'string', default: '10' },
    accounts: { type: 'string', default: '60' },
    rate: { type: 'string', default: '60' },
    json: { type: 'string' },
    quick: { type: 'boolean', default: false },
    snapshots: { type: 'string' },
  },
});
const SECONDS = options.quick ? 45 : Number(options.minutes) * 60;
const WARM_UP_SHARE = 0.25;
/** As often as makes some 150 readings, but a look at everything takes its time. */
const READ_MS = Math.max(options.quick ? 1_500 : 3_000, (SECONDS * 1000) / 150);
const APPS = ['connector', 'worker', 'console'];
const HELD = ['--expose-gc', '--import', new URL('soak/probe.mjs', import.meta.url).href];
/** Of the questions; some meet a link that is just being cut, and what came of those answers is unknown. */
const ANSWERED = 0.9;

async function freePort() {
  const server = createServer();
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function startCluster(folder, redis, fleet, port) {
  const accounts = fleet.accounts.map(({ selfId, mode, url, token }) => {
    return JSON.stringify({ selfId, mode, token, ...(url !== undefined && { url }) });
  });
  const plugin = { module: fileURLToPath(new URL('soak/soak.plugin.cjs', import.meta.url)) };
  const settings = {
    reverse: { port },
    log: { level: 'error' },
    limits: { profile: 'unlimited' },
    dataDir: folder,
    plugins: [plugin],
  };
  const config = join(folder, 'rookery.yaml');
  const lines = Object.entries(settings).map(([key, value]) => `${key}: ${JSON.stringify(value)}`);
  writeFileSync(config, [...lines, `accounts: [${accounts.join(', ')}]`].join('\n'));
  const processes = new Processes();
  const env = { ROOKERY_CONFIG: config, REDIS_URL: redis.url, ROOKERY_HTTP_PORT: '0' };
  const started = {};
  for (const app of APPS) {
    started[app] = await processes.start(`../../../dist/apps/${app}/src/main.js`, env, HELD);
  }
  return { processes, started };
}

/** Reads until the time is over. A process that ends meanwhile ends the soak. */
async function watch(history, children, client) {
  const ended = new Promise((_, reject) => {
    for (const [app, child] of Object.entries(children)) {
      child.once('exit', (code, signal) => reject(new Error(`the ${app} ended with ${code ?? signal}`)));
    }
  });
  ended.catch(() => {});
  for (let isWarm = false; history.seconds < SECONDS;) {
    if (!isWarm && history.seconds > SECONDS * WARM_UP_SHARE) {
      isWarm = true;
      await snapshots('warm', children);
    }
    await Promise.race([ended, history.read(children, client)]);
    await Promise.race([ended, new Promise((resolve) => setTimeout(resolve, READ_MS))]);
  }
}

async function snapshots(when, children) {
  if (options.snapshots === undefined) return;
  mkdirSync(options.snapshots, { recursive: true });
  for (const [app, child] of Object.entries(children)) {
    await ask(child, { type: 'probe', snapshot: join(options.snapshots, `${app}-${when}.heapsnapshot`) });
  }
}

/** What tells most of a process at a glance; of all else only what is not as it should be. */
const ALWAYS_SHOWN = /(heap|RSS|memory) MiB|files|connections/;

function report(history, { asked, answered }) {
  const lines = new Report();
  const judged = history.judged(SECONDS * WARM_UP_SHARE);
  const grown = judged.filter(({ verdict }) => verdict === 'grows' || verdict === 'above');
  const unknown = judged.filter(({ verdict }) => verdict === 'unknown');
  for (const { name, verdict, rise, perHour, first, last } of judged) {
    if (!grown.some((one) => one.name === name) && !ALWAYS_SHOWN.test(name)) continue;
    lines.row({ what: name, first: round(first), last: round(last), 'per hour': round(perHour), verdict });
    lines.figure(name, last, '');
    if (verdict === 'grows') lines.figure(`${name}, rise`, rise, '', { atMost: 0 });
  }
  lines.figure('readings', history.count, '');
  // Where a look takes its time, as on a machine that is busy with other things, a longer soak is needed.
  const heaps = judged.filter(({ name, verdict }) => name.endsWith(': heap MiB') && verdict !== 'unknown');
  lines.figure('processes judged', heaps.length, '', options.quick ? undefined : { atLeast: APPS.length });
  lines.figure('things judged', judged.length - unknown.length, '');
  lines.figure('things that grow', grown.length, '', { atMost: 0 });
  lines.figure('questions', asked, '');
  lines.figure('share of questions answered', answered / asked, '', { atLeast: ANSWERED });
  lines.end(options.json);
  const minutes = ({ after }) => (after === 0 ? 'too few readings' : `kept for ${Math.ceil(after / 60)} min`);
  for (const one of unknown) console.log(`not judged  ${one.name}: ${minutes(one)}`);
  for (const { name } of grown) console.error(`GROWS  ${name}`);
}

const round = (value) => Number(value.toFixed(1));

const folder = mkdtempSync(join(tmpdir(), 'rookery-soak-'));
const closing = [];
async function cleanUp() {
  for (const close of closing.splice(0).toReversed()) await close();
  rmSync(folder, { recursive: true, force: true });
}
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => void cleanUp().finally(() => process.exit(1)));

try {
  const redis = await startPrivateRedis({ binary: redisServer, dataDir: join(folder, 'redis'), appendOnly: true });
  closing.push(() => redis.stop());
  const client = await connectRedis(redis.url, 'consumer', 'soak', () => undefined);
  closing.push(() => client.disconnect());
  const port = await freePort();
  const reverseUrl = `ws://127.0.0.1:${port}/onebot/v11/ws`;
  const load = await Load.start({ accounts: Number(options.accounts), rate: Number(options.rate), reverseUrl });
  closing.push(() => load.fleet.close());
  const { processes, started } = await startCluster(folder, redis, load.fleet, port);
  closing.push(() => processes.stop());
  const children = Object.fromEntries(APPS.map((app) => [app, started[app].child]));
  const all = [...load.fleet.host.all];
  await until(
    'all accounts are connected',
    async () => all.every(({ listened }) => listened),
    () => 100,
  );

  const broadcasts = `${started.console.message.http}/api/broadcasts`;
  const headers = { 'content-type': 'application/json' };
  let refused = 0;
  load.hold(() => {
    const body = JSON.stringify({ to: 'groups', message: 'to all of you', spreadSeconds: 5 });
    fetch(broadcasts, { method: 'POST', headers, body }).then(
      (response) => (refused += response.ok ? 0 : 1),
      () => (refused += 1),
    );
  }, SECONDS * WARM_UP_SHARE);
  closing.push(() => load.rest());
  const history = new History();
  await watch(history, children, client);
  await snapshots('end', children);
  load.rest();
  await until(
    'questions are answered',
    async () => load.questions.answered >= load.questions.asked * ANSWERED,
    () => 200,
    20_000,
  ).catch(() => {});
  report(history, load.questions);
  if (refused > 0) throw new Error(`${refused} broadcasts were refused`);
} finally {
  await cleanUp();
}
