import { Worker, type Job, type JobJson } from 'bullmq';

/**
 * A BullMQ worker that takes jobs, too, whose data are cut off or were edited by hand into something that is no JSON. BullMQ's own
 * throws on them, and then they stay in hand, are found stalled and thrown on again, and whoever asked gets nothing. Such a job comes
 * without data, which no reader of ours accepts; the text itself may be of any length and hold what people said.
 */
export class TolerantWorker extends Worker {
  protected override createJob(stored: JobJson, id: string): Job {
    try {
      return super.createJob(stored, id);
    } catch {
      return super.createJob({ ...stored, data: '{}' }, id);
    }
  }
}
