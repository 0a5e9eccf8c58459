import { createConnection, type Socket } from 'node:net';
import { connect } from 'node:tls';
import { AbstractConnector, Command, type Redis as Server, type RedisOptions } from 'ioredis';
import type { Redis } from './client';
import { retryDelayMs } from './connection-options';
import { LeanCluster, LeanRedis } from './lean-redis';
import { limitGreeting } from './limit-greeting';

/**
 * Answers of a server of a Redis Cluster that does not serve a slot, not any more or not yet: the same is asked again over a new connection,
 * to whoever serves it then.
 */
const ELSEWHERE = /^(MOVED|ASK|TRYAGAIN|CLUSTERDOWN|MASTERDOWN|READONLY|UNBLOCKED|LOADING)\b/;

/**
 * A connection for reads that block on `key`, beside `redis`, which must be of use `consumer`. It is one to one server, also in a Redis
 * Cluster: there it goes to the master that serves the key and follows when another one does, so that a process with many of them neither
 * holds a connection to every server for each nor asks for the cluster's slots once for each. It connects at once and, like `redis`, tries
 * for ever; whoever made it ends it.
 */
export function blockingConnection(redis: Redis, key: string): Server {
  if (!(redis instanceof LeanCluster)) return redis.duplicate({ lazyConnect: false });
  const slot = new Command('get', [key]).getSlot();
  const blocking = new LeanRedis({
    ...redis.serverOptions,
    Connector: slotConnector(redis, slot),
    retryStrategy: retryDelayMs,
    // Resent once it is connected to another one.
    reconnectOnError: ({ message }) => (ELSEWHERE.test(message) ? 2 : false),
  });
  limitGreeting(blocking, () => blocking.stream);
  return blocking;
}

function slotConnector(cluster: LeanCluster, slot: number | null): RedisOptions['Connector'] {
  const { tls, disconnectTimeout = 0 } = cluster.serverOptions;
  return class SlotConnector extends AbstractConnector {
    #hasTried = false;

    constructor() {
      super(disconnectTimeout);
    }

    override async connect(): Promise<Socket> {
      this.connecting = true;
      const server = await cluster.serverOf(slot, { anew: this.#hasTried });
      this.#hasTried = true;
      this.stream = tls === undefined ? createConnection(server) : connect({ ...server, ...tls });
      // ioredis adds its own listener only afterwards.
      this.stream.once('error', (error) => (this.firstError = error));
      // It was told to end while the servers were asked.
      if (!this.connecting) this.stream.destroy();
      return this.stream;
    }
  };
}
