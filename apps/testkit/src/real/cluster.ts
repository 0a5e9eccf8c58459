import { mkdtemp, realpath, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readEnvironment, variable } from '@rookery/config';
import { RookeryError, systemClock } from '@rookery/protocol';
import { findRedisServer } from '@rookery/redis';
import { startChild, type Child } from '../../../cli/src/up/child';
import type { Output } from '../../../cli/src/up/output';

const APPS = join(__dirname, '../../..');

/** What the processes are started with: rookery.yaml as data, but for the plugins, which may change with each worker. */
export type Settings = Readonly<Record<string, unknown>>;

/** A plugin as rookery.yaml lists it. */
export interface ListedPlugin {
  readonly module: string;
  readonly config: Readonly<Record<string, unknown>>;
}

/** A Redis of its own, a connector and one worker at a time: the processes that `rookery up` starts. They end with this process. */
export class Cluster {
  #worker: Child | undefined;

  private constructor(
    private readonly folder: string,
    private readonly redis: Child,
    private readonly settings: Settings,
    private readonly output: Output,
  ) {
    process.once('exit', this.#kill);
  }

  #connector: Child | undefined;
  /** Without it they would end by themselves when this process does, but first look for their Redis for some seconds. */
  readonly #kill = (): void => {
    for (const child of [this.#connector, this.#worker]) child?.kill();
  };

  /** Rejects with REDIS_MISSING, or with what a process said when it could not start; then nothing is left. */
  static async start(settings: Settings, plugins: readonly ListedPlugin[], output: Output): Promise<Cluster> {
    const env = readEnvironment();
    const binary = variable(env, 'REDIS_SERVER_BIN') ?? findRedisServer(env['PATH']);
    if (binary === undefined) {
      throw new RookeryError(
        'REDIS_MISSING',
        'a real fleet needs a redis-server or valkey-server on this machine: install one, or name it in REDIS_SERVER_BIN',
      );
    }
    const folder = await realpath(await mkdtemp(join(tmpdir(), 'rookery-fleet-')));
    const script = [join(__dirname, 'redis-keeper.js'), folder, binary];
    const redis = await launch({ app: 'redis', script, env: {} }, output);
    const cluster = new Cluster(folder, redis, settings, output);
    try {
      await cluster.#write(plugins);
      const [connector, worker] = await Promise.all([cluster.#launch('connector'), cluster.#launch('worker')]);
      cluster.#connector = connector;
      cluster.#worker = worker;
      return cluster;
    } catch (thrown) {
      await cluster.stop();
      throw thrown;
    }
  }

  /** Address of the process's probes and metrics. */
  get http(): { readonly connector: string; readonly worker: string } {
    return { connector: this.#connector?.ready.http ?? '', worker: this.#worker?.ready.http ?? '' };
  }

  /** The worker is killed by SIGKILL, and another one is started. */
  async replaceWorker(plugins: readonly ListedPlugin[]): Promise<void> {
    this.#worker?.kill();
    await this.#worker?.gone;
    await this.#write(plugins);
    this.#worker = await this.#launch('worker');
  }

  /** Nothing is left when it resolves: no process, and no file. */
  async stop(): Promise<void> {
    process.off('exit', this.#kill);
    this.#kill();
    await Promise.all([this.#connector?.gone, this.#worker?.gone]);
    await this.redis.stop();
  }

  async #write(plugins: readonly ListedPlugin[]): Promise<void> {
    const settings = { ...this.settings, dataDir: this.folder, plugins };
    await writeFile(this.#file, JSON.stringify(settings), { mode: 0o600 });
  }

  get #file(): string {
    return join(this.folder, 'rookery.yaml');
  }

  #launch(app: 'connector' | 'worker'): Promise<Child> {
    const { PATH } = readEnvironment();
    const env = { PATH, ROOKERY_CONFIG: this.#file, REDIS_URL: this.#redisUrl, ROOKERY_HTTP_PORT: '0' };
    return launch({ app, script: [join(APPS, app, 'src/main.js')], env }, this.output);
  }

  get #redisUrl(): string {
    return String(this.redis.ready['url']);
  }
}

async function launch(spec: Parameters<typeof startChild>[0], output: Output): Promise<Child> {
  const child = await startChild(spec, { output, clock: systemClock }, new AbortController().signal);
  child.release();
  return child;
}
