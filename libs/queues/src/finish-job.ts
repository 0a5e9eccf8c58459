import { toError } from '@rookery/protocol';
import { LOCK_MS } from './queue-backend';

const RETRY_MS = 500;
const MAX_TRIES = LOCK_MS / RETRY_MS;

/**
 * Ends a job, patiently: while Redis is away the attempt is repeated for as long as the job's lock can live, because a job that
 * is done but not ended is handed out again. Returns the last error when that did not help, else undefined.
 */
export async function finishJob(
  end: () => Promise<unknown>,
  pause: (ms: number) => Promise<void>,
): Promise<Error | undefined> {
  let last: Error | undefined;
  for (let tries = 0; tries < MAX_TRIES; tries++) {
    try {
      await end();
      return undefined;
    } catch (thrown) {
      last = toError(thrown);
      // The job is no longer ours (stalled and taken by another) or no longer there: repeating cannot help.
      if (/Missing (lock|key)|Lock mismatch|not in the active state/i.test(last.message)) return last;
      await pause(RETRY_MS);
    }
  }
  return last;
}
