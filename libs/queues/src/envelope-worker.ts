import { Worker, type Job, type JobJson } from 'bullmq';

/** What BullMQ's worker has for its own loop, and we for ours. */
interface Waiting {
  waitForJob(until: number): Promise<number>;
}

/**
 * The parts of a BullMQ worker that are good for envelopes: the blocking read with its watchdog, the check for stalled jobs,
 * renewing of locks, and the failed set.
 */
export class EnvelopeWorker extends Worker {
  /** Resolves when something may wait, and after a while in any case. */
  async waitForMore(): Promise<void> {
    await (this as unknown as Waiting).waitForJob(0);
  }

  /** A job that this process holds; undefined when it is gone. */
  async heldJob(id: string, token: string): Promise<Job | undefined> {
    const stored = await this.backend.getJobData(id);
    if (!stored) return undefined;
    const job = this.createJob(stored, id);
    job.token = token;
    return job;
  }

  /**
   * Takes jobs whose data is cut off or was edited by hand into something that is no JSON, too, where BullMQ's own throws. The
   * text itself may be of any length and hold what people said.
   */
  protected override createJob(stored: JobJson, id: string): Job {
    try {
      return super.createJob(stored, id);
    } catch {
      return super.createJob({ ...stored, data: '{}' }, id);
    }
  }
}
