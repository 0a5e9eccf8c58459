import { Worker, type Job, type JobJson } from 'bullmq';

/**
 * A BullMQ worker that can also take jobs whose data is cut off or was edited by hand into something that is no JSON. BullMQ's own
 * throws while it takes such a job, which then comes back again and again; here the job arrives as one that was given up, with the reason.
 */
export class EnvelopeWorker extends Worker {
  protected override createJob(stored: JobJson, id: string): Job {
    try {
      return super.createJob(stored, id);
    } catch {
      // The text itself may be of any length and hold what people said.
      return super.createJob({ ...stored, data: '{}', deferredFailure: 'its data is no JSON' }, id);
    }
  }
}
