import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { ProcessSettings } from '@rookery/config';
import { RookeryError, type AppName } from '@rookery/protocol';

/**
 * Lets a server listen on the first of the given ports that is free, and returns its address as a URL. Rejects with PORT_BUSY,
 * naming the setting, when all of them are taken.
 */
export async function listenOnFirstFree(
  server: Server,
  app: AppName,
  { host, ports, setting }: Pick<ProcessSettings['http'], 'host' | 'ports' | 'setting'>,
): Promise<string> {
  for (const port of ports) if (await listens(server, host, port)) return urlOf(server.address() as AddressInfo);
  const [first, ...further] = ports;
  const taken = further.length === 0 ? `${host}:${first} is` : `${host}: the ports ${ports.join(', ')} are`;
  throw new RookeryError(
    'PORT_BUSY',
    `${app}: ${taken} taken by other programs; stop one or change \`${setting}\` in rookery.yaml`,
  );
}

/** False when somebody else listens there. */
async function listens(server: Server, host: string, port: number): Promise<boolean> {
  return await new Promise<boolean>((resolve, reject) => {
    const onListening = (): void => end(() => resolve(true));
    const onError = (error: NodeJS.ErrnoException): void =>
      end(() => (error.code === 'EADDRINUSE' ? resolve(false) : reject(error)));
    const end = (how: () => void): void => {
      server.off('listening', onListening);
      server.off('error', onError);
      how();
    };
    server.once('listening', onListening);
    server.once('error', onError);
    server.listen(port, host);
  });
}

function urlOf({ family, address, port }: AddressInfo): string {
  return `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`;
}
