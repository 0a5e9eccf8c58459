import type { PluginManifest } from '@rookery/plugin-kit';
import { EventPublisher, Schedules } from '@rookery/queues';
import { AccountBoard, type Redis } from '@rookery/redis';
import type { Service } from '@rookery/service';
import { Ticks } from './ticks';

export interface SchedulesStageOptions {
  readonly manifests: readonly PluginManifest[];
  readonly redis: Redis;
  /** Of use `consumer`. */
  readonly blocking: Redis;
}

/** Takes part in the schedules of the cluster, with metrics and log lines; resolves with what ends it. */
export async function startSchedules(service: Service, options: SchedulesStageOptions): Promise<() => Promise<void>> {
  const { config, clock, node, metrics, log, noise } = service;
  const { manifests, redis, blocking } = options;
  const publisher = new EventPublisher(redis, clock);
  const board = new AccountBoard(redis);
  const ticks = new Ticks({
    accounts: () => board.all(),
    publish: (envelope) => publisher.publish(envelope),
    partitions: config.partitions,
    node,
    clock,
  });
  ticks.on('senderless', (id, sender) => {
    metrics.count('rookery_events_dropped_total', { stage: 'schedule', reason: 'senderless' });
    log.warn(
      { schedule: id, sender },
      'a scheduled handler was not run: no account of the cluster is its sender; correct `sender` of @Every',
    );
  });
  const schedules = new Schedules({
    redis: blocking,
    prepare: (tick) => ticks.sender(tick),
    handOn: (tick) => ticks.handOn(tick),
    clock,
  });
  schedules.on('restored', () => {
    log.error(
      {},
      'Redis had lost the schedules of plugins, which are declared anew; find out who emptied it: what waited in queues, settings of plugins and accounts added at run time are gone too',
    );
  });
  schedules.on('unfit', (id, error) => log.error({ schedule: id }, `a schedule is left out: ${error.message}`));
  schedules.on('trouble', (error) => {
    noise.pass('schedules', (suppressed) =>
      log.warn({ error: error.message, suppressed }, 'trouble with the schedules of plugins; trying again'),
    );
  });
  const declared = manifests.flatMap(({ id, schedules: all }) =>
    all.map(({ method, cron, tz, sender }) => ({ id: `${id}.${method}`, cron, tz, sender })),
  );
  await schedules.declare(
    manifests.map(({ id }) => id),
    declared,
  );
  schedules.start();
  return () => schedules.stop();
}
