import { createServer, type Server } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { eventually, FakeClock } from '@rookery/testing';
import { SOCKET_LIMITS } from './limits';
import { SocketServer } from './socket-server';
import { TokenBook } from './token-book';

const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

function at(port: number) {
  const clock = new FakeClock();
  const shape = { host: '127.0.0.1', path: '/ws', tokens: new TokenBook(), limits: SOCKET_LIMITS };
  const sut = new SocketServer({ ...shape, port, clock });
  const states: string[] = [];
  const refused: string[] = [];
  sut.on('address', (state) => states.push(state));
  sut.on('refused', (refusal) => refused.push(refusal));
  ends.push(() => sut.close());
  return { sut, clock, states, refused };
}

/** Some other program, which answers HTTP or does not. */
async function program(port: number, answer?: Parameters<typeof createServer>[1]): Promise<Server> {
  const server = createServer(answer);
  ends.push(() => server.close());
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  return server;
}

const portOf = (server: Server) => (server.address() as AddressInfo).port;

describe('SocketServer: an address that is taken', () => {
  it.each<[string, Parameters<typeof createServer>[1]]>([
    ['answers HTTP', (_request, response) => response.end('hello')],
    ['cuts whoever asks', (request) => request.socket.destroy()],
  ])('does not start when it is of a program that %s, and names the setting', async (_what, respond) => {
    const { sut, clock } = at(portOf(await program(0, respond)));
    await expect(sut.listen()).rejects.toMatchObject({
      code: 'PORT_BUSY',
      message: expect.stringContaining('reverse.port'),
    });
    expect([sut.port, clock.pending]).toEqual([undefined, 0]);
  });

  it('waits for another connector, which is not told of refusals, and listens when that one has ended', async () => {
    const first = at(0);
    await first.sut.listen();
    const { port } = first.sut;
    const second = at(port ?? 0);
    await second.sut.listen();
    expect([second.sut.port, second.states, first.refused]).toEqual([undefined, ['shared'], []]);
    await first.sut.close();
    second.clock.advance(2_000);
    await eventually('it listens', () => second.sut.port === port);
    expect([second.states, second.clock.pending]).toEqual([['shared', 'listening'], 0]);
    // An error of a single accept would end the process if nobody listened for it.
    const peer = connect(port ?? 0, '127.0.0.1');
    ends.push(() => peer.destroy());
    await eventually('somebody is let in', () => second.clock.pending === 1);
  });

  it('says so when another program takes the address first, and waits on', async () => {
    const first = at(0);
    await first.sut.listen();
    const port = first.sut.port ?? 0;
    const second = at(port);
    await second.sut.listen();
    await first.sut.close();
    const other = await program(port, (request) => request.socket.destroy());
    second.clock.advance(2_000);
    await eventually('it is noticed', () => second.states.includes('busy'));
    await new Promise((resolve) => other.close(resolve));
    second.clock.advance(2_000);
    await eventually('it listens', () => second.sut.port === port);
    expect(second.states).toEqual(['shared', 'busy', 'listening']);
  });

  it('leaves nothing behind when it is closed while it waits', async () => {
    const first = at(0);
    await first.sut.listen();
    const second = at(first.sut.port ?? 0);
    await second.sut.listen();
    await second.sut.close();
    expect(second.clock.pending).toBe(0);
  });
});
