import { once } from 'node:events';
import { connect } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { selfId } from '@rookery/protocol';
import { dialIn, eventually, FakeClock } from '@rookery/testing';
import type { FrameSocket } from './frame-socket';
import { SOCKET_LIMITS } from './limits';
import { SocketServer } from './socket-server';
import { TokenBook } from './token-book';

const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

/** A server with one handshake under way that is not finished. */
async function busy() {
  const clock = new FakeClock();
  const tokens = new TokenBook();
  tokens.set(selfId('10001'), 'a-token');
  const sut = new SocketServer({ host: '127.0.0.1', port: 0, path: '/ws', tokens, clock, limits: SOCKET_LIMITS });
  const accepted: FrameSocket[] = [];
  sut.on('accepted', (socket) => accepted.push(socket));
  await sut.listen();
  ends.push(async () => {
    for (const socket of accepted) socket.terminate();
    await sut.close();
  });
  const slow = connect(sut.port as number, '127.0.0.1');
  ends.push(() => slow.destroy());
  await eventually('the slow handshake', () => clock.pending === 1);
  const comeIn = async () => {
    const peer = await dialIn(`ws://127.0.0.1:${sut.port}/ws`, '10001', 'a-token');
    ends.push(() => peer.ws.terminate());
    return peer;
  };
  return { sut, clock, accepted, slow, comeIn };
}

describe('SocketServer: many handshakes at once', () => {
  it('hands a connection on after half a second though a handshake does not end, with the frames that came before', async () => {
    const { clock, accepted, comeIn } = await busy();
    (await comeIn()).send('the first frame');
    clock.advance(499);
    expect(accepted).toEqual([]);
    clock.advance(1);
    expect(accepted).toHaveLength(1);
    const [frame] = (await once(accepted[0] as FrameSocket, 'message')) as [Buffer];
    expect(frame.toString()).toBe('the first frame');
  });

  it('hands connections on at once when no other handshake is under way', async () => {
    const { clock, accepted, slow, comeIn } = await busy();
    slow.destroy();
    await eventually('no handshake', () => clock.pending === 0);
    for (let n = 1; n <= 30; n++) await comeIn();
    await eventually('all of them', () => accepted.length === 30);
    expect(clock.pending).toBe(0);
  });

  it('ends connections that wait when it closes, and hands none of them on', async () => {
    const { sut, clock, accepted, comeIn } = await busy();
    const peer = await comeIn();
    await sut.close();
    await eventually('the close', () => peer.closed !== undefined);
    clock.advance(1000);
    await eventually('no timer', () => clock.pending === 0);
    expect([accepted, peer.closed?.[0]]).toEqual([[], 1001]);
  });
});
