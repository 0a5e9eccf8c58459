import { mkdir, rm } from 'node:fs/promises';
import { createConnection, createServer, type Server } from 'node:net';
import { SECOND } from '@rookery/protocol';
import { localSocket } from '@rookery/redis';
import { CommandFailure } from '../failure';

export interface FolderLock {
  release(): Promise<void>;
}

/**
 * One `rookery up` per data folder. The lock is a listening socket: it lives exactly as long as the process, so that nothing
 * stale is left after SIGKILL, and whoever comes second learns the number of the first.
 */
export async function lockFolder(folder: string): Promise<FolderLock> {
  await mkdir(folder, { recursive: true, mode: 0o700 }).catch((error: NodeJS.ErrnoException) => {
    throw new CommandFailure(`${folder} cannot be made (${error.code ?? 'unknown cause'}); correct \`dataDir\``);
  });
  const path = await localSocket(folder, 'up.sock');
  const server = createServer((connection) => connection.on('error', () => undefined).end(String(process.pid)));
  try {
    await listen(server, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
    const holder = await holderOf(path);
    if (holder !== undefined) throw busy(folder, holder);
    await rm(path, { force: true }); // what a killed process left
    await listen(server, path);
    // Another one may have found the same leftover in the same moment; the last to listen has it.
    const last = await holderOf(path);
    if (last !== String(process.pid)) {
      server.close();
      throw busy(folder, last ?? 'unknown');
    }
  }
  return { release: () => new Promise((done) => server.close(() => done())) };
}

function busy(folder: string, holder: string): CommandFailure {
  return new CommandFailure(
    `\`rookery up\` already runs with ${folder} (process ${holder}); stop it first, or give this one another \`dataDir\``,
  );
}

function listen(server: Server, path: string): Promise<void> {
  return new Promise((done, failed) => {
    server.once('error', failed).listen(path, () => {
      server.off('error', failed);
      done();
    });
  });
}

/** Process number of who listens; undefined when nobody does. */
function holderOf(path: string): Promise<string | undefined> {
  return new Promise((done) => {
    let text = '';
    const connection = createConnection(path);
    connection.setTimeout(2 * SECOND, () => connection.destroy());
    connection.on('data', (bytes) => (text += bytes.toString()));
    connection.on('error', () => done(undefined));
    connection.on('close', () => done(text === '' ? 'unknown' : text));
  });
}
