import type { Job } from 'bullmq';
import { TolerantWorker } from './tolerant-worker';

/** What BullMQ's worker has for its own loop, and we for ours. */
interface Waiting {
  waitForJob(until: number): Promise<number>;
}

/**
 * The parts of a BullMQ worker that are good for envelopes: the blocking read with its watchdog, renewing of locks, and the failed set.
 */
export class EnvelopeWorker extends TolerantWorker {
  /** Resolves when something may wait, and after a while in any case. */
  async waitForMore(): Promise<void> {
    await (this as unknown as Waiting).waitForJob(0);
  }

  /** The data of a job as it is stored; undefined when it is gone. */
  async storedData(id: string): Promise<Buffer | undefined> {
    const stored = await this.backend.getJobData(id);
    return stored && Buffer.from(stored.data);
  }

  /** A job that this process holds; undefined when it is gone. */
  async heldJob(id: string, token: string): Promise<Job | undefined> {
    const stored = await this.backend.getJobData(id);
    if (!stored) return undefined;
    const job = this.createJob(stored, id);
    job.token = token;
    return job;
  }
}
