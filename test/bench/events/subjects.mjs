/**
 * What is compared. Each subject has its own generator and its own Redis, and all of them are up during the whole run, so that
 * their rounds can alternate; one that has nothing to do uses next to no CPU.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { ask, Processes, until } from './processes.mjs';

const require = createRequire(import.meta.url);
const { startPrivateRedis } = require('../../../dist/libs/redis/src/index.js');

const ACCOUNTS = Array.from({ length: 8 }, (_, i) => String(3_889_000_001 + i));

/**
 * A subject: `pids` whose CPU time counts by name, `done()` events handled so far, the file of `samples`, and the `generator`
 * that feeds it.
 */
export async function startPlain(dir) {
  const { processes, generator, redis, samples, subject } = await prepare(dir, 'plain');
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

export async function startRookery(dir, scripts = ROOKERY) {
  const { processes, generator, redis, samples, urls, folder } = await prepare(dir, 'rookery');
  const config = join(folder, 'rookery.yaml');
  const accounts = ACCOUNTS.map((self, i) => `  - { selfId: "${self}", mode: forward, url: "${urls[i]}" }`);
  writeFileSync(config, ['reverse: { port: 0 }', 'log: { level: warn }', 'accounts:', ...accounts].join('\n'));
  const env = { ROOKERY_CONFIG: config, REDIS_URL: redis.url, ROOKERY_HTTP_PORT: '0', BENCH_SAMPLES: samples };
  const worker = await processes.start(scripts.worker, env);
  const connector = await processes.start(scripts.connector, env);
  const addresses = [worker.message.http, connector.message.http];
  const isReady = async (http) => (await fetch(`${http}/readyz`)).ok;
  await until('both are ready', async () => (await Promise.all(addresses.map(isReady))).every(Boolean));
  const connectorMetrics = async () => await (await fetch(`${connector.message.http}/metrics`)).text();
  await until('the accounts are online', async () => {
    return sumOf(await connectorMetrics(), 'rookery_accounts{state="online"}') === ACCOUNTS.length;
  });
  return {
    name: 'rookery',
    pids: { connector: connector.child.pid, worker: worker.child.pid, redis: redis.pid },
    children: { connector: connector.child, worker: worker.child },
    done: async () => {
      const metrics = await (await fetch(`${worker.message.http}/metrics`)).text();
      return sumOf(metrics, 'rookery_events_settled_total');
    },
    ...{ generator, samples, stop: () => end(processes, redis) },
  };
}

export async function startBare() {
  const processes = new Processes();
  const { generator, urls } = await startGenerator(processes);
  const { child } = await processes.start('bare.mjs', { BENCH_SUBJECT: JSON.stringify({ urls }) });
  const done = async () => (await ask(child, { type: 'done' })).done;
  return { name: 'bare ws', pids: { loop: child.pid }, done, generator, stop: () => end(processes) };
}

async function prepare(dir, name) {
  const folder = join(dir, name);
  mkdirSync(folder);
  const binary = process.env.REDIS_SERVER_BIN ?? 'redis-server';
  const redis = await startPrivateRedis({ binary, dataDir: join(folder, 'redis'), appendOnly: true });
  const processes = new Processes();
  const { generator, urls } = await startGenerator(processes);
  const subject = JSON.stringify({ urls, redisPath: decodeURIComponent(new URL(redis.url).pathname) });
  const samples = join(folder, 'samples');
  writeFileSync(samples, '');
  return { processes, generator, redis, samples, subject, urls, folder };
}

async function startGenerator(processes) {
  const { child, message } = await processes.start('generator.mjs', {});
  return { generator: child, urls: ACCOUNTS.map((self) => `ws://127.0.0.1:${message.port}/${self}`) };
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
