import { afterEach, beforeEach } from '@jest/globals';
import type { ClientOptions } from 'ws';
import type { Clock } from '@rookery/protocol';
import type { Endpoint, EndpointOptions } from '../endpoint/endpoint';
import { EndpointHost } from '../endpoint/endpoint-host';
import type { World } from '../world/world';
import { Client } from './client';
import { SELF, stage } from './stage';

/** A stage with a listening host. */
class SocketStage<C extends Clock> {
  world!: World;
  clock!: C;
  host!: EndpointHost;
  /** Closed after the test. */
  readonly clients: Client[] = [];

  constructor(
    private readonly ClockKind: new () => C,
    private readonly heartbeatMs: number,
  ) {}

  async open(): Promise<void> {
    ({ world: this.world, clock: this.clock } = stage(this.ClockKind));
    this.host = new EndpointHost({ world: this.world, clock: this.clock, heartbeatMs: this.heartbeatMs });
    await this.host.listen();
  }

  async close(): Promise<void> {
    for (const client of this.clients.splice(0)) client.socket.terminate();
    await this.host.close();
  }

  async dial(url: string, options?: ClientOptions): Promise<Client> {
    const client = await Client.dial(url, options);
    this.clients.push(client);
    return client;
  }

  /** The first account's endpoint and a client of it that has had its greeting. */
  async attached(options: EndpointOptions = {}, path = ''): Promise<{ endpoint: Endpoint; client: Client }> {
    const endpoint = this.host.add(SELF, options);
    const client = await this.dial(`${this.host.url(SELF)}${path}`);
    if (!path.startsWith('/api')) await client.event('meta_event');
    return { endpoint, client };
  }
}

/** Made anew for each test of the describe block, and closed after it. */
export function useSockets<C extends Clock>(ClockKind: new () => C, heartbeatMs = 30_000): SocketStage<C> {
  const sockets = new SocketStage(ClockKind, heartbeatMs);
  beforeEach(() => sockets.open());
  afterEach(() => sockets.close());
  return sockets;
}
