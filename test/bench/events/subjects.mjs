/**
 * What is compared. Each subject has its own generator and its own Redis, and all of them are up during the whole run, so that
 * their rounds can alternate; one that has nothing to do uses next to no CPU.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { redisServer } from '../redis-server.mjs';
import { ask, Processes, until } from './processes.mjs';

const require = createRequire(import.meta.url);
const { startPrivateRedis } = require('../../../dist/libs/redis/src/index.js');

const FIRST_SELF = 3_889_000_001;
const ONLINE_LIMIT_MS = 180_000;
const SIZE = { accounts: 8, groupsEach: 8, workers: 1 };
const selvesOf = ({ accounts }) => Array.from({ length: accounts }, (_, i) => String(FIRST_SELF + i));

/**
 * A subject: `pids` whose CPU time counts by name, `done()` events handled so far, the file of `samples`, and the `generator`
 * that feeds it.
 */
export async function startPlain(dir) {
  const { processes, generator, redis, samples, subject } = await prepare(dir, 'plain', SIZE);
  const worker = await processes.start('plain-worker.mjs', { BENCH_SUBJECT: subject, BENCH_SAMPLES: samples });
  const reader = await processes.start('plain-reader.mjs', { BENCH_SUBJECT: subject });
  return {
    name: 'plain',
    pids: { reader: reader.child.pid, worker: worker.child.pid, redis: redis.pid },
    done: async () => (await ask(worker.child, { type: 'done' })).done,
    ...{ generator, samples, stop: () => end(processes, redis) },
  };
}

const ROOKERY = { worker: 'rookery-worker.mjs', connector: '../../../dist/apps/connector/src/main.js' };

/** `more`: the scripts of connector and worker, and how many accounts, groups of each account, and workers there are. */
export async function startRookery(dir, { scripts = ROOKERY, name = 'rookery', ...given } = {}) {
  const size = { ...SIZE, ...given };
  const { processes, generator, redis, samples, urls, folder } = await prepare(dir, name, size);
  const config = join(folder, 'rookery.yaml');
  const accounts = selvesOf(size).map((self, i) => `  - { selfId: "${self}", mode: forward, url: "${urls[i]}" }`);
  const settings = [
    'reverse: { port: 0 }',
    'log: { level: error }',
    'limits: { profile: unlimited }',
    'brake: { turns: 0 }',
  ];
  writeFileSync(config, [...settings, 'accounts:', ...accounts].join('\n'));
  const env = { ROOKERY_CONFIG: config, REDIS_URL: redis.url, ROOKERY_HTTP_PORT: '0', BENCH_SAMPLES: samples };
  const workers = [];
  for (let i = 0; i < size.workers; i++) workers.push(await processes.start(scripts.worker, env));
  const connector = await processes.start(scripts.connector, env);
  const metricsOf = async ({ message }) => await (await fetch(`${message.http}/metrics`)).text();
  const isReady = async ({ message }) => (await fetch(`${message.http}/readyz`)).ok;
  const all = [connector, ...workers];
  await until('all are ready', async () => (await Promise.all(all.map(isReady))).every(Boolean));
  const isOnline = async () => sumOf(await metricsOf(connector), 'rookery_accounts{state="online"}') === size.accounts;
  await until('the accounts are online', isOnline, () => 100, ONLINE_LIMIT_MS);
  const held = (text) => sumOf(text, 'rookery_leases_held{realm="partitions"}');
  const isShared = async () => (await Promise.all(workers.map(metricsOf))).every((text) => held(text) > 0);
  await until('the workers share the partitions', isShared, () => 100);
  const workerPids = workers.map(({ child }, i) => [i === 0 ? 'worker' : `worker ${i + 1}`, child.pid]);
  return {
    name,
    pids: { connector: connector.child.pid, ...Object.fromEntries(workerPids), redis: redis.pid },
    children: { connector: connector.child, worker: workers[0].child },
    done: async () => {
      const texts = await Promise.all(workers.map(metricsOf));
      return texts.reduce((sum, text) => sum + sumOf(text, 'rookery_events_settled_total'), 0);
    },
    ...{ generator, samples, stop: () => end(processes, redis) },
  };
}

export async function startBare() {
  const processes = new Processes();
  const { generator, urls } = await startGenerator(processes, SIZE);
  const { child } = await processes.start('bare.mjs', { BENCH_SUBJECT: JSON.stringify({ urls }) });
  const done = async () => (await ask(child, { type: 'done' })).done;
  return { name: 'bare ws', pids: { loop: child.pid }, done, generator, stop: () => end(processes) };
}

async function prepare(dir, name, size) {
  const folder = join(dir, name);
  mkdirSync(folder);
  const redis = await startPrivateRedis({ binary: redisServer, dataDir: join(folder, 'redis'), appendOnly: true });
  const processes = new Processes();
  const { generator, urls } = await startGenerator(processes, size);
  const subject = JSON.stringify({ urls, redisPath: decodeURIComponent(new URL(redis.url).pathname) });
  const samples = join(folder, 'samples');
  writeFileSync(samples, '');
  return { processes, generator, redis, samples, subject, urls, folder };
}

async function startGenerator(processes, size) {
  const env = { BENCH_FIRST_SELF: String(FIRST_SELF), BENCH_GROUPS_EACH: String(size.groupsEach) };
  const { child, message } = await processes.start('generator.mjs', env);
  return { generator: child, urls: selvesOf(size).map((self) => `ws://127.0.0.1:${message.port}/${self}`) };
}

async function end(processes, redis) {
  await processes.stop();
  await redis?.stop();
}

/** The sum of all series of a metric, or of those that begin with `series`. */
function sumOf(exposition, series) {
  const lines = exposition.split('\n').filter((line) => line.startsWith(series));
  return lines.reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' ') + 1)), 0);
}
