import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { endServer, freePort, startServer, succeeding, tlsParameters, type NetworkServer } from './network-server';
import { inStep, isMaster } from './replication';
import type { TestCertificate } from './test-certificates';

/** A master is taken for dead after so long without an answer. */
const DOWN_AFTER_MS = 2_000;

export interface TestSentinel {
  /** `redis+sentinel://…/rookery` */
  readonly url: string;
  readonly master: NetworkServer;
  /** Resolves when the replica has all that the master had taken by then. */
  inStep(): Promise<void>;
  /** Resolves when the replica has been made the master, and Sentinel says so. */
  replaced(): Promise<void>;
  /** Ends all and removes their folders. */
  stop(): Promise<void>;
}

/** A master, a replica and one Sentinel, so that no vote is needed, on loopback ports. */
export async function startTestSentinel(tls?: TestCertificate): Promise<TestSentinel> {
  const folder = await mkdtemp(join(tmpdir(), 'rookery-sentinel-'));
  const servers: NetworkServer[] = [];
  const stop = async () => {
    await Promise.all(servers.map(endServer));
    await rm(folder, { recursive: true, force: true });
  };
  const started = async (port: number, settings: readonly string[], args: readonly string[] = []) => {
    const how = { settings, args, ...(tls && { tls }) };
    const server = await startServer(await mkdtemp(join(folder, `${port}-`)), port, how);
    servers.push(server);
    return server;
  };
  try {
    const durable = ['appendonly yes', 'save ""', 'maxmemory-policy noeviction', 'repl-diskless-sync-delay 0'];
    const master = await started(await freePort(), durable);
    const replica = await started(await freePort(), [...durable, `replicaof 127.0.0.1 ${master.port}`]);
    await succeeding(async () => {
      const info = await replica.admin.info('replication');
      if (!info.includes('master_link_status:up')) throw new Error(`the replica at ${replica.url} is not in step`);
    });
    const watched = [
      `sentinel monitor rookery 127.0.0.1 ${master.port} 1`,
      `sentinel down-after-milliseconds rookery ${DOWN_AFTER_MS}`,
      'sentinel failover-timeout rookery 4000',
    ];
    const sentinel = await started(await freePort(), watched, ['--sentinel']);
    await succeeding(async () => {
      const told = (await sentinel.admin.call('SENTINEL', ['REPLICAS', 'rookery'])) as unknown[];
      if (told.length !== 1) throw new Error(`the Sentinel at ${sentinel.url} does not know the replica`);
    });
    const where = `127.0.0.1:${sentinel.port}/rookery`;
    const url = tls ? `rediss+sentinel://${where}?${tlsParameters(tls)}` : `redis+sentinel://${where}`;
    const replaced = () =>
      succeeding(async () => {
        const told = (await sentinel.admin.call('SENTINEL', ['GET-MASTER-ADDR-BY-NAME', 'rookery'])) as string[];
        if (told[1] !== String(replica.port) || !(await isMaster(replica)))
          throw new Error(`the replica at ${replica.url} has not been made the master`);
      });
    return { url, master, inStep: () => inStep(master, replica), replaced, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
