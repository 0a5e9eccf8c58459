import { spawn, type ChildProcess } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { connectRedis, type Redis } from '@rookery/redis';
import type { TestCertificate } from './test-certificates';
import { testRedisBinary } from './test-redis-binary';

/** Where nobody asks for any free port, so that nothing else takes one between two starts. The bus of a cluster is 10,000 above. */
const FIRST_PORT = 10_000;
const PORTS = 10_000;
const PATIENCE_MS = 30_000;
const POLL_MS = 20;

/** A Redis server, or a Sentinel, on a loopback port. */
export interface NetworkServer {
  readonly url: string;
  readonly port: number;
  /** For faults: SIGKILL, SIGSTOP. */
  readonly pid: number;
  readonly child: ChildProcess;
  readonly admin: Redis;
}

export interface HowToServe {
  /** Lines of redis.conf besides address and folder. */
  readonly settings: readonly string[];
  /** TLS and nothing else, of clients and among servers; who connects must show a certificate of the same authority. */
  readonly tls?: TestCertificate;
  readonly args?: readonly string[];
}

/** Resolves when it answers. */
export async function startServer(
  dir: string,
  port: number,
  { settings, tls, args = [] }: HowToServe,
): Promise<NetworkServer> {
  const file = join(dir, 'redis.conf');
  const address = tls === undefined ? [`port ${port}`] : tlsSettings(port, tls);
  const lines = [...address, 'bind 127.0.0.1', `dir ${dir}`, `logfile ${join(dir, 'redis.log')}`, ...settings];
  await writeFile(file, lines.join('\n'));
  const child = spawn(testRedisBinary(), [file, ...args], { stdio: 'ignore' });
  const url = tls === undefined ? `redis://127.0.0.1:${port}` : `rediss://127.0.0.1:${port}?${tlsParameters(tls)}`;
  try {
    const admin = await succeeding(() => connectRedis(url, 'consumer', 'test', () => undefined));
    return { url, port, pid: child.pid ?? 0, child, admin };
  } catch (error) {
    await gone(child);
    throw error;
  }
}

export async function endServer({ admin, child }: NetworkServer): Promise<void> {
  admin.disconnect();
  await gone(child);
}

async function gone(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGKILL');
  await exited;
}

function tlsSettings(port: number, { ca, cert, key }: TestCertificate): string[] {
  const files = [`tls-ca-cert-file ${ca}`, `tls-cert-file ${cert}`, `tls-key-file ${key}`];
  return ['port 0', `tls-port ${port}`, ...files, 'tls-auth-clients yes', 'tls-replication yes', 'tls-cluster yes'];
}

/** What an address of Redis says about TLS. */
export function tlsParameters(certificate: TestCertificate): string {
  return new URLSearchParams({ ...certificate }).toString();
}

/** Tries until it no longer throws. */
export async function succeeding<T>(attempt: () => Promise<T>): Promise<T> {
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

/** A port of which nobody uses the one of its cluster bus either. */
export async function freePort(): Promise<number> {
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
