import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { connectRedis, type Redis } from '@rookery/redis';
import { testRedisBinary } from './private-redis';

const SLOTS = 16_384;
/** Where nobody asks for any free port, so that nothing else takes one between two starts. The bus is 10,000 above. */
const FIRST_PORT = 10_000;
const PORTS = 10_000;
/** A master is taken for dead after so long without an answer. */
const NODE_TIMEOUT_MS = 2_000;
const PATIENCE_MS = 30_000;
const POLL_MS = 20;

export interface ClusterServer {
  readonly url: string;
  readonly port: number;
  /** For faults: SIGKILL, SIGSTOP. */
  readonly pid: number;
}

export interface TestCluster {
  /** `redis+cluster://…` with all servers. */
  readonly url: string;
  /** In the order of their slots; as they were at the start. */
  readonly masters: readonly ClusterServer[];
  readonly replicas: readonly ClusterServer[];
  /** Ends the servers and removes their folders. */
  stop(): Promise<void>;
}

interface Started extends ClusterServer {
  readonly child: ChildProcess;
  readonly admin: Redis;
  readonly id: string;
}

/** A Redis Cluster on loopback ports, without snapshots; each of `masters` (3) has `replicas` (0) of its own. */
export async function startTestCluster({
  masters = 3,
  replicas = 0,
  settings = [],
}: {
  readonly masters?: number;
  readonly replicas?: number;
  /** Further arguments of every server. */
  readonly settings?: readonly string[];
} = {}): Promise<TestCluster> {
  const folder = await mkdtemp(join(tmpdir(), 'rookery-cluster-'));
  const servers: Started[] = [];
  const stop = async () => {
    for (const { admin } of servers) admin.disconnect();
    await Promise.all(servers.map(({ child }) => ended(child)));
    await rm(folder, { recursive: true, force: true });
  };
  try {
    const count = masters * (1 + replicas);
    servers.push(...(await Promise.all(Array.from({ length: count }, () => startServer(folder, settings)))));
    const leading = servers.slice(0, masters);
    const following = servers.slice(masters);
    await Promise.all(leading.map((server, n) => giveSlots(server, n, masters)));
    // Everyone to everyone: gossip alone would take its time.
    for (const { admin } of servers) {
      await Promise.all(servers.map(({ port }) => admin.cluster('MEET', '127.0.0.1', port)));
    }
    await untilAll(servers, async ({ admin }) => {
      const info = await admin.cluster('INFO');
      return info.includes('cluster_state:ok') && info.includes(`cluster_known_nodes:${count}`);
    });
    await Promise.all(following.map(({ admin }, n) => admin.cluster('REPLICATE', leading[n % masters]?.id ?? '')));
    await untilAll(following, async ({ admin }) => (await admin.info('replication')).includes('master_link_status:up'));
    await untilAll(servers, async ({ admin }) => {
      const nodes = String(await admin.cluster('NODES'));
      return nodes.split('\n').filter((line) => line.includes('slave')).length === following.length;
    });
    const url = `redis+cluster://${servers.map(({ port }) => `127.0.0.1:${port}`).join(',')}`;
    return { url, masters: leading, replicas: following, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function startServer(folder: string, settings: readonly string[]): Promise<Started> {
  const port = await freePort();
  const dir = await mkdtemp(join(folder, `${port}-`));
  const given = {
    port,
    bind: '127.0.0.1',
    dir,
    'cluster-enabled': 'yes',
    'cluster-node-timeout': NODE_TIMEOUT_MS,
    // A replica that was cut off for long may take over all the same: there is no other one.
    'cluster-replica-validity-factor': 0,
    'repl-diskless-sync-delay': 0,
    appendonly: 'yes',
    appendfsync: 'everysec',
    save: '',
    'maxmemory-policy': 'noeviction',
    logfile: join(dir, 'redis.log'),
  };
  const args = Object.entries(given).flatMap(([name, value]) => [`--${name}`, String(value)]);
  const child = spawn(testRedisBinary(), [...args, ...settings], { stdio: 'ignore' });
  const url = `redis://127.0.0.1:${port}`;
  try {
    const admin = await succeeding(() => connectRedis(url, 'consumer', 'test', () => undefined));
    return { url, port, pid: child.pid ?? 0, child, admin, id: String(await admin.cluster('MYID')) };
  } catch (error) {
    await ended(child);
    throw error;
  }
}

async function giveSlots({ admin }: Started, n: number, masters: number): Promise<void> {
  const [from, to] = [n, n + 1].map((part) => Math.floor((part * SLOTS) / masters));
  const slots = Array.from({ length: (to ?? 0) - (from ?? 0) }, (_, at) => (from ?? 0) + at);
  await admin.cluster('SET-CONFIG-EPOCH', n + 1);
  await admin.cluster('ADDSLOTS', ...slots);
}

async function untilAll(servers: readonly Started[], is: (server: Started) => Promise<boolean>): Promise<void> {
  await succeeding(async () => {
    for (const server of servers) if (!(await is(server))) throw new Error(`the server at ${server.url} is not ready`);
  });
}

/** Tries until it no longer throws. */
async function succeeding<T>(attempt: () => Promise<T>): Promise<T> {
  const deadline = performance.now() + PATIENCE_MS;
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      if (performance.now() > deadline) throw error;
      await delay(POLL_MS);
    }
  }
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGKILL');
  await gone;
}

/** A port of which nobody uses the one of its cluster bus either. */
async function freePort(): Promise<number> {
  for (;;) {
    const port = FIRST_PORT + Math.floor(Math.random() * PORTS);
    if ((await isFree(port)) && (await isFree(port + 10_000))) return port;
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}
