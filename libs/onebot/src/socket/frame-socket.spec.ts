import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { deflateRawSync } from 'node:zlib';
import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { eventually, FakeClock } from '@rookery/testing';
import { WebSocket, WebSocketServer } from 'ws';
import { FrameSocket } from './frame-socket';
import { SOCKET_LIMITS, type SocketLimits } from './limits';

const ends: (() => void)[] = [];
afterEach(() => {
  for (const end of ends.splice(0)) end();
});

interface Pair {
  sut: FrameSocket;
  peer: WebSocket;
  clock: FakeClock;
  ws: WebSocket;
}

/** A text frame with the bit of permessage-deflate set. */
function compressedFrame(content: Buffer): Buffer {
  const header = Buffer.from([0xc1, 0xfe, 0, 0, 0, 0, 0, 0]);
  header.writeUInt16BE(content.length, 2);
  return Buffer.concat([header, content]);
}

/** As a client writes it, with a mask of zeroes. */
function maskedFrame(content: Buffer, isBinary: boolean): Buffer {
  return Buffer.concat([Buffer.of(isBinary ? 0x82 : 0x81, 0x80 | content.length, 0, 0, 0, 0), content]);
}

/** Two ends of one loopback connection: ours, wrapped, and a plain one. */
async function pair(limits: Partial<SocketLimits> = {}): Promise<Pair> {
  const clock = new FakeClock();
  const all = { ...SOCKET_LIMITS, ...limits };
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1', maxPayload: all.maxFrameBytes });
  ends.push(() => server.close());
  await once(server, 'listening');
  const accepted = once(server, 'connection') as Promise<[WebSocket]>;
  const peer = new WebSocket(`ws://127.0.0.1:${(server.address() as AddressInfo).port}`);
  ends.push(() => peer.terminate());
  const [[ws]] = await Promise.all([accepted, once(peer, 'open')]);
  const sut = new FrameSocket(ws, raw(ws), { clock, limits: all });
  ends.push(() => sut.terminate());
  return { sut, peer, clock, ws };
}

type Closed = [code: number, reason: string, fault: string | undefined];
const closed = (sut: FrameSocket) => once(sut, 'closed') as unknown as Promise<Closed>;
/** The raw TCP socket under a ws client, to misbehave on. */
const raw = (ws: WebSocket) => (ws as unknown as { _socket: import('node:net').Socket })._socket;

describe('FrameSocket', () => {
  it('hands over text and binary frames whole and in order', async () => {
    const { sut, peer } = await pair();
    const frames: [string, boolean][] = [];
    const two = new Promise<void>((resolve) => {
      sut.on('message', (data, isBinary) => {
        frames.push([data.toString('utf8'), isBinary]);
        if (frames.length === 2) resolve();
      });
    });
    peer.send('{"早":"上好"}');
    peer.send(Buffer.from('{"b":1}'), { binary: true });
    await two;
    expect(frames).toEqual([
      ['{"早":"上好"}', false],
      ['{"b":1}', true],
    ]);
  });

  it('hands over the same frames when each byte comes in a packet of its own', async () => {
    const { sut, peer, ws } = await pair();
    const frames: [string, boolean][] = [];
    sut.on('message', (data, isBinary) => frames.push([data.toString('utf8'), isBinary]));
    const packets: number[] = [];
    raw(ws).on('data', (packet) => packets.push(packet.length));
    const texts = ['{"早":"上好 🏳️"}', '', '{"b":1}'];
    const bytes = Buffer.concat(texts.map((text, n) => maskedFrame(Buffer.from(text), n === 2)));
    raw(peer).setNoDelay(true);
    for (const [n, byte] of bytes.entries()) {
      raw(peer).write(Buffer.of(byte));
      await eventually(`byte ${n} is there`, () => packets.length > n);
    }
    expect(packets).toEqual(Array.from(bytes, () => 1));
    expect(frames).toEqual([
      [texts[0], false],
      ['', false],
      [texts[2], true],
    ]);
  });

  it('writes text frames, and refuses them once it is closed', async () => {
    const { sut, peer } = await pair();
    const got = once(peer, 'message');
    expect(sut.send('hello')).toBe('written');
    expect(String((await got)[0])).toBe('hello');
    sut.close(1000, 'done');
    expect(sut.send('too late')).toBe('refused');
    await sut.ended;
    expect(sut.send('far too late')).toBe('refused');
  });

  it('writes what one turn sends in one system call, in order, and what is asked behind it', async () => {
    const { sut, peer, ws } = await pair();
    const got: string[] = [];
    peer.on('message', (data: Buffer) => got.push(data.toString('utf8')));
    peer.on('ping', (mark) => got.push(`ping ${mark.toString('latin1')}`));
    const writes = jest.spyOn(raw(ws), '_writev');
    sut.send('one');
    await Promise.resolve();
    sut.send('two');
    sut.ping('3');
    await eventually('all of it is there', () => got.length === 3);
    expect(got).toEqual(['one', 'two', 'ping 3']);
    expect(writes).toHaveBeenCalledTimes(1);
    sut.send('four');
    await eventually('the next turn is there', () => got.length === 4);
  });

  it('writes what was sent before the connection is closed in the same turn', async () => {
    const { sut, peer } = await pair();
    const got = once(peer, 'message');
    const end = once(peer, 'close');
    sut.send('the last one');
    sut.close(1000, 'done');
    expect(String((await got)[0])).toBe('the last one');
    expect((await end)[0]).toBe(1000);
  });

  it('is cut in the turn of a write without a fault', async () => {
    const { sut } = await pair();
    sut.send('never seen');
    sut.terminate();
    await sut.ended;
    expect(sut.send('too late')).toBe('refused');
  });

  it('refuses frames while the peer reads too slowly, without writing any part of them', async () => {
    const { sut, peer } = await pair({ maxBufferedBytes: 1024 * 1024 });
    peer.pause();
    const text = 'x'.repeat(1024 * 1024);
    let written = 0;
    while (sut.send(text) === 'written') {
      written += 1;
      if (written > 200) throw new Error('never refused');
    }
    expect(sut.bufferedBytes).toBeGreaterThanOrEqual(1024 * 1024);
    let received = 0;
    const all = new Promise<void>((resolve) => {
      peer.on('message', () => {
        received += 1;
        if (received === written) resolve();
      });
    });
    peer.resume();
    await all;
    expect(sut.send('again')).toBe('written');
  });

  it('reports the answer to a ping, with its mark', async () => {
    const { sut } = await pair();
    const pong = once(sut, 'pong');
    sut.ping('17');
    await expect(pong).resolves.toEqual(['17']);
  });

  it('tells code and reason of the peer, with control characters escaped', async () => {
    const { sut, peer } = await pair();
    const end = closed(sut);
    peer.close(4999, 'bye\u202e\nnow');
    expect(await end).toEqual([4999, 'bye\\u202e\\u000anow', undefined]);
  });

  it('tells 1005 for a close frame without code, as NapCat sends it after a wrong token', async () => {
    const { sut, peer } = await pair();
    const end = closed(sut);
    peer.close();
    expect(await end).toEqual([1005, '', undefined]);
  });

  it('tells 1006 when the connection breaks off', async () => {
    const { sut, peer } = await pair();
    const end = closed(sut);
    peer.terminate();
    expect((await end)[0]).toBe(1006);
  });

  it.each([
    [
      'a frame above the limit',
      'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH',
      (peer: WebSocket) => peer.send('x'.repeat(40_000)),
    ],
    [
      'invalid UTF-8 in a text frame',
      'WS_ERR_INVALID_UTF8',
      (peer: WebSocket) => peer.send(Buffer.from([0xc3, 0x28]), { binary: false }),
    ],
    [
      'bytes that are no frame',
      'WS_ERR_UNEXPECTED_RSV_2_3',
      (peer: WebSocket) => raw(peer).write(Buffer.from([0xff, 0xff, 0xff, 0xff])),
    ],
    [
      'a compressed frame, which nobody has agreed on: 20 MB of zeroes in 20 kB',
      'WS_ERR_UNEXPECTED_RSV_1',
      (peer: WebSocket) => raw(peer).write(compressedFrame(deflateRawSync(Buffer.alloc(20_000_000)))),
    ],
    [
      'a message in 20,000 fragments',
      'WS_ERR_TOO_MANY_BUFFERED_PARTS',
      (peer: WebSocket) => {
        for (let i = 0; i < 20_000; i++) peer.send('x', { fin: false });
      },
    ],
  ])('ends on %s with the name of the fault instead of throwing', async (_what, fault, misbehave) => {
    const { sut, peer } = await pair({ maxFrameBytes: 32_768 });
    peer.on('error', () => {});
    const end = closed(sut);
    misbehave(peer);
    expect((await end)[2]).toBe(fault);
  });

  it('reads nothing while paused and everything afterwards', async () => {
    const { sut, peer } = await pair();
    sut.pause();
    let received = 0;
    sut.on('message', () => (received += 1));
    peer.send('one');
    await new Promise<void>((resolve) => peer.send('two', () => resolve()));
    // Round trips of a second connection, begun after the flush: an unpaused socket would have been read meanwhile.
    const other = await pair();
    for (let i = 0; i < 3; i++) {
      const pong = once(other.sut, 'pong');
      other.sut.ping();
      await pong;
    }
    expect(received).toBe(0);
    const second = new Promise<void>((resolve) => sut.on('message', () => received === 2 && resolve()));
    sut.resume();
    await second;
  });

  it('closes with code and reason, also while paused, and leaves no timer and no listener', async () => {
    const { sut, peer, clock, ws } = await pair();
    sut.on('message', () => {});
    sut.pause();
    const heard = once(peer, 'close');
    sut.close(4001, 'a newer connection took over '.repeat(10));
    sut.close(1000, 'a second call changes nothing');
    const [code, reason] = (await heard) as [number, Buffer];
    expect([code, reason.length]).toEqual([4001, 123]);
    await sut.ended;
    expect(clock.pending).toBe(0);
    expect(sut.eventNames()).toEqual([]);
    expect(ws.eventNames()).toEqual(['error']);
  });

  it('does not cut a reason in the middle of a character', async () => {
    const { sut, peer } = await pair();
    const heard = once(peer, 'close');
    sut.close(4001, `x${'猫'.repeat(60)}`);
    expect(String(((await heard) as [number, Buffer])[1])).toBe(`x${'猫'.repeat(40)}`);
  });

  it('cuts the connection when the peer does not answer the closing handshake in time', async () => {
    const { sut, peer, clock } = await pair({ closeTimeoutMs: 2000 });
    peer.pause();
    const end = closed(sut);
    sut.close(1000, 'done');
    clock.advance(1999);
    expect(clock.pending).toBe(1);
    clock.advance(1);
    expect((await end)[0]).toBe(1006);
    await sut.ended;
  });

  it('is silent and harmless after its end', async () => {
    const { sut, ws } = await pair();
    sut.terminate();
    await sut.ended;
    sut.close(1000, 'again');
    sut.terminate();
    sut.ping();
    sut.pause();
    sut.resume();
    ws.emit('error', new Error('a late error of ws'));
    expect(sut.send('x')).toBe('refused');
  });

  it('keeps a fault that the operating system reports', async () => {
    const { sut, ws } = await pair();
    const end = closed(sut);
    ws.emit('error', Object.assign(new Error('reset'), { code: 'ECONNRESET' }));
    ws.emit('error', new Error('a second one does not replace it'));
    sut.terminate();
    expect(await end).toEqual([1006, '', 'ECONNRESET']);
  });

  it('names a fault without code by its class', async () => {
    const { sut, ws } = await pair();
    const end = closed(sut);
    ws.emit('error', new RangeError('odd'));
    sut.terminate();
    expect((await end)[2]).toBe('RangeError');
  });
});
