import { request, type IncomingMessage, type Server } from 'node:http';
import { RookeryError } from '@rookery/protocol';

/** In `Server` of answers to plain HTTP and in `User-Agent` of the question: connectors of one machine know each other by it. */
const NAME = 'rookery-reverse';
export const SERVED_BY = { Server: NAME } as const;

/** Another connector asks whether this address is one of Rookery. */
export function isSibling(incoming: IncomingMessage): boolean {
  return incoming.headers['user-agent'] === NAME;
}

const ASK_MS = 2_000;
/** After a restart thousands of NapCats dial in within a second. */
const BACKLOG = 1024;

/**
 * Lets the server listen. `shared`: another connector of Rookery on this machine listens there, and NapCats reach that one. Rejects
 * with PORT_BUSY when it is any other program, and with CONFIG_INVALID when the address cannot be used.
 */
export async function bind(server: Server, host: string, port: number): Promise<'listening' | 'shared'> {
  const problem = await new Promise<NodeJS.ErrnoException | undefined>((resolve) => {
    const end = (error?: NodeJS.ErrnoException): void => {
      server.off('error', end);
      server.off('listening', end);
      resolve(error);
    };
    server.once('error', end);
    server.once('listening', end);
    server.listen({ host, port, backlog: BACKLOG });
  });
  if (problem === undefined) return 'listening';
  if (problem.code === 'EADDRINUSE' && (await isServedByRookery(host, port))) return 'shared';
  throw listenError(problem, host, port);
}

/** Whether a connector of Rookery accepts NapCats there; false where nobody listens, and where another program does. */
export async function isServedByRookery(host: string, port: number): Promise<boolean> {
  return await new Promise<boolean>((resolve) => {
    const asking = request({ host, port, timeout: ASK_MS, headers: { 'User-Agent': NAME } }, (response) => {
      response.resume();
      resolve(response.headers['server'] === NAME);
    });
    asking.on('timeout', () => asking.destroy());
    asking.on('error', () => resolve(false));
    asking.end();
  });
}

function listenError(error: NodeJS.ErrnoException, host: string, port: number): RookeryError {
  if (error.code === 'EADDRINUSE') {
    const text = `another program listens on ${host}:${port}; stop it or change the setting reverse.port`;
    return new RookeryError('PORT_BUSY', text, { cause: error });
  }
  const hint: Readonly<Record<string, string>> = {
    EACCES: 'ports below 1024 need rights that this process lacks; change the setting reverse.port',
    EADDRNOTAVAIL: 'this machine has no such address; change the setting reverse.host',
    ENOTFOUND: 'the name is unknown; change the setting reverse.host',
  };
  const next = hint[error.code ?? ''] ?? 'change the settings reverse.host and reverse.port';
  const text = `cannot listen on ${host}:${port} (${error.code ?? error.message}): ${next}`;
  return new RookeryError('CONFIG_INVALID', text, { cause: error });
}
