import type { Clock } from '@rookery/protocol';
import type { World } from '../world/world';
import { Endpoint, type EndpointOptions } from './endpoint';
import { ForwardServer } from './forward-server';
import { Heartbeats } from './heartbeats';
import { ReverseDialer, type ReverseOptions } from './reverse-dialer';

export interface EndpointHostOptions {
  readonly world: World;
  readonly clock: Clock;
  /** `heartInterval` of every endpoint, milliseconds; 0 switches heartbeats off. Default 30000. */
  readonly heartbeatMs?: number;
  /** Address of all servers, default 127.0.0.1. */
  readonly host?: string;
}

/** Any number of fake NapCats in one process: one shared forward server, servers of their own, and dialers. */
export class EndpointHost {
  private readonly endpoints = new Map<string, Endpoint>();
  private readonly servers: ForwardServer[] = [];
  private readonly dialers: ReverseDialer[] = [];
  private readonly heartbeats: Heartbeats;
  private shared: { readonly port: number } | undefined;
  private connections = 0;

  constructor(private readonly options: EndpointHostOptions) {
    this.heartbeats = new Heartbeats(options.clock, options.heartbeatMs ?? 30_000);
  }

  /** Starts the shared forward server, where `/<self_id>` is an account's universal path and `/<self_id>/api` its API path. */
  async listen(port = 0): Promise<number> {
    const server = new ForwardServer((pathname) => {
      const [, self = '', rest = '/'] = /^\/(\d+)(\/.*)?$/.exec(pathname) ?? [];
      const endpoint = this.endpoints.get(self);
      return endpoint === undefined ? undefined : { endpoint, rest };
    });
    this.servers.push(server);
    this.shared = { port: await server.listen(this.address, port) };
    return this.shared.port;
  }

  /** The NapCat of an account of the world; reachable over the shared server at once. */
  add(self: string, options: EndpointOptions = {}): Endpoint {
    const { world, clock } = this.options;
    if (this.endpoints.has(self)) throw new RangeError(`account ${self} has an endpoint already`);
    const account = world.directory.account(self);
    const endpoint = new Endpoint({ account, world, clock, options, nextConnectionId: () => ++this.connections });
    this.endpoints.set(self, endpoint);
    this.heartbeats.add(endpoint);
    return endpoint;
  }

  endpoint(self: string): Endpoint {
    const endpoint = this.endpoints.get(self);
    if (endpoint === undefined) throw new RangeError(`account ${self} has no endpoint`);
    return endpoint;
  }

  get all(): Iterable<Endpoint> {
    return this.endpoints.values();
  }

  /** Address for a forward link over the shared server. */
  url(self: string): string {
    if (this.shared === undefined) throw new RangeError('the shared server does not listen yet: call listen() first');
    return `ws://${this.address}:${this.shared.port}/${this.endpoint(self).self}`;
  }

  /** A forward server for one account alone, on a port of its own; returns its address. */
  async serveAlone(self: string, port = 0): Promise<string> {
    const endpoint = this.endpoint(self);
    const server = new ForwardServer((rest) => ({ endpoint, rest }));
    this.servers.push(server);
    return `ws://${this.address}:${await server.listen(this.address, port)}`;
  }

  /** Adds a reverse entry to an account's NapCat and dials. */
  dial(self: string, options: ReverseOptions): ReverseDialer {
    const dialer = new ReverseDialer(this.endpoint(self), options, this.options.clock);
    this.dialers.push(dialer);
    dialer.dial();
    return dialer;
  }

  /** From now on the forward servers and their connections do not keep this process alive. */
  release(): void {
    for (const server of this.servers) server.release();
  }

  async close(): Promise<void> {
    this.heartbeats.close();
    for (const dialer of this.dialers) dialer.close();
    for (const endpoint of this.endpoints.values()) endpoint.stop();
    await Promise.all(this.servers.map((server) => server.close()));
  }

  private get address(): string {
    return this.options.host ?? '127.0.0.1';
  }
}
