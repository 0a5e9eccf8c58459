import { randomBytes } from 'node:crypto';
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer as createHttpServer, type Server } from 'node:http';
import { createServer, type AddressInfo, type Server as NetServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { connectRedis, type Redis } from '@rookery/redis';
import { Fleet, type FleetAccount } from '@rookery/simulator';
import { startTestRedis, type TestRedis } from '@rookery/testing';
import { WebSocket } from 'ws';
import { appendOnlyFile, leaksIn, wholeRedis, type Places } from './support/leaks';
import { freePort, metricValue, startProcess, until, type RunningProcess } from './support/processes';

const LIN = '1500000021';
const GROUP = '712345678';
const ROOT = join(__dirname, '../..');
const CLI = join(ROOT, 'dist/apps/cli/src/main.js');

/** Also a name that a metric of a plugin may have, so that the control finds it there. */
const canary = (name: string): string => `canary_${name}_${randomBytes(6).toString('hex')}`;
/** Tokens of the simulated accounts are random of themselves, and come on top. */
const secrets: Record<string, string> = {
  'the Redis password': canary('redis'),
  'a wrong Redis password': canary('redis_bad'),
  'the console token': canary('console'),
  'a wrong console token': canary('console_bad'),
  'the encryption key': canary('encryption_key'),
  'the webhook token': canary('webhook'),
  'the address of the webhook': canary('webhook_path'),
  'a header of the trace receiver': canary('otlp'),
  'the metrics token': canary('metrics'),
  'the mail password': canary('mail'),
  'a token that NapCat refuses': canary('napcat_bad'),
  'a token that we refuse': canary('reverse_bad'),
  'a token of a broken configuration': canary('broken'),
};
const secret = (name: keyof typeof secrets): string => String(secrets[name]);

let redis: TestRedis;
let link: Redis;
let listener: Redis;
let dir: string;
let fleet: Fleet;
let webhook: Server;
let webhookTokens: string[];
let mail: NetServer;
let reversePort: number;
let env: Record<string, string>;
let processes: Record<'connector' | 'worker' | 'console', RunningProcess>;
const messages: string[] = [];
const answers: string[] = [];
const printed: string[] = [];

const listening = async (server: NetServer): Promise<number> => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
};
const account = (index: number): FleetAccount => fleet.accounts[index] as FleetAccount;
const yamlOf = (one: FleetAccount, token = one.token) =>
  one.mode === 'forward'
    ? `  - { selfId: "${one.selfId}", mode: forward, url: "${one.url}", token: "${token}" }`
    : `  - { selfId: "${one.selfId}", mode: reverse, token: "${token}" }`;

beforeAll(async () => {
  redis = await startTestRedis({ appendOnly: true });
  link = await connectRedis(redis.url, 'consumer', 'test', () => undefined);
  const redisPort = await freePort();
  // Passwords belong to addresses with a port.
  await link.config('SET', 'port', String(redisPort));
  await link.config('SET', 'requirepass', secret('the Redis password'));
  const url = `redis://:${secret('the Redis password')}@127.0.0.1:${redisPort}`;
  listener = await connectRedis(url, 'consumer', 'test', () => undefined);
  await listener.psubscribe('*');
  listener.on('pmessage', (_pattern: string, channel: string, text: string) => messages.push(channel, text));

  dir = await mkdtemp(join(tmpdir(), 'rookery-secrets-'));
  webhookTokens = [];
  webhook = createHttpServer((request, response) => {
    webhookTokens.push(String(request.headers.authorization));
    response.writeHead(500).end('no');
  });
  mail = createServer((socket) => {
    socket.on('error', () => undefined).setTimeout(1_000, () => socket.destroy());
    // No TLS is offered, so that nothing may be said to it.
    socket.write('220 mail ESMTP\r\n');
    socket.on('data', () => socket.write('250 mail\r\n'));
  });
  reversePort = await freePort();
  fleet = await Fleet.start({
    accounts: 6,
    groups: 1,
    accountsPerGroup: 1,
    reverseUrl: `ws://127.0.0.1:${reversePort}/onebot/v11/ws`,
    reconnectMs: 200,
  });
  for (const one of fleet.accounts) secrets[`the token of ${one.selfId} (${one.mode})`] = one.token;
  const config = join(dir, 'rookery.yaml');
  await writeFile(
    config,
    [
      'partitions: 4',
      'limits: { profile: unlimited }',
      'brake: { turns: 0 }',
      'log: { level: trace }',
      `reverse: { port: ${reversePort} }`,
      `console: { token: "${secret('the console token')}" }`,
      `encryptionKey: "${secret('the encryption key')}"`,
      'alerts:',
      '  afterSeconds: 0',
      '  quietMinutes: 1',
      `  webhook: { url: "http://127.0.0.1:${await listening(webhook)}/${secret('the address of the webhook')}", token: "${secret('the webhook token')}" }`,
      `  mail: { host: 127.0.0.1, port: ${await listening(mail)}, user: someone, password: "${secret('the mail password')}", from: a@b.example, to: [c@d.example] }`,
      `telemetry: { otlp: { url: "http://127.0.0.1:${await freePort()}", headers: { authorization: "Bearer ${secret('a header of the trace receiver')}" }, share: 1 } }`,
      `metrics: { token: "${secret('the metrics token')}" }`,
      `plugins: [{ module: "${join(ROOT, 'test/fixtures/plugins/tells.js')}" }]`,
      'accounts:',
      yamlOf(account(0)),
      yamlOf(account(1), secret('a token that NapCat refuses')),
      yamlOf(account(2)),
    ].join('\n'),
  );
  env = { ROOKERY_CONFIG: config, REDIS_URL: url };
  const [connector, worker, console_] = await Promise.all([
    startProcess('connector', env),
    startProcess('worker', env),
    startProcess('console', env),
  ]);
  processes = { connector, worker, console: console_ };
});

afterAll(async () => {
  await Promise.all(Object.values(processes ?? {}).map((running) => running.stop()));
  await fleet?.close();
  webhook?.closeAllConnections();
  await Promise.all([webhook, mail].map((server) => new Promise((resolve) => server.close(resolve))));
  link?.disconnect();
  listener?.disconnect();
  await redis?.stop();
  await rm(dir, { recursive: true, force: true });
});

async function metricsOf({ http }: RunningProcess): Promise<string> {
  const headers = { authorization: `Bearer ${secret('the metrics token')}` };
  return (await fetch(`${http}/metrics`, { headers })).text();
}

/** What a command prints; kept for the search. */
async function rookery(args: readonly string[], input = '', more: Record<string, string> = {}): Promise<string> {
  const child = spawn(process.execPath, [CLI, ...args], { env: { PATH: process.env['PATH'] ?? '', ...env, ...more } });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => (output += text));
  child.stdin.end(input);
  await new Promise((resolve) => child.once('close', resolve));
  printed.push(output);
  return output;
}

/** What the console answers, head and body; kept for the search. */
async function api(method: string, path: string, body?: unknown, token = secret('the console token')): Promise<number> {
  const response = await fetch(`${processes.console.http}${path}`, {
    method,
    headers: { authorization: `Bearer ${token}`, ...(body !== undefined && { 'content-type': 'application/json' }) },
    ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  answers.push(JSON.stringify([...response.headers]), await response.text());
  return response.status;
}

/** Somebody dials in as an account, with a token in the header or, wrongly, in the address. */
async function dialIn(self: string, token: string, where: 'header' | 'address'): Promise<number> {
  const query = where === 'address' ? `?access_token=${token}` : '';
  const headers = { 'X-Self-ID': self, ...(where === 'header' && { Authorization: `Bearer ${token}` }) };
  const socket = new WebSocket(`ws://127.0.0.1:${reversePort}/onebot/v11/ws${query}`, { headers });
  return await new Promise((resolve, reject) => {
    socket.on('error', () => undefined);
    socket.on('unexpected-response', (_request, { statusCode = 0 }) => resolve(statusCode));
    socket.on('open', () => reject(new Error('it was let in')));
  });
}

/** A start that must fail; what it says is kept for the search. */
async function failedStart(yaml: string, more: Record<string, string> = {}): Promise<void> {
  const file = join(dir, `broken-${randomBytes(4).toString('hex')}.yaml`);
  await writeFile(file, yaml);
  const error = await startProcess('connector', { ...env, ROOKERY_CONFIG: file, ...more }).then(
    () => new Error('it started'),
    (thrown: Error) => thrown,
  );
  expect(error.message).not.toBe('it started');
  printed.push(error.message);
}

async function everywhere(): Promise<Places> {
  const { connector, worker, console: console_ } = processes;
  const named = Object.entries({ connector, worker, console: console_ });
  const per = async (what: string, text: (running: RunningProcess) => string | Promise<string>) =>
    Promise.all(named.map(async ([app, running]) => [`${what} of the ${app}`, await text(running)] as const));
  return Object.fromEntries([
    ...(await per('the log', ({ lines }) => JSON.stringify(lines))),
    ...(await per('the metrics', metricsOf)),
    ...(await per('the readiness', async ({ http }) => (await fetch(`${http}/readyz`)).text())),
    ...(await per('the arguments', ({ pid }) => readFileSync(`/proc/${pid}/cmdline`, 'utf8'))),
    ['the keys and values of Redis', await wholeRedis(link)],
    ['the append-only file', await appendOnlyFile(link)],
    ['the messages between nodes', messages.join('\n')],
    ['the answers of the console', answers.join('\n')],
    ['the output of the command line', printed.join('\n')],
  ]);
}

const sent = () => fleet.world.audit.sent().length;

describe('secrets', () => {
  it('are in no log line, metric, Redis value, message, answer, output or error, whatever goes wrong', async () => {
    const { connector } = processes;
    const [cliAdded, httpAdded, stranger] = [account(3), account(4), account(5)];
    const url = (one: FleetAccount) => (one.mode === 'forward' ? one.url : '');
    await rookery(['accounts', 'add', cliAdded.selfId, '--forward', url(cliAdded), '--token-stdin'], cliAdded.token);
    const added = { selfId: httpAdded.selfId, mode: 'forward', url: url(httpAdded), token: httpAdded.token };
    expect(await api('POST', '/api/accounts', added)).toBe(201);
    expect(await api('POST', '/api/accounts', added)).toBe(409);
    await until('four are online', async () =>
      (await metricsOf(connector)).includes('rookery_accounts{state="online"} 4'),
    );
    await until('the one with a wrong token has failed', async () =>
      (await metricsOf(connector)).includes('rookery_accounts{state="failed"} 1'),
    );
    const before = sent();
    fleet.world.say(LIN, { group: GROUP }, '/ping');
    fleet.world.say(LIN, { private: cliAdded.selfId }, '/ping');
    await until('both are answered', () => sent() === before + 2);

    expect(await api('GET', '/api/accounts', undefined, secret('a wrong console token'))).toBe(401);
    expect(await api('GET', `/api/accounts?token=${secret('the console token')}`, undefined, 'x')).toBe(401);
    for (const path of ['', `/${cliAdded.selfId}`, `/${account(1).selfId}/history`, `/${cliAdded.selfId}/why`, '/0'])
      await api('GET', `/api/accounts${path}`);
    for (const path of ['nodes', 'limits', 'broadcasts', 'assignments']) await api('GET', `/api/${path}`);
    const broken = { ...added, selfId: '77', token: `${secret('a token of a broken configuration')} with spaces` };
    expect(await api('POST', '/api/accounts', broken)).toBe(400);
    expect(await api('POST', '/api/accounts', `{"token":"${secret('a token of a broken configuration')}"`)).toBe(400);

    // The address may have used up its attempts by then: the stranger among the simulated accounts dials all the time.
    for (const [self, token, where] of [
      [account(2).selfId, secret('a token that we refuse'), 'header'],
      [account(2).selfId, account(2).token, 'address'],
      [stranger.selfId, stranger.token, 'header'],
    ] as const)
      expect([401, 429]).toContain(await dialIn(self, token, where));

    const asked = [
      ...['list', `status ${cliAdded.selfId}`, `history ${account(1).selfId}`, `why ${cliAdded.selfId}`].map(
        (args) => `accounts ${args} --json`,
      ),
      ...['nodes', 'limits show', 'plugin list', 'broadcast list', 'dead-letters list', 'trace'],
    ];
    await Promise.all(asked.map((args) => rookery(args.split(' '))));
    const token = secret('a token of a broken configuration');
    const elsewhere = {
      REDIS_URL: env['REDIS_URL']?.replace(/:[^:@]*@/, `:${secret('a wrong Redis password')}@`) ?? '',
    };
    const [, refused, keyless] = await Promise.all([
      rookery(['accounts', 'add', '78', '--forward', 'ws://127.0.0.1:1', '--token-stdin'], broken.token),
      rookery(['accounts', 'list'], '', elsewhere),
      rookery(['accounts', 'list'], '', { ROOKERY_KEY: token }),
    ]);
    expect(refused).toMatch(/refuses us/);
    expect(keyless).not.toBe('');

    await Promise.all([
      failedStart(`accounts: []`, elsewhere),
      failedStart(`redis: { url: "http://:${token}@127.0.0.1:1" }`, { REDIS_URL: '' }),
      failedStart(`accounts: [{ selfId: "1", mode: forward, url: "ws://127.0.0.1:1?access_token=${token}" }]`),
      failedStart(`accounts: [{ selfId: "1", mode: reverse, token: "${token} x" }]`),
      failedStart(`accounts: [{ selfId: "1", mode: reverse, tokn: "${token}" }]`),
      failedStart(
        `accounts:\n${['1', '2'].map((self) => `  - { selfId: "${self}", mode: reverse, token: "${token}" }`).join('\n')}`,
      ),
      failedStart(`console: { token: "${token}", host: "0.0.0.0" }\nencryptionKey: "${token.slice(0, 20)}"`),
      failedStart(`alerts: { webhook: { url: "http://user:${token}@127.0.0.1/" } }`),
      failedStart(`accounts: [\n  { selfId: "1", token: "${token}"`),
    ]);

    await until('people were to be told by both ways', async () => {
      const failed = await Promise.all(
        Object.values(processes).map(async (running) => {
          const text = await metricsOf(running);
          return ['webhook', 'mail'].map((channel) =>
            metricValue(text, `rookery_notices_total{channel="${channel}",result="failed"}`),
          );
        }),
      );
      return [0, 1].every((channel) => failed.some((counts) => (counts[channel] ?? 0) > 0));
    });
    expect(webhookTokens).toContain(`Bearer ${secret('the webhook token')}`);
    // Redis goes away under all of them, and comes back with another password.
    await link.config('SET', 'requirepass', secret('a wrong Redis password'));
    await link.call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes');
    await until('that is noticed', () => connector.lines.some(({ msg }) => /trouble with Redis/.test(String(msg))));
    await link.config('SET', 'requirepass', secret('the Redis password'));

    expect(leaksIn(await everywhere(), secrets)).toEqual([]);
    expect(await wholeRedis(link)).toMatch(/"a1\.[\w-]+\.[\w-]+\.[\w-]+/);
    expect(messages.length).toBeGreaterThan(0);
  }, 180_000);

  it('control: are found wherever somebody lets them out', async () => {
    const planted = secret('the console token');
    await until('all are at work again', async () => {
      const answers_ = await Promise.all(Object.values(processes).map(({ http }) => fetch(`${http}/readyz`)));
      return answers_.every(({ ok }) => ok);
    });
    const before = sent();
    fleet.world.say(LIN, { group: GROUP }, `/tell ${planted}`);
    await until('an answer', () => sent() > before);
    const message = [{ type: 'text', data: { text: Buffer.from(planted).toString('base64') } }];
    expect(await api('POST', '/api/broadcasts', { to: { groups: [GROUP] }, message })).toBe(201);
    await rookery(['broadcast', 'list', '--json']);
    const found = leaksIn(await everywhere(), { it: planted });
    expect(found).toEqual([
      'it in the log of the worker',
      'it in the metrics of the worker',
      'it in the keys and values of Redis',
      'it in the append-only file',
      'it in the answers of the console',
      'it in the output of the command line',
    ]);
  });
});
