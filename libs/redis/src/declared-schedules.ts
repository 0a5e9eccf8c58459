import type { Redis } from './client';
import { keys } from './keys';

/** Says, beside the schedules themselves, that they were declared: where that is gone, Redis has lost them (it was emptied, say). */
export async function noteSchedules(redis: Redis): Promise<void> {
  await redis.set(keys.schedules('declared'), 1);
}

export async function areSchedulesNoted(redis: Redis): Promise<boolean> {
  return (await redis.exists(keys.schedules('declared'))) === 1;
}
