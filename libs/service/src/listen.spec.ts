import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { listenOnFirstFree } from './listen';

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

const server = (): Server => {
  const made = createServer();
  servers.push(made);
  return made;
};

/** A port on which somebody listens. */
async function taken(): Promise<number> {
  const other = server();
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
  return (other.address() as AddressInfo).port;
}

const at = (ports: readonly number[]) => ({ host: '127.0.0.1', ports, setting: 'connector.port' });

describe('listenOnFirstFree', () => {
  it('passes over ports that other processes have taken, and tells where it listens', async () => {
    const ports = [await taken(), await taken(), 0];
    const url = await listenOnFirstFree(server(), 'connector', at(ports));
    expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    expect(ports).not.toContain(Number(new URL(url).port));
  });

  it('gives up with the name of the setting when the one port that was asked for is taken', async () => {
    const port = await taken();
    await expect(listenOnFirstFree(server(), 'connector', at([port]))).rejects.toMatchObject({
      code: 'PORT_BUSY',
      message: expect.stringMatching(`connector: 127.0.0.1:${port} is taken by .*change \`connector.port\``),
    });
  });

  it('names all ports when each is taken', async () => {
    const ports = [await taken(), await taken()];
    await expect(listenOnFirstFree(server(), 'worker', at(ports))).rejects.toThrow(
      `the ports ${ports.join(', ')} are taken`,
    );
  });

  it('tells of another problem as it is, and leaves no listener behind', async () => {
    const sut = server();
    const listeners = () => [sut.listenerCount('error'), sut.listenerCount('listening')];
    const before = listeners();
    const wrong = { host: '192.0.2.1', ports: [0], setting: 'connector.port' };
    await expect(listenOnFirstFree(sut, 'connector', wrong)).rejects.toMatchObject({ code: 'EADDRNOTAVAIL' });
    expect(listeners()).toEqual(before);
  });
});
