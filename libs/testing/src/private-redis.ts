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

/** The server that tests start. `npm test` finds or fetches one and names it in REDIS_SERVER_BIN; the search path may hold none. */
export const testRedisBinary = (): string => readEnvironment()['REDIS_SERVER_BIN'] ?? 'redis-server';

export interface TestRedisOptions {
  readonly appendOnly?: boolean;
  /** Another program than {@link testRedisBinary}. */
  readonly binary?: string;
}

/** An empty Redis for one test file. */
export async function startTestRedis(options: TestRedisOptions = {}): Promise<TestRedis> {
  const { appendOnly = false, binary = testRedisBinary() } = options;
  const dataDir = await mkdtemp(join(tmpdir(), 'rookery-redis-'));
  const start = () => startPrivateRedis({ binary, dataDir, appendOnly });
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
