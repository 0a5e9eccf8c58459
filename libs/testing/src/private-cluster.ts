import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { endServer, freePort, startServer, succeeding, tlsParameters, type NetworkServer } from './network-server';
import { inStep, isMaster } from './replication';
import type { TestCertificate } from './test-certificates';

const SLOTS = 16_384;
/** A master is taken for dead after so long without an answer. */
const NODE_TIMEOUT_MS = 2_000;

const SETTINGS = [
  'cluster-enabled yes',
  `cluster-node-timeout ${NODE_TIMEOUT_MS}`,
  // A replica that was cut off for long may take over all the same: there is no other one.
  'cluster-replica-validity-factor 0',
  'repl-diskless-sync-delay 0',
  'appendonly yes',
  'save ""',
  'maxmemory-policy noeviction',
];

export interface TestCluster {
  /** `redis+cluster://…` with all servers. */
  readonly url: string;
  /** In the order of their slots; as they were at the start. */
  readonly masters: readonly NetworkServer[];
  /** All that were started. */
  readonly servers: readonly NetworkServer[];
  /** Resolves when every server that lives sees all slots served, and the n-th third of them by whoever of its two servers lives on. */
  replaced(third: number): Promise<void>;
  /**
   * Resolves when all slots are served and the present master of the n-th third of them has a replica that knows all it had taken by
   * then: with that master. Killed before, it would take with it what nobody else knows, or find no successor.
   */
  replaceable(third: number): Promise<NetworkServer>;
  /** Ends the servers and removes their folders. */
  stop(): Promise<void>;
}

export interface TestClusterOptions {
  /** Each master has one. Default false. */
  readonly replicas?: boolean;
  readonly tls?: TestCertificate;
}

/** A Redis Cluster of three masters on loopback ports. */
export async function startTestCluster({ replicas = false, tls }: TestClusterOptions = {}): Promise<TestCluster> {
  const folder = await mkdtemp(join(tmpdir(), 'rookery-cluster-'));
  const servers: NetworkServer[] = [];
  const stop = async () => {
    await Promise.all(servers.map(endServer));
    await rm(folder, { recursive: true, force: true });
  };
  try {
    for (let n = 0; n < (replicas ? 6 : 3); n++) {
      const port = await freePort();
      const how = { settings: SETTINGS, ...(tls && { tls }) };
      servers.push(await startServer(await mkdtemp(join(folder, `${port}-`)), port, how));
    }
    const [masters, following] = [servers.slice(0, 3), servers.slice(3)];
    await Promise.all(masters.map(giveSlots));
    // Everyone to everyone: gossip alone would take its time.
    for (const { admin } of servers) {
      await Promise.all(servers.map(({ port }) => admin.cluster('MEET', '127.0.0.1', port)));
    }
    await untilEach(servers, async ({ admin }) => {
      const info = await admin.cluster('INFO');
      return info.includes('cluster_state:ok') && info.includes(`cluster_known_nodes:${servers.length}`);
    });
    for (const [n, { admin }] of following.entries()) {
      await admin.cluster('REPLICATE', String(await masters[n]?.admin.cluster('MYID')));
    }
    await untilEach(following, async ({ admin }) =>
      (await admin.info('replication')).includes('master_link_status:up'),
    );
    await untilEach(servers, async ({ admin }) => {
      const nodes = String(await admin.cluster('NODES'));
      return nodes.split('\n').filter((line) => line.includes('slave')).length === following.length;
    });
    const hosts = servers.map(({ port }) => `127.0.0.1:${port}`).join(',');
    const url = tls ? `rediss+cluster://${hosts}?${tlsParameters(tls)}` : `redis+cluster://${hosts}`;
    const pair = (third: number) => [servers[third], servers[third + 3]].filter((server) => server !== undefined);
    const replaced = (third: number) => untilReplaced(servers, pair(third));
    const replaceable = (third: number) => untilReplaceable(servers, pair(third));
    return { url, masters, servers, replaced, replaceable, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

const lives = ({ child }: NetworkServer): boolean => child.exitCode === null && child.signalCode === null;

async function untilServed(servers: readonly NetworkServer[]): Promise<void> {
  await untilEach(servers.filter(lives), async ({ admin }) =>
    (await admin.cluster('INFO')).includes('cluster_state:ok'),
  );
}

async function untilReplaced(servers: readonly NetworkServer[], pair: readonly NetworkServer[]): Promise<void> {
  // The connection to one that is dying would wait for ever.
  const heirs = await succeeding(async () => {
    const living = pair.filter(lives);
    if (living.length === pair.length) throw new Error('both servers of these slots live');
    return living;
  });
  await untilEach(heirs, isMaster);
  await untilServed(servers);
}

/** The two may have changed places by themselves, on a machine that stood still for longer than the servers' patience. */
async function untilReplaceable(
  servers: readonly NetworkServer[],
  pair: readonly NetworkServer[],
): Promise<NetworkServer> {
  await untilServed(servers);
  const [master, replica] = await succeeding(async () => {
    const told = await Promise.all(
      pair.filter(lives).map(async (server) => ({ server, leads: await isMaster(server) })),
    );
    const leading = told.find(({ leads }) => leads)?.server;
    const following = told.find(({ leads }) => !leads)?.server;
    if (!leading || !following) throw new Error('these slots have no master with a replica');
    return [leading, following];
  });
  await inStep(master, replica);
  return master;
}

async function giveSlots({ admin }: NetworkServer, n: number, { length }: readonly NetworkServer[]): Promise<void> {
  const from = Math.floor((n * SLOTS) / length);
  const to = Math.floor(((n + 1) * SLOTS) / length);
  await admin.cluster('SET-CONFIG-EPOCH', n + 1);
  await admin.cluster('ADDSLOTS', ...Array.from({ length: to - from }, (_, at) => from + at));
}

async function untilEach(
  servers: readonly NetworkServer[],
  is: (server: NetworkServer) => Promise<boolean>,
): Promise<void> {
  await succeeding(async () => {
    for (const server of servers) if (!(await is(server))) throw new Error(`the server at ${server.url} is not ready`);
  });
}
