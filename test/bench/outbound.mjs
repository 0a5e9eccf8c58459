#!/usr/bin/env node
/**
 * What sends cost and how they wait: one connector process before simulated NapCats in another one. Needs a build.
 * `--quick` (under 45 s) has fewer jobs; `--json FILE` writes figure → { value, unit, goal, ok }. Exits 1 when a figure misses its goal.
 *
 * Cost: CPU of connector and Redis per send of an account without limits, with 100 jobs waiting and with 100,000, as many coming as
 * leave, and sorted into rooms. Waiting: an account with limits and 10,000 broadcast jobs; reads and replies asked for meanwhile.
 * Memory: what an account adds once it has sent and more of it waits.
 */
import { fork } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Processes, until } from './events/processes.mjs';
import { redisServer } from './redis-server.mjs';
import { median, Report } from './report.mjs';

const require = createRequire(import.meta.url);
const dist = (path) => require(`../../dist/libs/${path}/src/index.js`);
const { Logger } = require('@nestjs/common');
const { channels } = dist('protocol');
const { ActionPublisher, SharedQueueBackend } = dist('queues');
const { connectRedis, startPrivateRedis } = dist('redis');
const { ControlChannel } = dist('service');

const { values: options } = parseArgs({ options: { quick: { type: 'boolean' }, json: { type: 'string' } } });
const quick = options.quick === true;
const DEEP = quick ? 20_000 : 100_000;
const SHALLOW = 100;
const MEASURED = quick ? 1_000 : 2_000;
const BEHIND = quick ? 2_000 : 10_000;
const READS = quick ? 20 : 50;
const REPLIES = quick ? 2 : 5;
const MANY = quick ? 50 : 100;
const RATE = { sends: 10, seconds: 5 };
const NODE = 'bench-asker';

const folder = mkdtempSync(join(tmpdir(), 'rookery-outbound-'));
const report = new Report();
const processes = new Processes();
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

const receiver = fork(new URL('./outbound/receiver.mjs', import.meta.url));
const answers = new Map();
receiver.on('message', ({ id, result, error }) => {
  const [resolve, reject] = answers.get(id);
  answers.delete(id);
  if (error === undefined) resolve(result);
  else reject(new Error(error));
});
let questions = 0;
const ask = (act, given = {}) =>
  new Promise((resolve, reject) => {
    answers.set(++questions, [resolve, reject]);
    receiver.send({ id: questions, act, ...given });
  });

const redis = await startPrivateRedis({
  binary: redisServer,
  dataDir: join(folder, 'redis'),
  appendOnly: true,
});
const client = await connectRedis(redis.url, 'consumer', 'bench', () => undefined);
Logger.overrideLogger(false);
const control = new ControlChannel(redis.url, () => undefined);
const results = new Map();
control.on(channels.results(NODE), ({ results: list }) => {
  for (const result of list) results.get(result.id)?.(result);
});
const publisher = new ActionPublisher(new SharedQueueBackend(client), (accounts) =>
  control.emit(channels.actionsWaiting, { v: 1, accounts }),
);

/** CPU time of all threads of a process so far, µs. */
function micros(pid) {
  const threads = readdirSync(`/proc/${pid}/task`);
  const nanos = threads.map((thread) =>
    Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8').split(' ')[0]),
  );
  return nanos.reduce((sum, one) => sum + one, 0) / 1_000;
}

let made = 0;
function action(account, lane, more = {}) {
  const n = made++;
  const group = account.groups[n % account.groups.length];
  const createdAt = Date.now();
  return {
    v: 1,
    id: `bench-${n}`,
    self: account.selfId,
    name: 'send_group_msg',
    params: { group_id: group, message: [{ type: 'text', data: { text: `bench-${n}` } }] },
    lane,
    createdAt,
    expiresAt: createdAt + 3_600_000,
    origin: { plugin: 'bench' },
    ...more,
  };
}

async function publish(account, lane, count) {
  for (let left = count; left > 0; left -= 500) {
    await Promise.all(Array.from({ length: Math.min(left, 500) }, () => publisher.publish(action(account, lane))));
  }
}

/** Resolves with the result and the milliseconds until it was here. */
async function askFor(wanted) {
  const begun = performance.now();
  const came = new Promise((resolve) => results.set(wanted.id, resolve));
  await publisher.publish({ ...wanted, replyTo: NODE });
  const result = await came;
  results.delete(wanted.id);
  return { result, ms: performance.now() - begun };
}

const waitingIn = (account, part) => client.zcard(`rookery:actions-{a${account.selfId}}:${part}`);
async function scriptCalls() {
  const stats = await client.info('commandstats');
  return [...stats.matchAll(/^cmdstat_eval(?:sha)?:calls=(\d+)/gm)].reduce((sum, [, calls]) => sum + Number(calls), 0);
}

async function startConnector(accounts) {
  const [unlimited, limited] = accounts;
  const file = join(folder, 'rookery.json');
  const entry = ({ selfId, url, token }) => ({
    selfId,
    mode: 'forward',
    url,
    token,
    ...(selfId === unlimited.selfId && { limits: { profile: 'unlimited' } }),
    ...(selfId === limited.selfId && { limits: { profile: 'unlimited', account: [RATE] } }),
  });
  writeFileSync(
    file,
    JSON.stringify({ reverse: { port: 0 }, dataDir: folder, log: { level: 'error' }, accounts: accounts.map(entry) }),
  );
  const { child, message } = await processes.start('../../../dist/apps/connector/src/main.js', {
    ROOKERY_CONFIG: file,
    REDIS_URL: redis.url,
    ROOKERY_HTTP_PORT: '0',
  });
  const online = `rookery_accounts{state="online"} ${accounts.length}`;
  const isOnline = async () => (await (await fetch(`${message.http}/metrics`)).text()).includes(online);
  await until('all accounts are online', isOnline, () => 200, 60_000);
  return child;
}

/** CPU of connector and Redis, and script calls, of what happens until the account has sent so many more. */
async function costOf(connector, account, sends, before = () => undefined) {
  const sentBefore = await ask('count', { self: account.selfId });
  const [callsBefore, cpuBefore] = [await scriptCalls(), [micros(connector.pid), micros(redis.pid)]];
  before();
  let sent = 0;
  await until(
    `${sends} sends`,
    async () => (sent = (await ask('count', { self: account.selfId })) - sentBefore) >= sends,
    () => 20,
    240_000,
  );
  const cpu = [micros(connector.pid), micros(redis.pid)].map((now, at) => now - cpuBefore[at]);
  return { sent, connector: cpu[0], redis: cpu[1], calls: (await scriptCalls()) - callsBefore };
}

const zero = { sent: 0, connector: 0, redis: 0, calls: 0 };
const plus = (one, other) => Object.fromEntries(Object.keys(zero).map((key) => [key, one[key] + other[key]]));

async function cost(connector, account) {
  // The code is warm, and all chats are known.
  await publish(account, 'normal', 1_000);
  await until(
    'warm',
    async () => (await waitingIn(account, 'delayed')) === 0,
    () => 50,
    60_000,
  );

  // As many come as leave, while the connector is stopped: what they cost their publisher is not counted, what they cost Redis neither.
  const rounds = async () => {
    let sum = zero;
    for (let round = 0; round * SHALLOW < MEASURED; round++) {
      connector.kill('SIGSTOP');
      await publish(account, 'normal', SHALLOW);
      sum = plus(sum, await costOf(connector, account, SHALLOW, () => connector.kill('SIGCONT')));
    }
    return sum;
  };
  const shallow = await rounds();
  await publish(account, 'normal', DEEP);
  await until(
    'all stand in rooms',
    async () => (await waitingIn(account, 'prioritized')) === 0,
    () => 50,
    60_000,
  );
  const depth = await waitingIn(account, 'delayed');
  const deep = await rounds();

  const per = (of) => (of.connector + of.redis) / of.sent;
  const row = (name, of, waiting) =>
    report.row({
      sends: name,
      waiting,
      'CPU µs per send': per(of).toFixed(0),
      connector: (of.connector / of.sent).toFixed(0),
      Redis: (of.redis / of.sent).toFixed(0),
      'script calls': (of.calls / of.sent).toFixed(2),
    });
  row('few jobs wait', shallow, SHALLOW);
  row('many jobs wait', deep, depth);
  report.figure('jobs waiting', depth, '', quick ? undefined : { atLeast: 80_000 });
  report.figure('CPU per send, 100 waiting', per(shallow), 'µs');
  report.figure('CPU per send, many waiting', per(deep), 'µs');
  report.figure('CPU per send, many against 100 waiting', per(deep) / per(shallow), '×', {
    atMost: 1.5,
  });
  report.figure(
    'Redis CPU per send, many against 100 waiting',
    deep.redis / deep.sent / (shallow.redis / shallow.sent),
    '×',
  );
  report.figure('script calls per send', deep.calls / deep.sent, '');
}

/** What waits for an account that may send ten times in five seconds, and what is asked for behind it. */
async function waiting(account) {
  await publish(account, 'bulk', BEHIND);
  await until(
    'it sends',
    async () => (await ask('count', { self: account.selfId })) >= RATE.sends,
    () => 50,
    30_000,
  );
  const reads = [];
  for (let n = 0; n < READS; n++) {
    const { result, ms } = await askFor(action(account, 'read', { name: 'get_status', params: {} }));
    if (result.outcome !== 'sent') throw new Error(`a read ended as ${JSON.stringify(result)}`);
    reads.push(ms);
  }
  const passed = [];
  for (let n = 0; n < REPLIES; n++) {
    // In the middle between two bursts, when nothing is on its way.
    await until(
      'a burst is over',
      async () => {
        const since = Date.now() - ((await ask('sent', { self: account.selfId })).at(-1)?.at ?? 0);
        return since > 1_000 && since < 3_000;
      },
      () => 50,
      30_000,
    );
    const reply = action(account, 'interactive');
    await publisher.publish(reply);
    const asked = Date.now();
    const find = async () => (await ask('sent', { self: account.selfId })).filter(({ at }) => at >= asked);
    let after = [];
    await until(
      'the reply is sent',
      async () => (after = await find()).some(({ text }) => text === reply.id),
      () => 50,
      30_000,
    );
    passed.push(after.findIndex(({ text }) => text === reply.id));
  }
  const times = (await ask('sent', { self: account.selfId })).map(({ at }) => at);
  // Whole windows only: how a span is cut says nothing about the use of it.
  const windows = Math.floor((times.at(-1) - times[0]) / (RATE.seconds * 1_000));
  const inThem = times.filter((at) => at < times[0] + windows * RATE.seconds * 1_000).length;
  report.figure('a read behind broadcast jobs, median', median(reads), 'ms', { atMost: 100 });
  report.figure('sends that left before a reply that came after them, most', Math.max(...passed), '', { atMost: 0 });
  report.figure('use of the budget while work waits', (100 * inThem) / (windows * RATE.sends), '%', { atLeast: 95 });
}

async function memory(connector, accounts) {
  const rss = () => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${connector.pid}/status`, 'utf8'))[1]);
  const before = rss();
  for (const account of accounts) await publish(account, 'normal', 20);
  await until(
    'all have sent',
    async () => (await Promise.all(accounts.map(({ selfId: self }) => ask('count', { self })))).every((n) => n > 0),
    () => 200,
    60_000,
  );
  await pause(2_000);
  report.figure('RSS that an account adds once it sends', (rss() - before) / accounts.length, 'KiB');
}

let failed;
try {
  await control.start();
  const accounts = await ask('serve', { accounts: MANY + 2, groups: 4 * (MANY + 2) });
  const connector = await startConnector(accounts);
  const [unlimited, limited, ...many] = accounts;
  await memory(connector, many);
  await waiting(limited);
  await cost(connector, unlimited);
  report.end(options.json);
} catch (error) {
  failed = error;
} finally {
  await processes.stop();
  receiver.kill('SIGKILL');
  await control.close();
  client.disconnect();
  await redis.stop();
  rmSync(folder, { recursive: true, force: true });
}
if (failed !== undefined) throw failed;
process.exit();
