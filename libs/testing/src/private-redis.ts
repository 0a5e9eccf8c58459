import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readEnvironment } from '@rookery/config';
import { startPrivateRedis } from '@rookery/redis';

export interface TestRedis {
  readonly url: string;
  /** For faults: SIGKILL, SIGSTOP. */
  readonly pid: number;
  /** Starts it again on the same folder and address after it was killed. */
  restart(): Promise<void>;
  /** Ends the server and removes its folder. */
  stop(): Promise<void>;
}

/** An empty Redis for one test file. `npm test` names the binary in REDIS_SERVER_BIN. */
export async function startTestRedis(options: { readonly appendOnly?: boolean } = {}): Promise<TestRedis> {
  const dataDir = await mkdtemp(join(tmpdir(), 'rookery-redis-'));
  const binary = readEnvironment()['REDIS_SERVER_BIN'] ?? 'redis-server';
  const start = () => startPrivateRedis({ binary, dataDir, appendOnly: options.appendOnly ?? false });
  let server = await start();
  return {
    url: server.url,
    get pid() {
      return server.pid;
    },
    async restart() {
      server = await start();
    },
    async stop() {
      await server.stop();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}
