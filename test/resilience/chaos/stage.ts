import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PROFILES, type LimitSettings } from '@rookery/pacing';
import { RedisLeaseStore } from '@rookery/redis';
import { testRedisBinary } from '@rookery/testing';
import { metricValue, until, type RunningProcess } from '../../e2e/support/processes';
import { FaultyCluster } from '../support/cluster';
import { FailoverRedis } from '../support/failover-redis';
import type { Way } from '../support/way';
import type { Breach } from './model';

export const CONNECTORS = 2;
export const WORKERS = 3;
const APPS = [...Array<'connector'>(CONNECTORS).fill('connector'), ...Array<'worker'>(WORKERS).fill('worker')];
/** An account has one window after each takeover in which it is silent; a short one, so that runs are not made of waiting. */
export const WINDOW_S = 4;
export const LIMITS: LimitSettings = {
  ...PROFILES.unlimited,
  account: [{ sends: 8, seconds: WINDOW_S }],
  conversation: [{ sends: 4, seconds: WINDOW_S }],
  kinds: { private: [{ sends: 7, seconds: WINDOW_S }] },
  perDay: 20_000,
  gapSeconds: 0.1,
  jitterSeconds: [0.02, 0.1],
  bulkJitterSeconds: [0.1, 0.3],
};
/** Until everything is shared out again after a fault, on a busy machine. */
const WHOLE_MS = 90_000;
const STARTS = 3;
/** With the signal of a full disk ignored, as it is for services that shells and init systems start with it so, Redis sees an error instead. */
const UNHURT_BY_FULL_DISK = `#!/bin/sh\ntrap '' XFSZ\nexec ${JSON.stringify(testRedisBinary())} "$@"\n`;

/** One place for a process, with a way to Redis of its own; whoever ends there is replaced. */
export interface Node {
  readonly app: 'connector' | 'worker';
  readonly name: string;
  readonly way: Way;
  process: RunningProcess;
  isGone: boolean;
}

/** A whole cluster of real processes that faults are done to. */
export class Stage {
  readonly nodes: Node[] = [];
  /** Processes that ended and were not told to. */
  readonly unasked: Breach[] = [];
  readonly #asked = new Set<RunningProcess>();
  /** Every process that there was, for its log. */
  readonly #all: { name: string; process: RunningProcess }[] = [];

  private constructor(
    readonly cluster: FaultyCluster,
    readonly redis: FailoverRedis,
    private readonly dir: string,
  ) {}

  static async start(accounts: number, plugin: string): Promise<Stage> {
    const dir = await mkdtemp(join(tmpdir(), 'rookery-chaos-redis-'));
    const binary = join(dir, 'redis-server');
    await writeFile(binary, UNHURT_BY_FULL_DISK, { mode: 0o755 });
    const redis = await FailoverRedis.start({ binary });
    const cluster = await FaultyCluster.start(accounts, 'dual', {
      given: redis,
      plugin,
      limits: LIMITS,
      // Each account is in two groups, with four others.
      groups: Math.ceil((2 * accounts) / 5),
      // Order is judged, so nothing may overtake and nothing may be skipped.
      settings: ['overload: { lagSeconds: 3600, chatterSeconds: 3600 }'],
    });
    const stage = new Stage(cluster, redis, dir);
    await Promise.all(
      APPS.map(async (app, at) => {
        const way = await redis.another();
        const node = { app, name: `${app}-${at}`, way, isGone: false };
        stage.nodes[at] = { ...node, process: await stage.#launch(node) };
        stage.#watch(stage.nodes[at]);
      }),
    );
    await stage.whole();
    return stage;
  }

  get selves(): string[] {
    return this.cluster.fleet.accounts.map(({ selfId }) => selfId);
  }

  of(app: Node['app']): Node[] {
    return this.nodes.filter((node) => node.app === app);
  }

  /** Whom a draw from [0, 1) means. */
  drawn(nodes: readonly Node[], draw: number): Node {
    const node = nodes[Math.floor(draw * nodes.length)];
    if (node === undefined) throw new Error('there is no such node');
    return node;
  }

  /** Puts a new process where one has ended. */
  async replace(node: Node): Promise<void> {
    await node.process.exited;
    node.process = await this.#launch(node);
    node.isGone = false;
    this.#watch(node);
  }

  /**
   * Replaces who has ended, and waits until everything is as in the beginning: every account and partition has one holder, every
   * account two connections, and the table of leases says the same as the nodes.
   */
  async whole(): Promise<void> {
    await until('everything is shared out', () => this.#isShared(), WHOLE_MS);
    const attached = () => [...this.cluster.fleet.host.all].every(({ clients }) => clients.length === CONNECTORS);
    await until('every account has two connections', attached, WHOLE_MS);
    const store = new RedisLeaseStore(this.cluster.client, 'accounts');
    const wanted = [...this.selves].sort().join();
    // After a jump of Redis's clock the holders know later than Redis that they are none.
    const isHeld = async () =>
      (await store.all())
        .map(({ key }) => key)
        .sort()
        .join() === wanted;
    await until('every account has a holder', isHeld, WHOLE_MS);
  }

  /** Ends a process on purpose. */
  async end(node: Node, signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    this.#asked.add(node.process);
    await node.process.stop(signal);
  }

  /** Who ends meanwhile is replaced too, as its supervisor would do; a process that is too busy to answer is asked again. */
  async #isShared(): Promise<boolean> {
    await Promise.all(this.nodes.filter(({ isGone }) => isGone).map((node) => this.replace(node)));
    const processes = (app: Node['app']) => this.of(app).map(({ process }) => process);
    try {
      if (!(await this.cluster.isShared('partitions', processes('worker')))) return false;
      if (!(await this.cluster.isShared('accounts', processes('connector')))) return false;
      const texts = await Promise.all(processes('connector').map((process) => process.metrics()));
      const online = texts.map((text) => metricValue(text, 'rookery_accounts{state="online"}'));
      return online.reduce((sum, count) => sum + count, 0) === this.selves.length;
    } catch {
      return false;
    }
  }

  /** Writes what every process printed; returns the folder. */
  async writeLogs(folder: string): Promise<void> {
    for (const [at, { name, process }] of this.#all.entries()) {
      const lines = process.lines.map((line) => JSON.stringify(line)).join('\n');
      await writeFile(join(folder, `${String(at).padStart(3, '0')}-${name}-${process.pid}.log`), `${lines}\n`);
    }
  }

  async stop(): Promise<void> {
    for (const { way } of this.nodes) way.heal();
    await this.cluster.stop();
    await rm(this.dir, { recursive: true, force: true });
  }

  /** As a supervisor does it: a process that gives up, since Redis did not answer in time on a busy machine, is started again. */
  async #launch(node: Pick<Node, 'app' | 'name' | 'way'>, tries = STARTS): Promise<RunningProcess> {
    const { app, name, way } = node;
    try {
      const process = await this.cluster.run(app, { redisUrl: way.url });
      this.#all.push({ name, process });
      return process;
    } catch (error) {
      if (tries === 1) throw error;
      return await this.#launch(node, tries - 1);
    }
  }

  #watch(node: Node): void {
    const { process } = node;
    void process.exited.then((how) => {
      if (node.process === process) node.isGone = true;
      if (this.#asked.has(process)) return;
      this.unasked.push({ promise: 'no process ends by itself', what: `${node.name}: ${how}`, at: Date.now() });
    });
  }
}
