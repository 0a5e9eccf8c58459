import type { IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createServer, type Server } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { WebSocketServer } from 'ws';
import { FakeClock } from '@rookery/testing';
import { Client } from '../testing/client';
import { useSockets } from '../testing/sockets';
import { GROUP, LIN, OTHER, SELF } from '../testing/stage';

describe('ReverseDialer', () => {
  const sockets = useSockets(FakeClock);
  let server: WebSocketServer;
  let url: string;
  let accepted: { client: Client; request: IncomingMessage }[];
  let wake = () => {};

  beforeEach(async () => {
    accepted = [];
    server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
    server.on('connection', (socket, request) => {
      const client = new Client(socket);
      sockets.clients.push(client);
      accepted.push({ client, request });
      wake();
    });
    await new Promise((resolve) => server.once('listening', resolve));
    url = `ws://127.0.0.1:${(server.address() as AddressInfo).port}/onebot/v11/ws`;
  });
  afterEach(() => new Promise((resolve) => server.close(resolve)));

  const connected = async (count: number) => {
    while (accepted.length < count) await new Promise<void>((resolve) => (wake = resolve));
    const last = accepted[count - 1];
    if (last === undefined) throw new Error('no connection');
    return last;
  };

  it('dials with NapCat’s headers and greets first', async () => {
    sockets.host.add(SELF, { token: 'secret' });
    sockets.host.dial(SELF, { url, reconnectMs: 5000 });
    const { client, request } = await connected(1);
    expect(request.headers).toMatchObject({
      'x-self-id': SELF,
      authorization: 'Bearer secret',
      'x-client-role': 'Universal',
      'user-agent': 'OneBot/11',
    });
    expect(request.headers['sec-websocket-extensions']).toBeUndefined();
    await client.settled();
    expect(client.frames[0]).toMatchObject({
      meta_event_type: 'lifecycle',
      sub_type: 'connect',
      self_id: Number(SELF),
    });
  });

  it('sends "Bearer" alone when the token is empty', async () => {
    sockets.host.add(SELF);
    sockets.host.dial(SELF, { url, reconnectMs: 5000 });
    expect((await connected(1)).request.headers.authorization).toBe('Bearer');
  });

  it('dials again after the fixed time, whatever ended the connection', async () => {
    sockets.host.add(SELF);
    sockets.host.dial(SELF, { url, reconnectMs: 500 });
    for (const [count, end] of [
      [1, (client: Client) => client.socket.close(1000)],
      [2, (client: Client) => client.socket.terminate()],
    ] as const) {
      const { client } = await connected(count);
      await client.settled();
      end(client);
      await client.until('the close', () => client.closed !== undefined);
      while (sockets.clock.pending < 2) await new Promise((resolve) => setImmediate(resolve));
      sockets.clock.advance(499);
      expect(sockets.clock.pending).toBe(2);
      sockets.clock.advance(1);
    }
    await (await connected(3)).client.settled();
  });

  it('goes on dialling while nobody listens', async () => {
    sockets.host.add(SELF);
    const closed = createServer();
    const port = await listening(closed);
    await new Promise((resolve) => closed.close(resolve));
    sockets.host.dial(SELF, { url: `ws://127.0.0.1:${port}`, reconnectMs: 500 });
    for (let attempt = 0; attempt < 3; attempt++) {
      while (sockets.clock.pending < 2) await new Promise((resolve) => setImmediate(resolve));
      sockets.clock.advance(500);
    }
    const late = new WebSocketServer({ port, host: '127.0.0.1' });
    const arrival = new Promise((resolve) => late.once('connection', resolve));
    while (sockets.clock.pending < 2) await new Promise((resolve) => setImmediate(resolve));
    sockets.clock.advance(500);
    expect(await arrival).toBeDefined();
    for (const socket of late.clients) socket.terminate();
    await new Promise((resolve) => late.close(resolve));
  });

  it('gives up a handshake that is not answered within 2 s', async () => {
    sockets.host.add(SELF);
    const mute = createServer((socket) => socket.on('error', () => socket.destroy()));
    const port = await listening(mute);
    const hungUp = new Promise((resolve) =>
      mute.once('connection', (socket) => socket.once('close', resolve).resume()),
    );
    sockets.host.dial(SELF, { url: `ws://127.0.0.1:${port}`, reconnectMs: 500 });
    await hungUp;
    while (sockets.clock.pending < 2) await new Promise((resolve) => setImmediate(resolve));
    expect(sockets.host.endpoint(SELF).clients).toEqual([]);
    await new Promise((resolve) => mute.close(resolve));
  });

  it('with two sockets for one account sends events and all replies to the newer', async () => {
    sockets.host.add(SELF);
    const dialer = sockets.host.dial(SELF, { url, reconnectMs: 5000 });
    const { client: older } = await connected(1);
    await older.settled();
    dialer.dial();
    const { client: newer } = await connected(2);
    await newer.settled();
    sockets.world.say(LIN, { group: GROUP }, 'hi');
    await newer.event('message');
    older.send({ action: 'get_login_info', echo: 'asked on the older' });
    await newer.reply('asked on the older');
    expect(older.frames.filter((frame) => frame['post_type'] === 'message')).toEqual([]);
    expect(older.frames.some((frame) => frame['echo'] === 'asked on the older')).toBe(false);
  });

  it('does not redial while one of two sockets is open', async () => {
    sockets.host.add(SELF);
    const dialer = sockets.host.dial(SELF, { url, reconnectMs: 500 });
    const { client: older } = await connected(1);
    await older.settled();
    dialer.dial();
    await (await connected(2)).client.settled();
    const gone = new Promise((resolve) => sockets.host.endpoint(SELF).once('detached', resolve));
    older.socket.terminate();
    await gone;
    expect(sockets.clock.pending).toBe(1);
  });

  it('serves two connectors at once, each with every event', async () => {
    sockets.host.add(SELF);
    for (let n = 0; n < 2; n++) sockets.host.dial(SELF, { url, reconnectMs: 5000 });
    await connected(2);
    for (const { client } of accepted) await client.settled();
    sockets.world.say(LIN, { group: GROUP }, 'hi');
    const copies = await Promise.all(accepted.map(({ client }) => client.event('message')));
    expect(copies[0]).toEqual(copies[1]);
  });

  it('does not dial for a stopped account, and does once it has started', async () => {
    const endpoint = sockets.host.add(SELF);
    endpoint.stop();
    sockets.host.dial(SELF, { url, reconnectMs: 500 });
    sockets.clock.advance(500);
    expect([sockets.clock.pending, accepted.length]).toEqual([2, 0]);
    endpoint.start();
    sockets.clock.advance(500);
    await (await connected(1)).client.settled();
  });

  it('cuts a connection that opens after its account has stopped or the dialer was closed', async () => {
    for (const self of [SELF, OTHER]) sockets.host.add(self);
    sockets.host.dial(SELF, { url, reconnectMs: 5000 });
    sockets.host.endpoint(SELF).stop();
    const { client } = await connected(1);
    await client.until('the close', () => client.closed !== undefined);
    const dialer = sockets.host.dial(OTHER, { url, reconnectMs: 5000 });
    dialer.close();
    dialer.dial();
    expect([...sockets.host.all].flatMap((endpoint) => endpoint.clients)).toEqual([]);
  });

  it('attaches a socket that opened while the account was frozen when it thaws', async () => {
    const endpoint = sockets.host.add(SELF);
    sockets.host.dial(SELF, { url, reconnectMs: 5000 });
    endpoint.freeze();
    const { client } = await connected(1);
    await new Promise((resolve) => setImmediate(resolve));
    endpoint.thaw();
    expect(await client.event('meta_event')).toMatchObject({ sub_type: 'connect' });
  });
});

function listening(server: Server): Promise<number> {
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port));
  });
}
