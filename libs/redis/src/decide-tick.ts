import type { Redis } from './client';
import { keys } from './keys';
import { runScript } from './run-script';
import { DECIDE_TICK } from './scripts/schedules/decide-tick';

/**
 * What counts for a tick of a schedule: `decided`, unless somebody who had it in hand before decided otherwise. Undefined when its job
 * is gone, since somebody has handed it on. `job`: id of the tick's job.
 */
export async function decideTick(redis: Redis, job: string, decided: string): Promise<string | undefined> {
  const first = (await runScript(redis, DECIDE_TICK, [keys.schedules(job)], [decided])) as string | null;
  return first ?? undefined;
}

/** What was decided about a tick before, if anything was. */
export async function decisionOnTick(redis: Redis, job: string): Promise<string | undefined> {
  return (await redis.hget(keys.schedules(job), 'decided')) ?? undefined;
}
