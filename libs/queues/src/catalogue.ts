import type { JobsOptions } from 'bullmq';
import type { Lane, SelfId } from '@rookery/protocol';
import { accountTag, partitionTag } from '@rookery/redis';

/**
 * The queues and their jobs. Producers and consumers derive from this file; nothing else names a queue.
 *
 * events-{p<partition>}   one envelope of events per job, consumed in order by the worker that owns the partition
 * actions-{a<self>}       what an account shall do, taken one at a time when its limits allow it, by lane
 * reads-{a<self>}         what an account shall look up; not behind the paced sends
 * schedules-{schedules}   one job per schedule and time, for whichever worker takes it
 */
export const eventQueueName = (partition: number): string => `events-${partitionTag(partition)}`;
export const actionQueueName = (self: SelfId): string => `actions-${accountTag(self)}`;
export const readQueueName = (self: SelfId): string => `reads-${accountTag(self)}`;
export const scheduleQueueName = (): string => 'schedules-{schedules}';

const DAY_S = 24 * 60 * 60;

/** Failed envelopes stay for a person to look at. */
export const ENVELOPE_JOB: JobsOptions = {
  attempts: 1,
  removeOnFail: { age: 7 * DAY_S, count: 1_000 },
};

/** A tick is handed on within a moment or, while Redis is in trouble, again and again for a while. */
export const SCHEDULE_JOB: JobsOptions = {
  attempts: 60,
  backoff: { type: 'fixed', delay: 1_000 },
  removeOnComplete: { age: DAY_S, count: 1_000 },
  removeOnFail: { age: 7 * DAY_S, count: 1_000 },
};

/** BullMQ priorities; smaller goes first. */
export const PRIORITY: Record<Lane, number> = { interactive: 1, normal: 10, bulk: 100, read: 1 };

/** Done actions leave at once: the claim remembers what came of them. */
export function actionJob(lane: Lane): JobsOptions {
  return {
    attempts: 1,
    priority: PRIORITY[lane],
    removeOnComplete: true,
    removeOnFail: { age: 7 * DAY_S, count: 1_000 },
  };
}
