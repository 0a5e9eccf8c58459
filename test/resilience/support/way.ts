import { createServer, connect, type AddressInfo, type Server, type Socket } from 'node:net';
import type { TestRedis } from '@rookery/testing';

/** A TCP address that leads to a Redis, through which tests take it away in several manners. */
export class Way {
  readonly #open = new Set<Socket>();
  #server: Server;
  #port = 0;
  #target: string;
  #isSilent = false;

  constructor(target: Pick<TestRedis, 'url'>) {
    this.#target = target.url;
    this.#server = this.#newServer();
  }

  get port(): number {
    return this.#port;
  }

  get url(): string {
    return `redis://127.0.0.1:${this.#port}`;
  }

  async start(): Promise<this> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(this.#port, '127.0.0.1', resolve);
    });
    this.#port = (this.#server.address() as AddressInfo).port;
    return this;
  }

  /** Connections are cut, and new ones lead to `target`. */
  lead(target: Pick<TestRedis, 'url'>): void {
    this.#target = target.url;
    for (const socket of this.#open) socket.destroy();
  }

  /** Connections are cut, and new ones are refused, as by a machine on which nothing listens; until {@link reopen}. */
  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    for (const socket of this.#open) socket.destroy();
    await closed;
  }

  async reopen(): Promise<void> {
    this.#server = this.#newServer();
    await this.start();
  }

  /**
   * Every byte is swallowed in both directions, connections stay and new ones are accepted: a half-open link. A connection that has lost a byte
   * stays silent for good, as one whose firewall forgot it: TCP never goes on behind a gap.
   */
  swallow(): void {
    this.#isSilent = true;
  }

  /** Bytes go through again, over new connections and over such as lost none. */
  heal(): void {
    this.#isSilent = false;
  }

  async stop(): Promise<void> {
    await this.close();
  }

  #newServer(): Server {
    return createServer((incoming) => this.#join(incoming, connect(new URL(this.#target).pathname)));
  }

  #join(...[one, other]: [Socket, Socket]): void {
    let hasGap = false;
    for (const [from, to] of [
      [one, other],
      [other, one],
    ] as const) {
      this.#open.add(from);
      from.on('data', (data) => {
        hasGap ||= this.#isSilent;
        if (!hasGap) to.write(data);
      });
      from.on('error', () => undefined);
      from.on('close', () => {
        this.#open.delete(from);
        to.destroy();
      });
    }
  }
}
