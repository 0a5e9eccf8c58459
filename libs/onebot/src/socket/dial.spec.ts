import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer as createHttp, type IncomingMessage } from 'node:http';
import { createServer as createTcp, type AddressInfo, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { createServer as createTls } from 'node:tls';
import { afterEach, describe, expect, it } from '@jest/globals';
import { FakeClock } from '@rookery/testing';
import { WebSocketServer } from 'ws';
import { adviseOnDial, dial, DIAL_FAILURES, type Dialled } from './dial';
import { SOCKET_LIMITS } from './limits';

const ends: (() => void)[] = [];
afterEach(() => {
  for (const end of ends.splice(0)) end();
});

async function listening(server: Server): Promise<string> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket) => sockets.add(socket));
  ends.push(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return `ws://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function start(url: string, token?: string) {
  const clock = new FakeClock();
  let cancel = (): void => {};
  const result = new Promise<Dialled>((resolve) => {
    cancel = dial({ url, token, clock, limits: SOCKET_LIMITS }, (dialled) => {
      if (dialled.kind === 'open') ends.push(() => dialled.socket.terminate());
      resolve(dialled);
    });
  });
  return { clock, result, cancel };
}

describe('dial', () => {
  it('opens, sends the token only in the header, offers no compression, and misses no frame of the greeting', async () => {
    const http = createHttp();
    const server = new WebSocketServer({ server: http, perMessageDeflate: true });
    const requested = new Promise<IncomingMessage>((resolve) => {
      server.on('connection', (ws, request) => {
        ws.send('greeting');
        resolve(request);
      });
    });
    const url = await listening(http);
    const clock = new FakeClock();
    const greeting = new Promise<string>((resolve, reject) => {
      dial({ url: `${url}/event`, token: 's3cret', clock, limits: SOCKET_LIMITS }, (result) => {
        if (result.kind === 'failed') return reject(new Error(result.detail));
        ends.push(() => result.socket.terminate());
        result.socket.on('message', (data) => resolve(data.toString()));
      });
    });
    const request = await requested;
    expect(request.headers.authorization).toBe('Bearer s3cret');
    expect(request.url).toBe('/event');
    expect(request.headers['sec-websocket-extensions']).toBeUndefined();
    expect(await greeting).toBe('greeting');
    expect(clock.pending).toBe(0);
  });

  it('sends no Authorization header without a token', async () => {
    const http = createHttp();
    const server = new WebSocketServer({ server: http });
    const requested = new Promise<IncomingMessage>((resolve) => {
      server.on('connection', (_ws, request) => resolve(request));
    });
    const { result } = start(await listening(http));
    expect((await requested).headers.authorization).toBeUndefined();
    expect((await result).kind).toBe('open');
  });

  it('reports a port without listener', async () => {
    const server = createTcp();
    const url = await listening(server);
    server.close();
    await once(server, 'close');
    const { result, clock } = start(url);
    expect(await result).toEqual({ kind: 'failed', failure: 'connection_refused', detail: 'ECONNREFUSED' });
    expect(clock.pending).toBe(0);
  });

  it.each([
    [401, 'http_auth'],
    [403, 'http_auth'],
    [404, 'http_status'],
    [302, 'http_status'],
    [200, 'http_status'],
  ])('reports HTTP status %i as %s, without following it', async (status, failure) => {
    const url = await listening(
      createHttp((_request, response) => response.writeHead(status, { location: 'ws://127.0.0.1:1' }).end('no')),
    );
    expect(await start(url).result).toEqual({ kind: 'failed', failure, detail: `HTTP status ${status}` });
  });

  it('reports a connection that ends during the handshake', async () => {
    const url = await listening(createTcp((socket) => socket.end()));
    expect(await start(url).result).toMatchObject({ kind: 'failed', failure: 'reset' });
  });

  it('reports a server that speaks no TLS where TLS was asked for', async () => {
    const url = await listening(createTcp((socket) => socket.end('220 hello, this is no TLS server\r\n')));
    const { result } = start(url.replace('ws:', 'wss:'));
    expect(await result).toMatchObject({ kind: 'failed', failure: 'tls' });
  });

  it('reports a certificate that nobody vouches for, and sends the token to no such server', async () => {
    const pem = (name: string) => readFileSync(join(__dirname, '../../../../test/fixtures/tls', `${name}.pem`));
    const said: string[] = [];
    const server = createTls({ key: pem('key'), cert: pem('certificate') }, (socket) => {
      socket.on('data', (data) => said.push(String(data))).on('error', () => undefined);
    });
    const { result } = start((await listening(server)).replace('ws:', 'wss:'), 's3cret');
    expect(await result).toMatchObject({ kind: 'failed', failure: 'tls' });
    expect(said).toEqual([]);
  });

  it('reports bytes that are not HTTP', async () => {
    const url = await listening(createTcp((socket) => void socket.once('data', () => socket.end('!!!\r\n\r\n'))));
    expect(await start(url).result).toMatchObject({ kind: 'failed', failure: 'other' });
  });

  it('gives up on a server that accepts and stays silent', async () => {
    const server = createTcp();
    const connected = once(server, 'connection') as Promise<[Socket]>;
    const { clock, result } = start(await listening(server));
    const [socket] = await connected;
    const gone = once(socket.resume(), 'close');
    clock.advance(SOCKET_LIMITS.dialTimeoutMs - 1);
    expect(clock.pending).toBe(1);
    clock.advance(1);
    expect(await result).toMatchObject({ kind: 'failed', failure: 'timeout' });
    await gone;
  });

  it('is never called back after it was given up, and drops the connection', async () => {
    const server = createTcp();
    const connected = once(server, 'connection') as Promise<[Socket]>;
    const { clock, result, cancel } = start(await listening(server));
    let called = false;
    void result.then(() => (called = true));
    const [socket] = await connected;
    const gone = once(socket.resume(), 'close');
    cancel();
    await gone;
    await clock.advanceAsync(SOCKET_LIMITS.dialTimeoutMs);
    expect([called, clock.pending]).toEqual([false, 0]);
  });

  it.each([
    ['not a url', 'tok', 'the address is no ws:// or wss:// URL'],
    ['ftp://127.0.0.1', 'tok', 'the address is no ws:// or wss:// URL'],
    ['ws://127.0.0.1:1', 'line\nbreak', 'the token holds characters that an HTTP header cannot carry'],
  ])('reports unusable settings (%j, %j) later and without repeating them', async (url, token, detail) => {
    const { clock, result } = start(url, token);
    await clock.advanceAsync(0);
    expect(await result).toEqual({ kind: 'failed', failure: 'settings', detail });
  });
});

describe('adviseOnDial', () => {
  it.each(DIAL_FAILURES)('has advice for %s', (failure) => {
    expect(adviseOnDial(failure)).toMatch(/\w{4}/);
  });
});
