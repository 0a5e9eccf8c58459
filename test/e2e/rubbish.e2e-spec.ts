import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { connectRedis, type Redis } from '@rookery/redis';
import { Fleet } from '@rookery/simulator';
import { fuzzing, JSON_SPLINTERS, JSON_VALUES, mutated, startTestRedis, type TestRedis } from '@rookery/testing';
import fc from 'fast-check';
import { metricValue, startProcess, until, type RunningProcess } from './support/processes';

const LIN = '1500000021';
const GROUP = '712345678';
const TOKEN = 'console-canary-6d1f0c';
const ACCOUNT_TOKEN = 'account-canary-77aa10';
/** Printed with every failure; ROOKERY_TEST_SEED takes another one. */
const { seed } = fuzzing(1);

let server: TestRedis;
let redis: Redis;
let dir: string;
let fleet: Fleet;
let self: string;
let processes: Record<'connector' | 'worker' | 'console', RunningProcess>;

beforeAll(async () => {
  server = await startTestRedis({ appendOnly: true });
  redis = await connectRedis(server.url, 'consumer', 'test', () => undefined);
  dir = await mkdtemp(join(tmpdir(), 'rookery-rubbish-'));
  fleet = await Fleet.start({ accounts: 1, groups: 1, reverseUrl: 'ws://127.0.0.1:1/', reconnectMs: 100 });
  const [account] = fleet.accounts;
  if (account?.mode !== 'forward') throw new Error('the first account of a fleet is dialled');
  self = account.selfId;
  const config = {
    partitions: 2,
    reverse: { port: 0 },
    limits: { profile: 'unlimited' },
    console: { token: TOKEN },
    log: { level: 'trace' },
    accounts: [{ selfId: self, mode: 'forward', url: account.url, token: account.token }],
  };
  await writeFile(join(dir, 'rookery.yaml'), JSON.stringify(config));
  const env = { ROOKERY_CONFIG: join(dir, 'rookery.yaml'), REDIS_URL: server.url, ROOKERY_KEY: 'k'.repeat(40) };
  const [connector, worker, console_] = await Promise.all([
    startProcess('connector', env),
    startProcess('worker', env),
    startProcess('console', env),
  ]);
  processes = { connector, worker, console: console_ };
  await until('the account is online', async () =>
    (await connector.metrics()).includes('rookery_accounts{state="online"} 1'),
  );
  await answers('before anything is broken');
});
afterAll(async () => {
  // All three are those that were started, and end as they are told.
  const ends = await Promise.all(Object.values(processes ?? {}).map((running) => running.stop()));
  await fleet?.close();
  redis?.disconnect();
  await server?.stop();
  await rm(dir, { recursive: true, force: true });
  expect(ends).toEqual([0, 0, 0]);
});

const sent = () => fleet.world.audit.sent().length;
async function answers(when: string): Promise<void> {
  const before = sent();
  fleet.world.say(LIN, { group: GROUP }, '/ping');
  await until(`an answer ${when}, seed ${seed}`, () => sent() > before);
}

const some = (samples: readonly string[], usual: number, splinters = JSON_SPLINTERS, values = JSON_VALUES): string[] =>
  fc.sample(mutated(samples, splinters, values), { seed, numRuns: fuzzing(usual).numRuns });

/** The unforeseen of a process: what nobody caught, or called a fault of ours. */
const unforeseen = () =>
  Object.entries(processes).flatMap(([app, { lines }]) =>
    lines
      .filter(
        ({ level, msg, stack }) =>
          level === 'fatal' || /unhandled|uncaught|TypeError/i.test(`${String(msg)}${String(stack)}`),
      )
      .map((line) => ({ app, line })),
  );

describe('rubbish in Redis', () => {
  it('said on every channel that a process listens to is refused, counted, and harms nothing', async () => {
    const listened = (await redis.call('PUBSUB', 'CHANNELS', '*')) as string[];
    expect(listened.length).toBeGreaterThan(8);
    const packet = (data: object) => JSON.stringify({ pattern: 'x', data: { v: 1, ...data }, id: 'canary-1' });
    const samples = [
      packet({ accounts: [self] }),
      packet({ node: 'worker-1' }),
      packet({ name: 'account.status', ask: { self } }),
      packet({ name: 'node.info', ask: {} }),
      packet({ results: [{ id: 'a.1', self, outcome: 'sent', endedAt: 5, data: { message_id: 1 } }] }),
      JSON.stringify({ id: 'canary-1', response: { v: 1, answer: {} }, isDisposed: true }),
      'null',
      '[]',
      '5',
    ];
    for (const channel of listened) for (const text of some(samples, 40)) await redis.publish(channel, text);
    await answers('after rubbish on the channels');
    expect(unforeseen()).toEqual([]);
    const exposition = await processes.connector.metrics();
    expect(metricValue(exposition, 'rookery_control_refused_total{reason="malformed"}')).toBeGreaterThan(0);
  });

  it('put into every queue is set aside with a reason, and what is behind it is handled', async () => {
    const event = { id: 'e.1', type: 'meta', self, conversation: `account:${self}`, receivedAt: 5 };
    const envelope = { v: 2, partition: 0, node: 'connector-1', seq: 1, heads: [event], bodies: [0] };
    const action = { v: 1, id: 'a.1', self, name: 'get_status', params: {}, lane: 'read', createdAt: 5, expiresAt: 6 };
    const samples = [envelope, { ...action, origin: { plugin: 'x' } }, { schedule: 'x', at: 5 }];
    const inLines = (json: string) => json.replace('"bodies":[0]', '"bodies":[\n0\n]');
    const texts = some(
      samples.map((sample) => inLines(JSON.stringify(sample))),
      25,
    );
    const queues = ['events-{p0}', 'events-{p1}', `actions-{a${self}}`, `reads-{a${self}}`, 'schedules-{schedules}'];
    for (const queue of queues) {
      for (const [index, data] of texts.entries()) {
        const id = `rubbish-${index}`;
        const job = { name: 'rubbish', data, opts: '{"attempts":1}', timestamp: '5', delay: '0', priority: '0' };
        await redis.hset(`rookery:${queue}:${id}`, index % 5 === 4 ? { data } : job);
        await redis.lpush(`rookery:${queue}:wait`, id);
      }
      await redis.zadd(`rookery:${queue}:marker`, '0', '0');
    }
    await redis.publish('rookery:actions-waiting', JSON.stringify({ data: { v: 1, accounts: [self] } }));
    await answers('after rubbish in the queues');
    for (const queue of queues.slice(0, 2))
      await until(`${queue} is empty, seed ${seed}`, async () => (await redis.llen(`rookery:${queue}:wait`)) === 0);
    for (const queue of queues)
      await until(`${queue} has set aside, seed ${seed}`, async () => {
        return (await redis.zcard(`rookery:${queue}:failed`)) > texts.length / 3;
      });
    await answers('after all of it was set aside');
    expect(unforeseen()).toEqual([]);
  });
});

/** One raw request on a connection of its own; what came back until the server closed or fell silent. */
function raw(text: string, silenceMs = 2_000): Promise<string> {
  return new Promise((resolve) => {
    let answer = '';
    const { port, hostname } = new URL(processes.console.http);
    const socket = connect({ port: Number(port), host: hostname });
    socket.setEncoding('latin1').on('data', (part: string) => {
      answer += part;
      // The last thing of an answer to a request that is whole.
      if (/\}$|\r\n\r\n$/.test(answer)) socket.destroy();
    });
    // One that is not whole is waited for.
    socket.setTimeout(silenceMs, () => socket.destroy());
    socket.on('error', () => undefined).on('close', () => resolve(answer));
    socket.write(text, 'latin1');
  });
}

const requestText = (method: string, path: string, body?: object): string => {
  const json = body === undefined ? '' : JSON.stringify(body);
  const head = [`${method} /api${path} HTTP/1.1`, 'Host: 127.0.0.1', `Authorization: Bearer ${TOKEN}`, 'If-Match: "3"'];
  const entity =
    body === undefined ? [] : ['Content-Type: application/json', `Content-Length: ${Buffer.byteLength(json)}`];
  return `${[...head, ...entity].join('\r\n')}\r\n\r\n${json}`;
};
const REQUESTS = [
  requestText('GET', '/accounts?limit=5&after=10001'),
  requestText('GET', '/accounts/10001/history?limit=3'),
  requestText('POST', '/accounts', { selfId: '20001', mode: 'reverse', token: ACCOUNT_TOKEN }),
  requestText('POST', '/accounts/10001/move', { node: null }),
  requestText('POST', '/accounts/10001/reconnect'),
  requestText('DELETE', '/accounts/20001'),
  requestText('POST', '/nodes/worker-x/drain'),
  requestText('POST', '/broadcasts', { to: { groups: ['1'] }, message: ['hello'] }),
  requestText('GET', '/broadcasts/b.1?failures=2'),
  requestText('PUT', '/limits/account:10001', { perDay: 500 }),
  requestText('DELETE', '/limits/global'),
  requestText('PUT', '/assignments/default/70', { account: '10001' }),
];
const HTTP_SPLINTERS = [
  ...JSON_SPLINTERS,
  ...[
    '\r\n',
    '\r\n\r\n',
    ' ',
    '%00',
    '%2e%2e%2f',
    '/../',
    '?',
    '&limit=1&limit=2',
    '[]=1',
    '#',
    ':',
    '\t',
    '\x00',
    '\xff',
  ],
  ...['Transfer-Encoding: chunked\r\n', 'Content-Length: 99999999\r\n', 'Expect: 100-continue\r\n', 'Host: evil\r\n'],
  ...['Content-Type: text/plain\r\n', 'Content-Encoding: gzip\r\n', 'Upgrade: websocket\r\nConnection: upgrade\r\n'],
  ...['HTTP/9.9', 'TRACE', 'x'.repeat(9_000), 'constructor', '__proto__', 'toString', '9'.repeat(400), '-1', '1e9'],
];

const PARALLEL = 60;

describe('rubbish at the admin API', () => {
  it('is never a fault of ours, never ends the process, and no answer repeats a credential', async () => {
    const texts = some(REQUESTS, 300, HTTP_SPLINTERS, /(?<=":)(?:"[^"]*"|\d+|null)|(?<=[/=:])[^/\s?&=]+/g);
    const statuses = new Map<number, number>();
    for (let at = 0; at < texts.length; at += PARALLEL) {
      const part = texts.slice(at, at + PARALLEL);
      const replies = await Promise.all(part.map((text) => raw(text)));
      for (const [index, reply] of replies.entries()) {
        const status = Number(/^HTTP\/1\.1 (\d{3})/.exec(reply)?.[1] ?? 0);
        statuses.set(status, (statuses.get(status) ?? 0) + 1);
        // 504: a process that is asked for by name and is not there.
        const wrong = (status >= 500 && status !== 504) || reply.includes(TOKEN) || reply.includes(ACCOUNT_TOKEN);
        expect(wrong ? { seed, request: part[index], reply } : undefined).toBeUndefined();
      }
    }
    // Some got through, some were refused, for several reasons; 0 is a connection that never was a whole request.
    const seen = [200, 400, 401, 404].filter((status) => statuses.has(status));
    expect(seen).toEqual([200, 400, 401, 404]);
    expect((await raw(requestText('GET', '/nodes'), 10_000)).slice(0, 15)).toBe('HTTP/1.1 200 OK');
    expect(unforeseen()).toEqual([]);
    const logged = JSON.stringify(processes.console.lines);
    expect([logged.includes(TOKEN), logged.includes(ACCOUNT_TOKEN)]).toEqual([false, false]);
    await answers('after rubbish at the admin API');
  });
});
