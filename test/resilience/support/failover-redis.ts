import { connectRedis, type Redis } from '@rookery/redis';
import { startTestRedis, type TestRedis, type TestRedisOptions } from '@rookery/testing';
import { until } from '../../e2e/support/processes';
import { Way } from './way';

/**
 * A Redis whose replica is promoted when a test says so, behind one address that follows. Replication is asynchronous: what the
 * primary took after {@link freeze} is unknown to its successor, as after a failover in which the link of the replica lagged.
 */
export class FailoverRedis {
  #replica: TestRedis | undefined;
  /** What the replica follows, over TCP: the servers have unix sockets only. */
  #link: Way | undefined;
  readonly #further: Way[] = [];

  private constructor(
    private primary: TestRedis,
    private readonly address: Way,
    private readonly options: TestRedisOptions,
  ) {}

  static async start(options: Pick<TestRedisOptions, 'binary'> = {}): Promise<FailoverRedis> {
    const full = { ...options, appendOnly: true };
    const primary = await startTestRedis(full);
    return new FailoverRedis(primary, await new Way(primary).start(), full);
  }

  /** The present primary: to stop, kill and start again. */
  get server(): TestRedis {
    return this.primary;
  }

  /** One more address of the same Redis, which can be taken away from whoever uses it alone. */
  async another(): Promise<Way> {
    const way = await new Way(this.primary).start();
    this.#further.push(way);
    return way;
  }

  get url(): string {
    return `redis://127.0.0.1:${this.address.port}`;
  }

  /** Starts a replica, and resolves when it has all that the primary has. */
  async follow(): Promise<void> {
    this.#link = await new Way(this.primary).start();
    const { port } = this.#link;
    this.#replica = await startTestRedis(this.options);
    const client = await connectRedis(this.#replica.url, 'consumer', 'test', () => undefined);
    await client.replicaof('127.0.0.1', port);
    await until('the replica is in step', async () =>
      (await client.info('replication')).includes('master_link_status:up'),
    );
    client.disconnect();
  }

  /** The replica learns nothing more. */
  async freeze(): Promise<void> {
    if (this.#replica === undefined) throw new Error('there is no replica; call follow first');
    const client = await connectRedis(this.#replica.url, 'consumer', 'test', () => undefined);
    await client.replicaof('NO', 'ONE');
    client.disconnect();
  }

  /** The primary is killed, and the replica takes its place. What had not reached it by now is forgotten. */
  async failOver(): Promise<void> {
    await this.freeze();
    process.kill(this.primary.pid, 'SIGKILL');
    await this.#succeed();
  }

  /**
   * The same as a sentinel does it: the replica is promoted after the primary has died, with all that had been sent to it. Resolves with a time
   * until which it knows everything, milliseconds since 1970: on a busy machine it may lag by seconds.
   */
  async die(): Promise<number> {
    const replica = this.#replica;
    if (replica === undefined) throw new Error('there is no replica; call follow first');
    const known = await this.#inStep(replica);
    process.kill(this.primary.pid, 'SIGKILL');
    const client = await connectRedis(replica.url, 'consumer', 'test', () => undefined);
    await until('the replica misses its primary', async () =>
      (await client.info('replication')).includes('master_link_status:down'),
    );
    client.disconnect();
    await this.freeze();
    await this.#succeed();
    return known;
  }

  async #inStep(replica: TestRedis): Promise<number> {
    const [primary, follower] = await Promise.all(
      [this.primary, replica].map(({ url }) => connectRedis(url, 'consumer', 'test', () => undefined)),
    );
    const offset = async (client: Redis | undefined, name: string): Promise<number> =>
      Number(new RegExp(`^${name}:(\\d+)`, 'm').exec((await client?.info('replication')) ?? '')?.[1]);
    const known = Date.now();
    const taken = await offset(primary, 'master_repl_offset');
    await until('the replica has it all', async () => (await offset(follower, 'slave_repl_offset')) >= taken, 60_000);
    primary?.disconnect();
    follower?.disconnect();
    return known;
  }

  async #succeed(): Promise<void> {
    const [former, replica] = [this.primary, this.#replica];
    if (replica === undefined) throw new Error('there is no replica; call follow first');
    this.primary = replica;
    this.#replica = undefined;
    for (const way of [this.address, ...this.#further]) way.lead(replica);
    await this.#link?.stop();
    await former.stop();
  }

  async stop(): Promise<void> {
    for (const way of [this.address, ...this.#further]) await way.stop();
    await this.#link?.stop();
    await this.#replica?.stop();
    await this.primary.stop();
  }
}
