import { readFileSync } from 'node:fs';
import { createConnection, type Socket } from 'node:net';
import { connect, type ConnectionOptions } from 'node:tls';
import { parseRedisUrl, type RedisAddress, type RedisTls } from '@rookery/config';
import { RookeryError, toError } from '@rookery/protocol';
import { AbstractConnector, type RedisOptions } from 'ioredis';
import type { ServerOptions } from './lean-redis';

/** Throws CONFIG_INVALID when the URL is no address of a Redis. */
export function redisAddress(url: string): RedisAddress {
  const read = parseRedisUrl(url);
  if ('problem' in read) throw new RookeryError('CONFIG_INVALID', `the address of Redis ${read.problem}`);
  return read;
}

/** The address without its passwords, for messages to people. */
export function redactedRedisUrl(url: string): string {
  return url.replace(/^([a-z+]+:\/\/[^:@/?#]*):[^/?#]*@/, '$1:***@').replace(/(sentinelPassword=)[^&]+/, '$1***');
}

/** 200 ms growing to 500 ms (so that all is at work 2 s after Redis is back), with jitter so that a fleet of nodes does not return in step. */
export function retryDelayMs(attempt: number): number {
  const ceiling = Math.min(200 * 2 ** Math.min(attempt - 1, 2), 500);
  return Math.round(ceiling * (0.5 + Math.random() / 2));
}

/** What ioredis needs in order to connect to a server: login, TLS. Throws CONFIG_INVALID when a file of `tls` cannot be read. */
export function serverOptions(address: RedisAddress): ServerOptions {
  if (address.kind === 'socket') return {};
  const { login, tls } = address;
  return { ...login, ...(tls !== undefined && { tls: tlsOptions(tls) }) };
}

/** The same, and where: for a Redis that is one server at a time. `mayRetry`: whether to go on when no Sentinel answers. */
export function oneServerOptions(
  address: Exclude<RedisAddress, { kind: 'cluster' }>,
  mayRetry: () => boolean,
): ServerOptions {
  const server = serverOptions(address);
  switch (address.kind) {
    case 'socket':
      return { path: address.path };
    case 'single':
      return { ...address.hosts[0], db: address.db, ...server };
    case 'sentinel': {
      const { username, password } = address.sentinelLogin;
      return {
        ...server,
        sentinels: [...address.hosts],
        name: address.master,
        db: address.db,
        // A Sentinel that was told of a new master ends the connections of the old one; a frozen one is noticed by its silence.
        sentinelRetryStrategy: (attempt) => (mayRetry() ? retryDelayMs(attempt) : null),
        ...(username !== undefined && { sentinelUsername: username }),
        ...(password !== undefined && { sentinelPassword: password }),
        ...(server.tls && { sentinelTLS: server.tls, enableTLSForSentinelMode: true }),
      };
    }
  }
}

/**
 * For connections that publish and subscribe only. In a Redis Cluster any server will do, since they pass messages on among
 * themselves: the seeds are tried in turn.
 */
export function publishingOptions(url: string): ServerOptions {
  const address = redisAddress(url);
  if (address.kind !== 'cluster') return oneServerOptions(address, () => true);
  const server = serverOptions(address);
  const first = Math.floor(Math.random() * address.hosts.length);
  return { ...server, Connector: seedConnector(address.hosts, first, server.tls) };
}

type Seeds = readonly { readonly host: string; readonly port: number }[];

function seedConnector(seeds: Seeds, first: number, tls?: ConnectionOptions): RedisOptions['Connector'] {
  return class SeedConnector extends AbstractConnector {
    #next = first;

    constructor() {
      super(100);
    }

    override async connect(): Promise<Socket> {
      const seed = seeds[this.#next++ % seeds.length];
      if (seed === undefined) throw new RookeryError('INTERNAL', 'a Redis Cluster without seeds');
      this.connecting = true;
      this.stream = tls === undefined ? createConnection(seed) : connect({ ...seed, ...tls });
      // ioredis adds its own listener only afterwards.
      this.stream.once('error', (error) => (this.firstError = error));
      return this.stream;
    }
  };
}

function tlsOptions({ ca, cert, key, serverName }: RedisTls): ConnectionOptions {
  return {
    rejectUnauthorized: true,
    ...(ca !== undefined && { ca: pem(ca) }),
    ...(cert !== undefined && { cert: pem(cert) }),
    ...(key !== undefined && { key: pem(key) }),
    ...(serverName !== undefined && { servername: serverName }),
  };
}

function pem(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (thrown) {
    const why = toError(thrown).message;
    throw new RookeryError('CONFIG_INVALID', `the address of Redis names a file that cannot be read (${why})`, {
      cause: thrown,
    });
  }
}
