import { EventEmitter } from 'node:events';
import { Queue, type Job, type Worker } from 'bullmq';
import { MINUTE, systemClock, toError, type Clock } from '@rookery/protocol';
import { areSchedulesNoted, decideTick, decisionOnTick, noteSchedules, type Redis } from '@rookery/redis';
import { z } from 'zod';
import { SCHEDULE_JOB, scheduleQueueName } from './catalogue';
import { blockingBackend, CONSUMER_OPTIONS, PRODUCER_OPTIONS } from './queue-backend';
import { TolerantWorker } from './tolerant-worker';

/** Something that is to happen at the times of a cron expression. */
export interface Schedule {
  /** `<plugin>.<handler>`. */
  readonly id: string;
  readonly cron: string;
  /** IANA name. */
  readonly tz: string;
  readonly sender: string;
}

/** One of its times has come. */
export interface Tick {
  readonly id: string;
  /** Milliseconds since 1970, as the expression says. */
  readonly at: number;
  readonly sender: string;
  /** What {@link SchedulesOptions.prepare} made of it, the first time it was asked. */
  readonly prepared: string;
}

export interface SchedulesEvents {
  /** The expression of a schedule cannot be used; the others run. */
  unfit: [id: string, error: Error];
  /** Redis or BullMQ had a problem, or a tick could not be handed on yet; it goes on by itself. */
  trouble: [error: Error];
  /** Redis has lost all schedules, and they were declared anew. */
  restored: [];
}

export interface SchedulesOptions {
  /** A connection of use `consumer`; one for blocking reads is made beside it. */
  readonly redis: Redis;
  /** Decides what must not change when a tick is handed on once more after a crash. Undefined: the tick is given up. */
  readonly prepare: (tick: Omit<Tick, 'prepared'>) => Promise<string | undefined>;
  /** Rejects: the tick is handed on again, with the same `prepared`. */
  readonly handOn: (tick: Tick) => Promise<void>;
  readonly clock?: Pick<Clock, 'after'>;
}

/** How often is looked whether Redis still has the schedules. */
const LOOK_MS = MINUTE;

const data = z.object({ v: z.literal(1), sender: z.string() });

/**
 * The schedules of the whole cluster, on BullMQ's job schedulers: each time belongs to one job, which one of the workers takes. The job
 * of the next time is made when one is taken, so after a downtime one is made up for, however many were missed.
 */
export class Schedules extends EventEmitter<SchedulesEvents> {
  readonly #queue: Queue;
  readonly #worker: Worker;
  #declared: Parameters<Schedules['declare']> | undefined;
  #cancelLook: () => void = () => undefined;
  #isStopped = false;

  constructor(private readonly options: SchedulesOptions) {
    super();
    const { redis } = options;
    this.#queue = new Queue(scheduleQueueName(), { ...PRODUCER_OPTIONS, connection: redis });
    const worker = { ...CONSUMER_OPTIONS, connection: redis, autorun: false };
    const take = (job: Job) => this.#take(job);
    this.#worker = new TolerantWorker(scheduleQueueName(), take, worker, blockingBackend(redis));
    this.#queue.on('error', (error) => this.emit('trouble', error));
    this.#worker.on('error', (error) => this.emit('trouble', error));
    this.#worker.on('failed', (_job, error) => this.emit('trouble', error));
  }

  /**
   * Makes what is there agree with `schedules` for these plugins. One that is as it was is left alone, so that a time that was
   * missed meanwhile is still made up for.
   */
  async declare(plugins: readonly string[], schedules: readonly Schedule[]): Promise<void> {
    this.#declared = [plugins, schedules];
    const known = new Map((await this.#queue.getJobSchedulers()).map((scheduler) => [scheduler.key, scheduler]));
    const wanted = new Set(schedules.map(({ id }) => id));
    for (const id of known.keys()) {
      if (!wanted.has(id) && plugins.includes(id.split('.', 1)[0] ?? '')) await this.#queue.removeJobScheduler(id);
    }
    for (const { id, cron, tz, sender } of schedules) {
      const before = known.get(id);
      const isSame =
        before?.pattern === cron && before.tz === tz && data.safeParse(before.template?.data).data?.sender === sender;
      if (isSame) continue;
      try {
        const template = { name: 'tick', data: { v: 1, sender }, opts: SCHEDULE_JOB };
        await this.#queue.upsertJobScheduler(id, { pattern: cron, tz }, template);
      } catch (thrown) {
        this.emit('unfit', id, toError(thrown));
      }
    }
    await noteSchedules(this.options.redis);
  }

  start(): void {
    void this.#worker.run().catch((thrown: unknown) => this.emit('trouble', toError(thrown)));
    this.#lookLater();
  }

  /** Takes no more ticks; resolves when those in hand are handed on. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#cancelLook();
    await this.#worker.close();
    await this.#queue.close();
  }

  #lookLater(): void {
    if (this.#isStopped) return;
    const { clock = systemClock } = this.options;
    this.#cancelLook = clock.after(LOOK_MS, () => void this.#look().finally(() => this.#lookLater()));
  }

  async #look(): Promise<void> {
    try {
      if (this.#declared === undefined || (await areSchedulesNoted(this.options.redis))) return;
      await this.declare(...this.#declared);
      this.emit('restored');
    } catch (thrown) {
      this.emit('trouble', toError(thrown));
    }
  }

  async #take(job: Job): Promise<void> {
    const { redis, prepare } = this.options;
    const { sender } = data.parse(job.data);
    const id = job.repeatJobKey ?? '';
    const name = String(job.id);
    const at = Number(name.split(':').at(-1));
    const before = await decisionOnTick(redis, name);
    const prepared = before ?? (await prepare({ id, at, sender }));
    if (prepared === undefined) return;
    const counts = await decideTick(redis, name, prepared);
    if (counts === undefined) return; // whoever had it beside us has handed it on
    await this.options.handOn({ id, at, sender, prepared: counts });
  }
}
