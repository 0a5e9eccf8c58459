import { connectRedis } from '@rookery/redis';
import { startTestRedis, type TestRedis } from '@rookery/testing';
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

  private constructor(
    private primary: TestRedis,
    private readonly address: Way,
  ) {}

  static async start(): Promise<FailoverRedis> {
    const primary = await startTestRedis({ appendOnly: true });
    return new FailoverRedis(primary, await new Way(primary).start());
  }

  get url(): string {
    return `redis://127.0.0.1:${this.address.port}`;
  }

  /** Starts a replica, and resolves when it has all that the primary has. */
  async follow(): Promise<void> {
    this.#link = await new Way(this.primary).start();
    const { port } = this.#link;
    this.#replica = await startTestRedis({ appendOnly: true });
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

  /** The primary is killed, and the replica takes its place. */
  async failOver(): Promise<void> {
    const [former, replica] = [this.primary, this.#replica];
    if (replica === undefined) throw new Error('there is no replica; call follow first');
    await this.freeze();
    this.primary = replica;
    this.#replica = undefined;
    this.address.lead(replica);
    process.kill(former.pid, 'SIGKILL');
    await this.#link?.stop();
    await former.stop();
  }

  async stop(): Promise<void> {
    await this.address.stop();
    await this.#link?.stop();
    await this.#replica?.stop();
    await this.primary.stop();
  }
}
