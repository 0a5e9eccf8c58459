import { EventEmitter } from 'node:events';
import {
  unfolded,
  type Clock,
  type Envelope,
  type EnvelopeEvent,
  type Event,
  type EventHead,
  type RookeryError,
} from '@rookery/protocol';
import { EnvelopeFetch, EventConsumer, type EnvelopeEnd } from '@rookery/queues';
import type { PartitionLedger, Redis } from '@rookery/redis';

/** Where the events of an envelope go. */
export interface EventReceiver {
  /**
   * Resolves when the event is settled or was withdrawn; undefined when it is settled already. Rejects only when the event cannot be read
   * from its envelope. Must take the event into its conversation's mailbox at once.
   */
  deliver(event: EnvelopeEvent): Promise<EnvelopeEnd> | undefined;
  /** Resolves when it is stored that the event shall be handled by itself; never rejects. */
  setAside(event: Event): Promise<unknown>;
  /** Nothing of the partition comes any more: what has not begun of it is not begun. */
  withdraw(partition: number): void;
}

/** Workers that may end while they hold an envelope before it is suspected; a deployment can be the cause of some. */
const DEATHS_MAX = 3;

export interface ConsumeEvents {
  /** `lagMs`: from reading the frame to handing the event to its conversation. `isSettled`: it is done with already. */
  received: [event: EventHead, lagMs: number, isSettled: boolean];
  /** An envelope that so many workers have had in hand before, and did not live to end. */
  retaken: [deaths: number];
  completed: [jobId: string];
  failed: [jobId: string, error: RookeryError];
  trouble: [error: Error];
  /** The partition is being consumed. */
  started: [partition: number];
}

export interface ConsumeOptions {
  readonly redis: Redis;
  /** Where the receiver has its events noted, and where their envelopes are ended. */
  readonly ledger: PartitionLedger;
  readonly receiver: EventReceiver;
  readonly clock: Clock;
  /** What has to be known of a partition before its events are handled, and may be forgotten when they are settled. */
  readonly known: { load(partition: number): Promise<void>; drop(partition: number): void };
  /** Whether this node may consume the partition now. */
  readonly holds: (partition: number) => boolean;
}

/** Takes envelopes of the partitions that this worker holds and hands their events, in order, to the conversations. */
export class Consume extends EventEmitter<ConsumeEvents> {
  readonly #consumers = new Map<number, EventConsumer>();
  /** Consumers that take no more; a partition that comes back waits for its former one. */
  readonly #ending = new Map<number, Promise<void>>();
  readonly #fetch: EnvelopeFetch;

  constructor(private readonly options: ConsumeOptions) {
    super();
    this.#fetch = new EnvelopeFetch(options.redis, options.clock);
    this.#fetch.on('trouble', (error) => this.emit('trouble', error));
  }

  /** The node holds the partition: begin with what an earlier consumer had in hand. */
  async add(partition: number): Promise<void> {
    await this.#ending.get(partition);
    await this.options.known.load(partition);
    if (this.#consumers.has(partition)) return;
    if (!this.options.holds(partition)) return this.options.known.drop(partition);
    const consumer = this.#consumer(partition);
    this.#consumers.set(partition, consumer);
    consumer.start();
  }

  /** The node does not hold it any more: nothing of it is begun from now on; resolves when every event that has begun is settled. */
  async remove(partition: number): Promise<void> {
    const consumer = this.#consumers.get(partition);
    if (consumer) {
      this.#consumers.delete(partition);
      this.#ending.set(
        partition,
        consumer.stop().finally(() => {
          this.options.known.drop(partition);
          this.#ending.delete(partition);
        }),
      );
    }
    await this.#ending.get(partition);
  }

  /** Partitions that this node may consume and has fetched nothing from for so long, not even that there is nothing. */
  fruitless(ms: number): readonly number[] {
    return [...this.#consumers].flatMap(([partition, consumer]) => (consumer.fruitlessMs >= ms ? [partition] : []));
  }

  /** The node may consume again what it holds. */
  wake(): void {
    for (const consumer of this.#consumers.values()) consumer.wake();
  }

  /** Begins nothing more and resolves when every event that has begun is settled. */
  async stop(): Promise<void> {
    await Promise.all([...this.#consumers.keys()].map((partition) => this.remove(partition)));
    await Promise.all(this.#ending.values());
    await this.#fetch.close();
  }

  #consumer(partition: number): EventConsumer {
    const { ledger, clock, holds, receiver } = this.options;
    const consumer = new EventConsumer({
      fetch: this.#fetch,
      partition,
      ledger,
      clock,
      mayTake: () => holds(partition),
      withdraw: () => receiver.withdraw(partition),
      handle: (envelope, deaths) => {
        if (deaths > 0) this.emit('retaken', deaths);
        return deaths > DEATHS_MAX ? this.#split(envelope) : this.#handle(envelope);
      },
    });
    consumer.on('started', () => this.emit('started', partition));
    consumer.on('completed', (jobId) => this.emit('completed', jobId));
    consumer.on('failed', (jobId, error) => this.emit('failed', jobId, error));
    consumer.on('trouble', (error) => this.emit('trouble', error));
    return consumer;
  }

  /** One of its events may be what ends the workers that take it: each is handled by itself, so that only that one is given up. */
  #split(envelope: Envelope): Promise<EnvelopeEnd> {
    const { receiver } = this.options;
    return endOf(
      envelope.events.map(async (event) => {
        await receiver.setAside(unfolded(event));
        return 'settled';
      }),
    );
  }

  /**
   * Delivers before it returns: that is what keeps the order of the queue. What is settled then is held by nobody: an envelope of which
   * one event has a slow handler would else keep all of them.
   */
  #handle(envelope: Envelope): Promise<EnvelopeEnd> {
    const now = this.options.clock.now();
    const ends: Promise<EnvelopeEnd>[] = [];
    for (const event of envelope.events) {
      const later = this.options.receiver.deliver(event);
      this.emit('received', event, Math.max(0, now - event.receivedAt), later === undefined);
      if (later) ends.push(later);
    }
    return endOf(ends);
  }
}

/**
 * Not before all have come to their end: what still runs is not to be taken for abandoned. An envelope of which something was withdrawn comes
 * again whole, what cannot be read of it included; else the first failure is its end.
 */
async function endOf(all: readonly Promise<EnvelopeEnd>[]): Promise<EnvelopeEnd> {
  const [first] = all;
  if (all.length <= 1) return first ?? 'settled';
  const ends = await Promise.allSettled(all);
  if (ends.some((end) => end.status === 'fulfilled' && end.value === 'withdrawn')) return 'withdrawn';
  for (const end of ends) if (end.status === 'rejected') throw end.reason;
  return 'settled';
}
