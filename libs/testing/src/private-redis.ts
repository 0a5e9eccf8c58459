import { it } from '@jest/globals';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readEnvironment } from '@rookery/config';
import { startPrivateRedis, type Redis } from '@rookery/redis';
import { startTestCluster } from './private-cluster';
import { testRedisBinary } from './test-redis-binary';

export interface TestRedis {
  readonly url: string;
  /** For faults: SIGKILL, SIGSTOP. */
  readonly pid: number;
  /** Starts it again on the same folder and address after it was killed. */
  restart(): Promise<void>;
  /** Ends the server and removes its folder. */
  stop(): Promise<void>;
}

export interface TestRedisOptions {
  readonly appendOnly?: boolean;
  /** The test is about one server: about its process, its settings, or what lies in no other one. */
  readonly alone?: boolean;
  /** Another program than {@link testRedisBinary}. */
  readonly binary?: string;
}

const isCluster = readEnvironment()['TEST_REDIS'] === 'cluster';

/** `it` for tests about the process of a Redis, or about one connection to it; left out where Redis is a Redis Cluster. */
export const ofOneServer = isCluster ? it.skip : it;

/** How often it has run scripts so far; of a Redis Cluster all masters together. */
export async function scriptCalls(redis: Redis, how: 'eval' | 'evalsha'): Promise<number> {
  const stats = (await redis.info('commandstats')).matchAll(new RegExp(`cmdstat_${how}:calls=(\\d+)`, 'g'));
  return [...stats].reduce((sum, [, calls]) => sum + Number(calls), 0);
}

/**
 * An empty Redis for one test file: a single one, or with TEST_REDIS=cluster (`npm run test:cluster`) a Redis Cluster of three masters, so
 * that the same tests show that everything works there.
 */
export async function startTestRedis(options: TestRedisOptions = {}): Promise<TestRedis> {
  const { appendOnly = false, binary = testRedisBinary(), alone = false } = options;
  if (isCluster && !alone) return await clusterInstead();
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

async function clusterInstead(): Promise<TestRedis> {
  const cluster = await startTestCluster();
  const refused = (): never => {
    throw new Error('a Redis Cluster is no one process; ask for a Redis that is `alone`');
  };
  return {
    url: cluster.url,
    stop: () => cluster.stop(),
    get pid() {
      return refused();
    },
    restart: async () => refused(),
  };
}
