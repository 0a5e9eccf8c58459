import { request } from 'node:http';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { checkAccount, loadConfig, loadProcessSettings, Secret, type RookeryConfig } from '@rookery/config';
import { DEFAULT_POOL, nodeId, selfId } from '@rookery/protocol';
import {
  AccountBoardWriter,
  AccountEvents,
  AccountRegistry,
  connectRedis,
  GroupAssignments,
  HoldMemories,
  type Redis,
} from '@rookery/redis';
import { createHttpApplication, Service } from '@rookery/service';
import { startTestRedis, type TestRedis } from '@rookery/testing';
import { ConsoleModule } from './console.module';

const TOKEN = 'console-token-for-tests';
const READ_TOKEN = 'console-token-that-reads';
const SECRET = 'account-token-that-must-not-leak';
const self = selfId('10001');

let server: TestRedis;
let redis: Redis;
let config: RookeryConfig;
let stop: () => Promise<void>;
let port: number;
let registry: AccountRegistry;

beforeAll(async () => {
  Logger.overrideLogger(false);
  server = await startTestRedis();
  redis = await connectRedis(server.url, 'producer', 'test', () => undefined);
  const env = { REDIS_URL: server.url, ROOKERY_LOG_LEVEL: 'silent', ROOKERY_KEY: 'k'.repeat(32) };
  const base = loadConfig({});
  const console_ = { ...base.console, token: new Secret(TOKEN), readToken: new Secret(READ_TOKEN) };
  const account = checkAccount({ selfId: '10001', mode: 'forward', url: 'ws://127.0.0.1:3001' }, 'test', base.reverse);
  config = { ...base, console: { ...console_, allowedHosts: ['bots.example.org'] }, accounts: [account] };
  const service = new Service('console', config, loadProcessSettings(env, 'console'), ['redis']);
  const application = await createHttpApplication(service, ConsoleModule.create());
  await application.listen(0, '127.0.0.1');
  port = Number(new URL(await application.getUrl()).port);
  stop = () => application.close();
});
afterAll(async () => {
  await stop();
  redis.disconnect();
  await server.stop();
});
beforeEach(async () => {
  await redis.flushall();
  registry = new AccountRegistry({ redis, config });
  await registry.seed();
});

interface Ask {
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}
interface Reply {
  readonly status: number;
  readonly headers: NodeJS.Dict<string | string[]>;
  readonly text: string;
  readonly json: Record<string, unknown>;
}

/** As it goes over the wire: fetch would correct hosts and paths. */
function ask(method: string, path: string, { headers = {}, body }: Ask = {}): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const all = {
      authorization: `Bearer ${TOKEN}`,
      ...(body !== undefined && {
        'content-type': 'application/json',
        'content-length': String(Buffer.byteLength(body)),
      }),
      ...headers,
    };
    const call = request({ host: '127.0.0.1', port, method, path: `/api${path}`, headers: all }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (part: string) => (text += part));
      response.on('end', () => {
        let json = {};
        if (text.startsWith('{')) json = JSON.parse(text) as Record<string, unknown>;
        resolve({ status: response.statusCode ?? 0, headers: response.headers, text, json });
      });
    });
    call.on('error', reject).end(body);
  });
}

const send = (method: string, path: string, body: unknown, headers = {}) =>
  ask(method, path, { body: JSON.stringify(body), headers });

describe('the API of accounts', () => {
  it('lists them in pages, each with its state', async () => {
    for (const id of ['9', '10002', '10003']) {
      await registry.add(checkAccount({ selfId: id, mode: 'forward', url: 'ws://x' }, 'test', config.reverse));
    }
    await new AccountBoardWriter(redis, nodeId('connector-1')).post([
      { self, pool: DEFAULT_POOL, mode: 'forward', state: 'deaf', reason: 'silent', since: 7 },
    ]);
    const numbers = ({ json }: Reply) => (json['accounts'] as { self: string }[]).map((account) => account.self);
    const all = await ask('GET', '/accounts');
    expect(numbers(all)).toEqual(['9', '10001', '10002', '10003']);
    expect(all.json['total']).toBe(4);
    expect((all.json['accounts'] as object[])[1]).toMatchObject({
      state: 'deaf',
      reason: 'silent',
      node: 'connector-1',
    });
    expect(numbers(await ask('GET', '/accounts?limit=2'))).toEqual(['9', '10001']);
    expect(numbers(await ask('GET', '/accounts?limit=2&after=10001'))).toEqual(['10002', '10003']);
    expect(numbers(await ask('GET', '/accounts?after=10003'))).toEqual([]);
  });

  it.each([
    ['stop', 'stopped'],
    ['pause', 'paused'],
    ['start', 'started'],
    ['resume', 'started'],
  ])('%s makes it wanted %s', async (wish, wanted) => {
    const { status, json } = await ask('POST', `/accounts/10001/${wish}`);
    expect([status, json['wanted']]).toEqual([200, wanted]);
    expect((await registry.find(self)).wanted).toBe(wanted);
  });

  it('adds one, never shows its token, and removes it', async () => {
    const added = await send('POST', '/accounts', { selfId: '10002', mode: 'reverse', token: SECRET });
    expect([added.status, added.json['self'], added.json['source']]).toEqual([201, '10002', 'added']);
    const seen = [added.text, (await ask('GET', '/accounts')).text, (await ask('GET', '/accounts/10002')).text];
    expect(seen.join('')).not.toContain(SECRET);
    expect(JSON.stringify(await redis.hgetall('rookery:accounts'))).not.toContain(SECRET);
    expect((await ask('DELETE', '/accounts/10002')).status).toBe(204);
    expect((await ask('GET', '/accounts/10002')).status).toBe(404);
  });

  it('of two opposite commands that saw the same state, the second is refused', async () => {
    const { headers } = await ask('GET', '/accounts/10001');
    const seen = { headers: { 'if-match': String(headers['etag']) } };
    expect((await ask('POST', '/accounts/10001/pause', seen)).status).toBe(200);
    const second = await ask('POST', '/accounts/10001/stop', seen);
    expect([second.status, second.json]).toMatchObject([409, { error: { code: 'ACCOUNT_CHANGED' } }]);
    expect((await registry.find(self)).wanted).toBe('paused');
  });

  it('has the history, newest first', async () => {
    const change = { self, from: 'connecting', to: 'online', reason: 'connected', at: 5 } as const;
    await new AccountEvents(redis).append(nodeId('connector-1'), [
      change,
      { ...change, from: 'online', to: 'offline' },
    ]);
    const { json } = await ask('GET', '/accounts/10001/history?limit=1');
    expect(json['history']).toMatchObject([{ from: 'online', to: 'offline' }]);
  });

  it('tells what keeps sends of an account back, and what is used of its limits', async () => {
    const until = Date.now() + 3_600_000;
    await new HoldMemories(redis).save(self, { breakers: [], mutes: [['group:77', until]] });
    const { status, json } = await ask('GET', '/accounts/10001/why');
    expect([status, json]).toMatchObject([
      200,
      {
        account: { self, state: 'stopped' },
        profile: 'default',
        day: { used: 0, most: 3_000 },
        reasons: [
          { kind: 'state', state: 'stopped' },
          { kind: 'muted', chat: 'group:77', until },
        ],
      },
    ]);
  });

  it.each<[string, string, string, unknown, number, RegExp]>([
    ['the waiting of an unknown account', 'GET', '/accounts/404/why', undefined, 404, /ACCOUNT_UNKNOWN/],
    ['an unknown account', 'POST', '/accounts/404/stop', undefined, 404, /ACCOUNT_UNKNOWN/],
    ['the history of an unknown account', 'GET', '/accounts/404/history', undefined, 404, /ACCOUNT_UNKNOWN/],
    [
      'an account that is there',
      'POST',
      '/accounts',
      { selfId: '10001', mode: 'forward', url: 'ws://x' },
      409,
      /EXISTS/,
    ],
    ['an account of the file to remove', 'DELETE', '/accounts/10001', undefined, 409, /IN_FILE/],
    ['a reconnect of what nobody holds', 'POST', '/accounts/10001/reconnect', undefined, 409, /LINK_DOWN/],
    [
      'an account without what it needs',
      'POST',
      '/accounts',
      { selfId: '10002', mode: 'reverse' },
      400,
      /token: is missing/,
    ],
    ['an account with an unknown key', 'POST', '/accounts', { selfId: '10002', modus: 'x' }, 400, /modus: unknown key/],
    ['no account at all', 'POST', '/accounts', undefined, 400, /selfId: is missing/],
    ['a list as an account', 'POST', '/accounts', [], 400, /CONFIG_INVALID/],
    ['a move to nowhere', 'POST', '/accounts/10001/move', { node: 'connector-gone' }, 404, /NODE_UNKNOWN/],
    ['a move without a node', 'POST', '/accounts/10001/move', {}, 400, /the body must be/],
    ['a move to a name that is none', 'POST', '/accounts/10001/move', { node: '../x' }, 400, /must be a name/],
    ['a drain of a node that is gone', 'POST', '/nodes/worker-gone/drain', undefined, 404, /NODE_UNKNOWN/],
    ['a version that is none', 'POST', '/accounts/10001/move', { node: null }, 400, /If-Match/],
  ])('refuses %s', async (name, method, path, body, status, text) => {
    const headers: Record<string, string> = name.includes('version') ? { 'if-match': '*' } : {};
    const reply = body === undefined ? await ask(method, path) : await send(method, path, body, headers);
    expect([reply.status, reply.text]).toEqual([status, expect.stringMatching(text)]);
  });
});

describe('the API of nodes', () => {
  it('lists the console itself', async () => {
    const { json } = await ask('GET', '/nodes');
    expect(json['nodes']).toMatchObject([{ app: 'console', silent: false, ready: true }]);
  });
});

describe('who may call the API', () => {
  it.each([
    ['no credential', {}],
    ['a wrong token', { authorization: 'Bearer wrong' }],
    ['an empty token', { authorization: 'Bearer ' }],
    ['the token in another scheme', { authorization: `Basic ${TOKEN}` }],
    ['the token with more behind it', { authorization: `Bearer ${TOKEN}x` }],
  ])('%s: 401, for reading and for changing', async (_name, headers) => {
    for (const [method, path] of [
      ['GET', '/accounts'],
      ['POST', '/accounts/10001/stop'],
      ['GET', '/nodes'],
    ] as const) {
      const reply = await ask(method, path, { headers: { authorization: '', ...headers } });
      expect([reply.status, reply.text]).toEqual([401, expect.not.stringContaining(TOKEN)]);
    }
    expect((await registry.find(self)).wanted).toBe('started');
  });

  it('with the token that reads: everything is seen, and a change is a 403 that says which token it takes', async () => {
    const headers = { authorization: `Bearer ${READ_TOKEN}` };
    for (const path of ['/accounts', '/accounts/10001', '/nodes', '/limits', '/assignments', '/broadcasts'])
      expect([path, (await ask('GET', path, { headers })).status]).toEqual([path, 200]);
    for (const [method, path, body] of [
      ['POST', '/accounts/10001/stop'],
      ['POST', '/accounts', { selfId: '10002', mode: 'reverse', token: SECRET }],
      ['DELETE', '/accounts/10001'],
      ['POST', '/accounts/404/stop'],
      ['POST', '/nodes/worker-1/drain'],
      ['POST', '/broadcasts', { to: { groups: ['1'] }, message: 'x' }],
      ['PUT', '/limits/global', { perDay: 1 }],
      ['PUT', '/assignments/default/70', { account: '10001' }],
    ] as const) {
      const reply = await (body ? send(method, path, body, headers) : ask(method, path, { headers }));
      expect([method, path, reply.status, reply.text]).toEqual([
        method,
        path,
        403,
        expect.stringContaining('console.token'),
      ]);
      expect(reply.text).not.toContain(READ_TOKEN);
    }
    expect((await registry.find(self)).wanted).toBe('started');
    expect(await registry.list()).toHaveLength(1);
  });

  it.each([
    ['evil.example', 403],
    ['evil.example:9300', 403],
    ['localhost.evil.example', 403],
    ['127.0.0.1.evil.example', 403],
    ['localhost:9300', 200],
    ['LOCALHOST', 200],
    ['127.0.0.1', 200],
    ['[::1]:9300', 200],
    ['192.168.1.7:9300', 200],
    ['bots.example.org', 200],
  ])('under the name %j: %d, since a page may have pointed its own name at us', async (host, status) => {
    expect((await ask('GET', '/accounts', { headers: { host } })).status).toBe(status);
  });

  it.each([
    ['http://evil.example', 403],
    ['null', 403],
    ['http://127.0.0.1:1', 403],
    ['http://localhost:9300', 200],
  ])('from a page of %s: %d', async (origin, status) => {
    const headers = { host: 'localhost:9300', origin };
    expect((await ask('POST', '/accounts/10001/stop', { headers })).status).toBe(status);
  });
});

describe('what the API takes in', () => {
  const body = (size: number) => JSON.stringify({ selfId: 'x'.repeat(size) });

  it.each([
    ['a body of 10 MB', body(10 * 1024 * 1024), 'application/json', 413],
    ['a body just too large', body(64 * 1024), 'application/json', 413],
    ['a form', 'selfId=10002', 'application/x-www-form-urlencoded', 415],
    ['text', '{"selfId":"10002"}', 'text/plain', 415],
    ['no JSON', '{"selfId":', 'application/json', 400],
    ['deep JSON', `${'{"a":'.repeat(5000)}1${'}'.repeat(5000)}`, 'application/json', 400],
    ['another prototype', '{"__proto__":{"selfId":"10002"}}', 'application/json', 400],
  ])('%s is refused', async (_name, text, type, status) => {
    const reply = await ask('POST', '/accounts', { body: text, headers: { 'content-type': type } });
    expect(reply.status).toBe(status);
    expect(await registry.list()).toHaveLength(1);
  });

  it.each([
    'a',
    '0',
    '-1',
    '1e3',
    '010001',
    '10001%00',
    '..%2f10001',
    '10001%0a',
    '%2e%2e',
    '9'.repeat(30),
    '%E0%A4%A',
  ])('the account %s is none', async (id) => {
    const reply = await ask('POST', `/accounts/${id}/stop`);
    expect(reply.status).toBe(400);
    expect((await registry.list()).map(({ wanted }) => wanted)).toEqual(['started']);
  });

  it.each(['-1', '0', '1000000000', '1.5', 'all', ''])('the page size %j is none', async (size) => {
    expect((await ask('GET', `/accounts?limit=${size}`)).status).toBe(400);
    expect((await ask('GET', `/accounts/10001/history?limit=${size}`)).status).toBe(400);
  });

  it('probes need no token and name no account', async () => {
    const answer = await fetch(`http://127.0.0.1:${port}/readyz`);
    expect(await answer.json()).toEqual({ status: 'ready' });
    const metrics = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
    for (const secret of [TOKEN, SECRET]) expect(metrics).not.toContain(secret);
    // Names and labels only: a measured value may hold the digits of an account by chance.
    expect(metrics.replace(/ [-+.\w]+$/gm, '')).not.toContain('10001');
  });
});

describe('the API of broadcasts', () => {
  it('starts one, shows it, and changes what is wanted of it', async () => {
    const started = await send('POST', '/broadcasts', {
      to: { groups: ['1', '2'] },
      message: ['hello ', { type: 'face', data: { id: '1' } }],
    });
    expect(started).toMatchObject({
      status: 201,
      json: { state: 'running', createdBy: 'console', counts: { total: 2 } },
    });
    const path = `/broadcasts/${String(started.json['id'])}`;
    expect((await ask('POST', `${path}/pause`)).json).toMatchObject({ state: 'paused' });
    expect((await ask('POST', `${path}/resume`)).json).toMatchObject({ state: 'running' });
    expect((await ask('POST', `${path}/cancel`)).json).toMatchObject({ state: 'cancelling' });
    expect(await ask('POST', `${path}/resume`)).toMatchObject({
      status: 409,
      json: { error: { code: 'BROADCAST_ENDED' } },
    });
    expect((await ask('GET', path)).json).toMatchObject({ state: 'cancelling', failures: [] });
    expect((await ask('GET', '/broadcasts?limit=1')).json['broadcasts']).toHaveLength(1);
  });

  it.each([
    ['an empty message', { to: 'groups', message: '' }, 400, 'ACTION_INVALID'],
    ['nobody', { to: {}, message: 'x' }, 400, 'BROADCAST_INVALID'],
    ['no body', undefined, 400, 'BROADCAST_INVALID'],
    ['a pool without accounts', { pool: 'other', to: 'groups', message: 'x' }, 400, 'BROADCAST_INVALID'],
    [
      'a private address of a picture',
      { to: 'groups', message: { type: 'image', data: { file: 'http://10.0.0.1/a' } } },
      400,
      'ACTION_INVALID',
    ],
  ])('refuses %s', async (_name, body, status, code) => {
    expect(await (body === undefined ? ask('POST', '/broadcasts') : send('POST', '/broadcasts', body))).toMatchObject({
      status,
      json: { error: { code } },
    });
    expect((await ask('GET', '/broadcasts')).json['broadcasts']).toEqual([]);
  });

  it('knows its ids, and needs the token', async () => {
    expect((await ask('GET', '/broadcasts/unknown1')).status).toBe(404);
    expect((await ask('GET', '/broadcasts/..%2faccounts')).status).toBe(400);
    expect((await ask('GET', '/broadcasts?limit=1001')).status).toBe(400);
    expect((await ask('GET', '/broadcasts', { headers: { authorization: '' } })).status).toBe(401);
    const page = { origin: 'http://evil.example' };
    expect((await send('POST', '/broadcasts', { to: 'groups', message: 'x' }, page)).status).toBe(403);
  });
});

describe('the API of assignments', () => {
  it('sets who answers in a group where workers read it, lists and clears', async () => {
    const set = await send('PUT', '/assignments/default/70', { account: '10001' });
    expect([set.status, set.json]).toEqual([200, { conversation: 'group:default:70', account: '10001' }]);
    expect([...(await new GroupAssignments(redis).all())]).toEqual([['group:default:70', '10001']]);
    expect((await ask('GET', '/assignments')).json).toEqual({ assignments: [set.json] });
    expect((await ask('DELETE', '/assignments/default/70')).status).toBe(204);
    expect((await ask('DELETE', '/assignments/default/70')).status).toBe(404);
    expect((await ask('GET', '/assignments')).json).toEqual({ assignments: [] });
  });

  it.each([
    ['an account that does not exist', '/assignments/default/70', { account: '99' }, 404],
    ['an account of another pool', '/assignments/other/70', { account: '10001' }, 409],
    ['no group number', '/assignments/default/seventy', { account: '10001' }, 400],
    ['no name of a pool', '/assignments/a%20b/70', { account: '10001' }, 400],
    ['no account', '/assignments/default/70', {}, 400],
    ['an account that is no number', '/assignments/default/70', { account: 'me' }, 400],
  ])('refuses %s and changes nothing', async (_what, path, body, status) => {
    expect((await send('PUT', path, body)).status).toBe(status);
    expect((await new GroupAssignments(redis).all()).size).toBe(0);
  });

  it.each(['GET', 'PUT', 'DELETE'])('%s needs the token', async (method) => {
    const path = method === 'GET' ? '/assignments' : '/assignments/default/70';
    expect((await ask(method, path, { headers: { authorization: 'Bearer wrong' } })).status).toBe(401);
  });
});

describe('the API of limits', () => {
  it('shows what was said and what holds, sets and clears', async () => {
    expect(await send('PUT', '/limits/account:10001', { perDay: 500 })).toMatchObject({
      status: 200,
      json: { perDay: 500 },
    });
    expect((await ask('GET', '/limits')).json['limits']).toContainEqual({
      scope: 'account:10001',
      from: 'override',
      limits: { perDay: 500 },
    });
    expect((await ask('GET', '/accounts/10001/limits')).json).toMatchObject({
      settings: { perDay: 500 },
      sources: { perDay: { from: 'override', scope: 'account' } },
    });
    expect((await ask('DELETE', '/limits/account:10001')).status).toBe(204);
    expect((await ask('DELETE', '/limits/account:10001')).status).toBe(404);
  });

  it.each([
    ['/limits/everywhere', { perDay: 5 }, 400],
    ['/limits/global', { perDay: 'many' }, 400],
    ['/limits/global', [], 400],
    ['/limits/account:99', { perDay: 500 }, 404],
  ])('refuses %s %j', async (path, body, status) => {
    expect((await send('PUT', path, body)).status).toBe(status);
  });

  it('needs the token', async () => {
    expect((await ask('GET', '/limits', { headers: { authorization: 'Bearer wrong' } })).status).toBe(401);
  });
});
