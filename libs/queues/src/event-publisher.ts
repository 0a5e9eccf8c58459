import { Queue, type JobJson } from 'bullmq';
import type { WrittenEnvelope } from '@rookery/protocol';
import { PREFIX } from '@rookery/redis';
import { ENVELOPE_JOB, eventQueueName } from './catalogue';
import type { SharedQueueBackend } from './queue-backend';

/** Puts envelopes into the event queues. */
export class EventPublisher {
  readonly #queues = new Map<number, Queue>();

  constructor(private readonly backend: SharedQueueBackend) {}

  /**
   * Resolves when Redis has acknowledged the envelope; rejects within about a second when it does not. A rejected one may
   * still have been stored: publish the same envelope again, its id makes the second a no-op.
   */
  async publish({ partition, node, seq, json }: WrittenEnvelope): Promise<void> {
    const id = `${node}-${partition}-${seq}`;
    await this.#queue(partition).backend.addJob(envelopeJob(id, json), id);
  }

  #queue(partition: number): Queue {
    let queue = this.#queues.get(partition);
    if (!queue) {
      queue = new Queue(
        eventQueueName(partition),
        { connection: this.backend.redis, prefix: PREFIX },
        this.backend.factory,
      );
      this.#queues.set(partition, queue);
    }
    return queue;
  }
}

/**
 * The job as `Queue.add` would store it, whose data would have to be an object to be written once more. BullMQ hands the data of
 * a job on to Redis as it is, and bytes are as good there as the text that its declaration names.
 */
function envelopeJob(id: string, json: Uint8Array): JobJson {
  return {
    id,
    name: 'envelope',
    data: json as unknown as string,
    opts: { ...ENVELOPE_JOB, jobId: id },
    timestamp: Date.now(),
    progress: 0,
    attemptsMade: 0,
    attemptsStarted: 0,
    stalledCounter: 0,
    failedReason: '',
    returnvalue: '',
  };
}
