import { join } from 'node:path';
import type { Environment, RookeryConfig } from '@rookery/config';
import { SECOND, toError, type Clock } from '@rookery/protocol';
import { startChild, type Child } from './child';
import { removeFleetFile, writeFleetFile } from './fleet-file';
import { lockFolder, type FolderLock } from './folder-lock';
import { Kept, type Running } from './kept';
import { checkRedis, givenRedisUrl, startLocalRedis, type LocalRedis } from './local-redis';
import type { Output } from './output';
import { simulatorArguments, type FleetSize } from './simulated-fleet';
import { Standby } from './standby';

export const APPS = ['connector', 'worker', 'console'] as const;
export type App = (typeof APPS)[number];

export interface LocalClusterOptions {
  readonly env: Environment;
  readonly config: RookeryConfig;
  /** Size of the simulated fleet; absent when real accounts are configured. */
  readonly fleet?: FleetSize;
  /** The script of a process. */
  readonly scriptOf: (app: App | 'simulator') => string;
  /** Script of a worker that waits for its turn: with it, another worker takes a fraction of a start. */
  readonly standbyScript?: string;
  readonly output: Output;
  readonly clock: Clock;
}

const STOP_LIMIT_MS = 15 * SECOND;

/** Redis, simulator, connector, worker and console of one machine, kept running until `stop`. */
export class LocalCluster {
  readonly #redis: Kept<LocalRedis> | undefined;
  readonly #simulator: Kept<Child> | undefined;
  readonly #apps: Readonly<Record<App, Kept<Child>>>;
  readonly #fleetFile: string;
  readonly #standby: Standby | undefined;
  #lock: FolderLock | undefined;
  #redisUrl = '';
  /** Never rejects; `stop` lets a start that it interrupts come to its end, so that nothing appears afterwards. */
  #starting: Promise<unknown> = Promise.resolve();
  #stopped: Promise<void> | undefined;

  constructor(private readonly options: LocalClusterOptions) {
    const { env, config, clock, fleet, output, standbyScript } = options;
    this.#fleetFile = join(config.dataDir, 'run', 'fleet.yaml');
    if (givenRedisUrl(env, config) === undefined) {
      this.#redis = new Kept({ clock, start: () => startLocalRedis(env, config.dataDir) });
      this.#report('the private Redis', this.#redis);
    }
    if (fleet !== undefined) {
      const args = simulatorArguments(config, fleet);
      this.#simulator = this.#keep('simulator', args);
      this.#simulator.on('restarted', (simulator) => void this.#meetNewFleet(simulator));
    }
    this.#apps = { connector: this.#keep('connector'), worker: this.#keep('worker'), console: this.#keep('console') };
    if (standbyScript !== undefined) {
      const spec = () => ({ app: 'worker', script: [standbyScript], env: this.#childEnvironment() });
      this.#standby = new Standby(spec, { output });
      this.#apps.worker.on('restarted', () => this.#standby?.prepare());
    }
  }

  /** Resolves with the HTTP address of each process when all are ready; rejects with the first cause that one is not. */
  start(): Promise<Readonly<Record<App, string>>> {
    const starting = this.#start();
    this.#starting = starting.catch(() => undefined);
    return starting;
  }

  async #start(): Promise<Readonly<Record<App, string>>> {
    const { env, config } = this.options;
    this.#lock = await lockFolder(join(config.dataDir, 'run'));
    const given = givenRedisUrl(env, config);
    if (given !== undefined) await checkRedis(given);
    this.#redisUrl = given ?? (await this.#redis?.start())?.url ?? '';
    const simulator = await this.#simulator?.start();
    if (simulator !== undefined) await writeFleetFile(this.#fleetFile, simulator.ready);
    const started = await Promise.all(APPS.map(async (app) => (await this.#apps[app].start()).ready.http ?? ''));
    this.#standby?.prepare();
    const [connector = '', worker = '', console = ''] = started;
    return { connector, worker, console };
  }

  /** Another worker in the place of this one, for example because plugins have changed. False when it could not start. */
  restartWorker(): Promise<boolean> {
    return this.#apps.worker.restart();
  }

  /** Has a simulated person say something in a group; nobody does where none is simulated. */
  say(text: string): void {
    this.#simulator?.current?.tell({ type: 'say', text });
  }

  /** What takes events in stops first, what works on them next, Redis last. Nothing is left afterwards, also not after 15 s. */
  stop(): Promise<void> {
    return (this.#stopped ??= this.#stop());
  }

  /** Ends the processes at once; `stop` then has nothing to wait for but Redis, which writes its data. */
  kill(): void {
    for (const kept of [this.#simulator, ...APPS.map((app) => this.#apps[app])]) kept?.kill();
  }

  async #stop(): Promise<void> {
    const cancel = this.options.clock.after(STOP_LIMIT_MS, () => {
      this.options.output.say(
        'warn',
        `not everything ended within ${STOP_LIMIT_MS / SECOND} s; ending the rest by force`,
      );
      this.kill();
    });
    await Promise.all([this.#simulator?.stop(), this.#apps.connector.stop(), this.#standby?.stop()]);
    await this.#apps.worker.stop();
    await this.#apps.console.stop();
    await this.#redis?.stop();
    await this.#starting;
    cancel();
    if (this.#simulator !== undefined) await removeFleetFile(this.#fleetFile);
    await this.#lock?.release();
  }

  #keep(app: App | 'simulator', args: readonly string[] = []): Kept<Child> {
    const { scriptOf, output, clock } = this.options;
    const start = (signal: AbortSignal) => {
      const spec = { app, script: [scriptOf(app), ...args], env: this.#childEnvironment() };
      return startChild(spec, { output, clock }, signal, app === 'worker' ? this.#standby?.take() : undefined);
    };
    const kept = new Kept<Child>({ clock, start });
    this.#report(app, kept);
    return kept;
  }

  #childEnvironment(): Environment {
    const fleet = this.#simulator === undefined ? {} : { ROOKERY_FLEET: this.#fleetFile };
    // One port for all three would be two too few.
    const { ROOKERY_HTTP_PORT: _, ...env } = this.options.env;
    return { ...env, REDIS_URL: this.#redisUrl, ...fleet };
  }

  #report<R extends Running>(name: string, kept: Kept<R>): void {
    const { output } = this.options;
    kept.on('lost', (cause, delayMs) =>
      output.say('error', `${name} ${cause}; starting it again in ${delayMs / SECOND} s`),
    );
    kept.on('restarted', () => output.say('info', `${name} is up again`));
  }

  /** A new simulator has new addresses and tokens, which the connector reads at its start. */
  async #meetNewFleet(simulator: Child): Promise<void> {
    try {
      await writeFleetFile(this.#fleetFile, simulator.ready);
      await this.#apps.connector.restart();
    } catch (thrown) {
      this.options.output.say('error', `the new simulated accounts cannot be used: ${toError(thrown).message}`);
    }
  }
}
