import { Queue } from 'bullmq';
import type { Envelope } from '@rookery/protocol';
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
  async publish(envelope: Envelope): Promise<void> {
    const id = `${envelope.node}-${envelope.partition}-${envelope.seq}`;
    await this.#queue(envelope.partition).add('envelope', envelope, { ...ENVELOPE_JOB, jobId: id });
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
