import { once } from 'node:events';
import { request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import { connect, Server, type Socket } from 'node:net';
import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { selfId } from '@rookery/protocol';
import { eventually, FakeClock } from '@rookery/testing';
import { WebSocket } from 'ws';
import type { FrameSocket } from './frame-socket';
import { HANDSHAKE_LIMITS, type HandshakeLimits } from './handshakes';
import { SOCKET_LIMITS } from './limits';
import { SocketServer, type Refusal } from './socket-server';
import { TokenBook } from './token-book';

const PATH = '/onebot/v11/ws';
const TOKEN = 'a-token-that-nobody-guesses';
const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

async function started(handshakes: Partial<HandshakeLimits> = {}) {
  const clock = new FakeClock();
  const tokens = new TokenBook();
  tokens.set(selfId('10001'), TOKEN);
  tokens.set(selfId('10002'), 'the-token-of-the-other-account');
  const sut = new SocketServer({
    ...{ host: '127.0.0.1', port: 0, path: PATH, tokens, clock, limits: SOCKET_LIMITS },
    handshakes: { ...HANDSHAKE_LIMITS, ...handshakes },
  });
  const accepted: FrameSocket[] = [];
  const refused: [Refusal, string | undefined][] = [];
  sut.on('accepted', (socket) => accepted.push(socket));
  sut.on('refused', (refusal, _address, self) => refused.push([refusal, self]));
  await sut.listen();
  ends.push(async () => {
    for (const socket of accepted) socket.terminate();
    await sut.close();
  });
  return { sut, clock, accepted, refused, port: sut.port as number };
}

type Headers = Record<string, string>;
const GOOD: Headers = { Authorization: `Bearer ${TOKEN}`, 'X-Self-ID': '10001', 'x-client-role': 'Universal' };

/** Dials as NapCat does, but offers compression too; resolves with 101 or the status of the refusal. */
function attempt(
  port: number,
  headers: Headers,
  path = PATH,
): Promise<{ status: number; headers: IncomingHttpHeaders }> {
  return new Promise((resolve, reject) => {
    const ws = new WebSocket(`ws://127.0.0.1:${port}${path}`, { headers, perMessageDeflate: true });
    ends.push(() => ws.terminate());
    ws.on('upgrade', (response) => resolve({ status: 101, headers: response.headers }));
    ws.on('unexpected-response', (_request, response) => {
      response.resume();
      resolve({ status: response.statusCode ?? 0, headers: response.headers });
    });
    ws.on('error', reject);
  });
}

async function tcp(port: number, text = ''): Promise<{ socket: Socket; answer: Promise<string> }> {
  const socket = connect(port, '127.0.0.1');
  ends.push(() => socket.destroy());
  let received = '';
  socket.on('data', (data) => (received += data.toString()));
  socket.on('error', () => {});
  const answer = new Promise<string>((resolve) => socket.on('close', () => resolve(received)));
  await once(socket, 'connect');
  if (text !== '') socket.write(text);
  return { socket, answer };
}

describe('SocketServer', () => {
  it('accepts an account with its own token and reads the first frame, even one sent with the handshake', async () => {
    const { sut, port } = await started();
    const first = new Promise<[string, string]>((resolve) => {
      sut.on('accepted', (socket, self) => socket.on('message', (data) => resolve([self, data.toString()])));
    });
    const lines = [`GET ${PATH} HTTP/1.1`, 'Host: x', 'Connection: Upgrade', 'Upgrade: websocket'];
    lines.push('Sec-WebSocket-Version: 13', 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==');
    lines.push(`Authorization: Bearer ${TOKEN}`, 'X-Self-ID: 10001', '', '');
    const { socket } = await tcp(port);
    const frame = Buffer.from([0x81, 0x82, 0, 0, 0, 0, 0x68, 0x69]); // masked with zeroes: "hi"
    socket.write(Buffer.concat([Buffer.from(lines.join('\r\n')), frame]));
    expect(await first).toEqual(['10001', 'hi']);
  });

  it.each([
    ['bearer token', GOOD, PATH],
    ['bare token', { ...GOOD, Authorization: TOKEN }, PATH],
    ['trailing slash and query', GOOD, `${PATH}/?x=1`],
  ])('accepts: %s, without compression', async (_what, headers, path) => {
    const { port, refused } = await started();
    const { status, headers: answer } = await attempt(port, headers, path);
    expect([status, answer['sec-websocket-extensions'], refused]).toEqual([101, undefined, []]);
  });

  const without = (name: string): Headers => Object.fromEntries(Object.entries(GOOD).filter(([key]) => key !== name));
  it.each<[string, Headers, string, number, Refusal, string | undefined]>([
    ['no token', without('Authorization'), PATH, 401, 'token', '10001'],
    [
      'the empty token that NapCat sends as "Bearer"',
      { ...GOOD, Authorization: 'Bearer' },
      PATH,
      401,
      'token',
      '10001',
    ],
    ['a wrong token', { ...GOOD, Authorization: 'Bearer guess' }, PATH, 401, 'token', '10001'],
    [
      'the first letters of the token',
      { ...GOOD, Authorization: `Bearer ${TOKEN.slice(0, -1)}` },
      PATH,
      401,
      'token',
      '10001',
    ],
    ['the token in the query only', without('Authorization'), `${PATH}?access_token=${TOKEN}`, 401, 'token', '10001'],
    [
      'a wrong token for an unknown account',
      { ...GOOD, 'X-Self-ID': '4', Authorization: 'guess' },
      PATH,
      401,
      'token',
      undefined,
    ],
    ['the token of another account', { ...GOOD, 'X-Self-ID': '10002' }, PATH, 403, 'account', '10002'],
    ['an unknown account', { ...GOOD, 'X-Self-ID': '99999' }, PATH, 403, 'account', undefined],
    ['no X-Self-ID', without('X-Self-ID'), PATH, 403, 'account', undefined],
    ['a browser', { ...GOOD, Origin: 'https://example.com' }, PATH, 403, 'origin', '10001'],
    ['another path', GOOD, '/', 404, 'path', '10001'],
    ['another path with a wrong token', { ...GOOD, Authorization: 'x' }, `${PATH}/x`, 404, 'path', '10001'],
  ])('refuses %s before the upgrade', async (_what, headers, path, status, refusal, self) => {
    const { port, accepted, refused } = await started();
    expect((await attempt(port, headers, path)).status).toBe(status);
    expect([accepted.length, refused]).toEqual([0, [[refusal, self]]]);
  });

  it('answers 429 after five failures in a minute, even to the right token, and only for that account', async () => {
    const { port, clock, refused } = await started();
    const wrong = { ...GOOD, Authorization: 'Bearer guess' };
    for (let i = 0; i < 5; i++) expect((await attempt(port, wrong)).status).toBe(401);
    expect((await attempt(port, wrong)).status).toBe(429);
    expect((await attempt(port, GOOD)).status).toBe(429);
    expect(refused.at(-1)).toEqual(['attempts', '10001']);
    const neighbour = { ...GOOD, 'X-Self-ID': '10002', Authorization: 'the-token-of-the-other-account' };
    expect((await attempt(port, neighbour)).status).toBe(101);
    clock.advance(60_000);
    expect((await attempt(port, GOOD)).status).toBe(101);
  });

  it('counts failures for unknown accounts per address, whatever names the caller makes up', async () => {
    const { port } = await started();
    for (let i = 0; i < 5; i++) {
      expect((await attempt(port, { ...GOOD, 'X-Self-ID': `7000${i}`, Authorization: 'guess' })).status).toBe(401);
    }
    expect((await attempt(port, { ...GOOD, 'X-Self-ID': '70009', Authorization: 'guess' })).status).toBe(429);
  });

  it.each([
    [PATH, 426, 'no_upgrade'],
    ['/healthz', 404, 'path'],
  ])('answers plain HTTP on %s with %i', async (path, status, refusal) => {
    const { port, refused } = await started();
    const answered = await new Promise<number | undefined>((resolve, reject) => {
      const request = httpRequest({ port, host: '127.0.0.1', path }, (response) => {
        response.resume();
        resolve(response.statusCode);
      });
      request.on('error', reject).end();
    });
    expect([answered, refused]).toEqual([status, [[refusal, undefined]]]);
  });

  it.each([
    ['bytes that are not HTTP', 'hello\r\n\r\n', 400],
    ['a token of 1 MB', `GET ${PATH} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${'x'.repeat(1e6)}\r\n\r\n`, 431],
    [
      'an upgrade without WebSocket key',
      `GET ${PATH} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nX-Self-ID: 10001\r\nAuthorization: ${TOKEN}\r\n\r\n`,
      400,
    ],
  ])('answers %s with an error and goes on', async (_what, text, status) => {
    const { port, refused } = await started();
    const { answer } = await tcp(port, text);
    const received = await answer;
    // The peer may still be writing when we close, and then loses the answer to a reset.
    expect(received).toMatch(new RegExp(`^(?:HTTP/1.1 ${status} .*)?$`, 's'));
    expect(refused[0]).toEqual(['http', undefined]);
    expect((await attempt(port, GOOD)).status).toBe(101);
  });

  it('cuts a handshake that takes too long (slow loris), with no byte sent or with a trickle', async () => {
    const { port, clock, refused } = await started({ timeoutMs: 5000 });
    const silent = await tcp(port);
    const trickle = await tcp(port, `GET ${PATH} HTTP/1.1\r\nHo`);
    await eventually('2 handshakes under way', () => clock.pending === 2);
    clock.advance(4999);
    trickle.socket.write('st: x');
    expect(refused).toEqual([]);
    clock.advance(1);
    await Promise.all([silent.answer, trickle.answer]);
    expect(refused.map(([refusal]) => refusal)).toEqual(['handshake_timeout', 'handshake_timeout']);
  });

  it('bounds the handshakes under way: the newest is cut', async () => {
    const { port, clock, refused } = await started({ max: 2 });
    await tcp(port);
    await tcp(port);
    await eventually('2 handshakes under way', () => clock.pending === 2);
    const third = await tcp(port);
    await third.answer;
    expect(refused).toEqual([['handshakes_full', undefined]]);
  });

  it('bounds the slow handshakes of one address: the oldest is cut, and a good one still comes in', async () => {
    const { port, clock, refused } = await started({ maxPerAddress: 2, crowdMs: 2000 });
    const oldest = await tcp(port);
    await eventually('1 handshakes under way', () => clock.pending === 1);
    const second = await tcp(port);
    await eventually('2 handshakes under way', () => clock.pending === 2);
    const young = await tcp(port); // above the bound, but nobody is slow yet
    await eventually('3 handshakes under way', () => clock.pending === 3);
    clock.advance(2000);
    expect((await attempt(port, GOOD)).status).toBe(101);
    await oldest.answer;
    expect(refused).toEqual([['handshakes_full', undefined]]);
    expect([second.socket.destroyed, young.socket.destroyed]).toEqual([false, false]);
  });

  it('watches an accepted socket no longer', async () => {
    const { port, clock, accepted } = await started();
    expect((await attempt(port, GOOD)).status).toBe(101);
    expect([clock.pending, accepted.length]).toEqual([0, 1]);
  });

  it('names the setting when the address is not ours', async () => {
    const options = { port: 0, path: PATH, tokens: new TokenBook(), clock: new FakeClock(), limits: SOCKET_LIMITS };
    const sut = new SocketServer({ host: '192.0.2.1', ...options });
    await expect(sut.listen()).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      message: expect.stringContaining('reverse.host'),
    });
  });

  it('outlives an error of a single accept', async () => {
    const listen = jest.spyOn(Server.prototype, 'listen');
    const { port, refused } = await started();
    const http = listen.mock.contexts[0] as Server;
    listen.mockRestore();
    http.emit('error', Object.assign(new Error('too many open files'), { code: 'EMFILE' }));
    expect(refused).toEqual([['accept', undefined]]);
    expect((await attempt(port, GOOD)).status).toBe(101);
  });

  it('closes: unfinished handshakes end at once, the port is free, accepted sockets are waited for', async () => {
    const { sut, port, clock, accepted } = await started();
    expect((await attempt(port, GOOD)).status).toBe(101);
    const waiting = await tcp(port);
    await eventually('1 handshakes under way', () => clock.pending === 1);
    let done = false;
    const closing = sut.close().then(() => (done = true));
    await waiting.answer;
    expect([clock.pending, done]).toEqual([0, false]);
    await expect(attempt(port, GOOD)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    accepted[0]?.terminate();
    await closing;
  });
});
