import { EventEmitter } from 'node:events';
import type { Clock, Envelope, Event, RookeryError } from '@rookery/protocol';
import { EventConsumer } from '@rookery/queues';
import type { Redis } from '@rookery/redis';

/** Where the events of an envelope go. */
export interface EventReceiver {
  /** Resolves when the event is settled, never rejects. Must take the event into its conversation's mailbox at once. */
  deliver(event: Event): Promise<unknown>;
}

export interface ConsumeEvents {
  /** `lagMs`: from reading the frame to handing the event to its conversation. */
  received: [event: Event, lagMs: number];
  completed: [envelope: Envelope];
  failed: [jobId: string, error: RookeryError];
  trouble: [error: Error];
  /** All partitions are being consumed. */
  started: [];
}

export interface ConsumeOptions {
  readonly redis: Redis;
  readonly partitions: readonly number[];
  readonly receiver: EventReceiver;
  readonly clock: Clock;
}

/** Takes envelopes of the partitions that this worker holds and hands their events, in order, to the conversations. */
export class Consume extends EventEmitter<ConsumeEvents> {
  readonly #consumers: readonly EventConsumer[];

  constructor(private readonly options: ConsumeOptions) {
    super();
    this.#consumers = options.partitions.map((partition) => this.#consumer(partition));
  }

  start(): void {
    let starting = this.#consumers.length;
    for (const consumer of this.#consumers) {
      consumer.once('started', () => {
        starting -= 1;
        if (starting === 0) this.emit('started');
      });
      consumer.start();
    }
  }

  /** Takes nothing more and resolves when every event in hand is settled. */
  async stop(): Promise<void> {
    await Promise.all(this.#consumers.map((consumer) => consumer.stop()));
  }

  #consumer(partition: number): EventConsumer {
    const { redis, clock } = this.options;
    const consumer = new EventConsumer({ redis, partition, clock, handle: (envelope) => this.#handle(envelope) });
    consumer.on('completed', (envelope) => this.emit('completed', envelope));
    consumer.on('failed', (jobId, error) => this.emit('failed', jobId, error));
    consumer.on('trouble', (error) => this.emit('trouble', error));
    return consumer;
  }

  /** Synchronous up to the last `deliver`: that is what keeps the order of the queue. */
  async #handle(envelope: Envelope): Promise<void> {
    const now = this.options.clock.now();
    const settled = envelope.events.map((event) => {
      this.emit('received', event, Math.max(0, now - event.receivedAt));
      return this.options.receiver.deliver(event);
    });
    await Promise.all(settled);
  }
}
