import type { ProcessSettings, RookeryConfig } from '@rookery/config';
import { systemClock, type AppName, type Clock, type LogLevel, type NodeId } from '@rookery/protocol';
import {
  createLogger,
  Health,
  Metrics,
  NoiseLimit,
  type LabelsOf,
  type Logger,
  type ReadinessPart,
} from '@rookery/telemetry';
import { StopPlan } from './stop-plan';
import { version } from './version';

/** One running process of the cluster and what all its parts share. */
export class Service {
  readonly clock: Clock = systemClock;
  readonly log: Logger;
  readonly metrics: Metrics;
  readonly health: Health;
  readonly noise: NoiseLimit;
  /** What this process does when it stops; its module says. */
  readonly stopping = new StopPlan();

  #logLevel: LogLevel;

  constructor(
    readonly app: AppName,
    readonly config: RookeryConfig,
    readonly settings: ProcessSettings,
    awaited: readonly ReadinessPart[],
  ) {
    this.#logLevel = settings.logLevel;
    this.log = createLogger(app, settings.logLevel);
    this.metrics = new Metrics({ app, version, node: settings.node });
    this.health = new Health(awaited);
    this.noise = new NoiseLimit(this.clock, () => this.metrics.count('rookery_log_lines_suppressed_total'));
    this.metrics.onScrape(() => this.metrics.set('rookery_ready', this.health.isReady ? 1 : 0));
  }

  get node(): NodeId {
    return this.settings.node;
  }

  get logLevel(): LogLevel {
    return this.#logLevel;
  }

  setLogLevel(level: LogLevel): void {
    this.#logLevel = level;
    this.log.level = level;
  }

  /** For connections: counts every error, and says so at most once a minute and connection. */
  redisTrouble(client: LabelsOf<'rookery_redis_errors_total'>['client']): (error: Error) => void {
    return (error) => {
      this.metrics.count('rookery_redis_errors_total', { client });
      this.noise.pass(`redis:${client}`, (suppressed) =>
        this.log.warn({ client, error: error.message, suppressed }, 'trouble with Redis; trying again'),
      );
    };
  }
}
