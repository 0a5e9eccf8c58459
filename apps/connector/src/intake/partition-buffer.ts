import {
  ENVELOPE_MAX_BYTES,
  ENVELOPE_MAX_EVENTS,
  toError,
  type Clock,
  type Envelope,
  type Event,
  type NodeId,
} from '@rookery/protocol';

export interface EnvelopeSink {
  /** Resolves when the envelope is durable. After a rejection the same envelope may be given again. */
  publish(envelope: Envelope): Promise<void>;
}

export interface PartitionBufferOptions {
  readonly partition: number;
  readonly node: NodeId;
  readonly sink: EnvelopeSink;
  readonly clock: Clock;
  readonly onPublished: (envelope: Envelope, seconds: number) => void;
  readonly onFailure: (error: Error) => void;
}

/** First and longest pause before an unacknowledged envelope is given to Redis again. */
const RETRY_FIRST_MS = 200;
const RETRY_MAX_MS = 2_000;

/**
 * The events of one partition that Redis has not acknowledged yet. At most one envelope is on its way; whatever arrives meanwhile
 * goes out together as the next. So at low load an event waits for nothing, and under load the cost per event falls by itself.
 * An envelope that is not acknowledged is repeated, unchanged and under the same id, until it is: order and content survive
 * an outage of Redis for as long as this process lives.
 */
export class PartitionBuffer {
  #waiting: { event: Event; bytes: number }[] = [];
  #inFlight = 0;
  #seq = 0;
  #running: Promise<void> | undefined;

  constructor(private readonly options: PartitionBufferOptions) {}

  /** Events not yet acknowledged. */
  get size(): number {
    return this.#waiting.length + this.#inFlight;
  }

  /** `bytes`: length of the frame the event came in, as a measure of its size as a job. */
  add(event: Event, bytes: number): void {
    this.#waiting.push({ event, bytes });
    this.#running ??= this.#run().finally(() => (this.#running = undefined));
  }

  /** Resolves when everything added so far is acknowledged. */
  async flushed(): Promise<void> {
    while (this.#running) await this.#running;
  }

  async #run(): Promise<void> {
    // Frames that came in one read are handed over one after the other: let the rest of the batch arrive first.
    await Promise.resolve();
    while (this.#waiting.length > 0) {
      const envelope = this.#next();
      this.#inFlight = envelope.events.length;
      await this.#deliver(envelope);
      this.#inFlight = 0;
    }
  }

  #next(): Envelope {
    let bytes = 0;
    let count = 0;
    for (const entry of this.#waiting) {
      bytes += entry.bytes;
      if (count === ENVELOPE_MAX_EVENTS || (count > 0 && bytes > ENVELOPE_MAX_BYTES)) break;
      count += 1;
    }
    const events = this.#waiting.slice(0, count).map((entry) => entry.event);
    this.#waiting = this.#waiting.slice(count);
    this.#seq += 1;
    return { v: 1, partition: this.options.partition, node: this.options.node, seq: this.#seq, events };
  }

  async #deliver(envelope: Envelope): Promise<void> {
    const { clock, sink } = this.options;
    for (let pauseMs = RETRY_FIRST_MS; ; pauseMs = Math.min(pauseMs * 2, RETRY_MAX_MS)) {
      const begun = clock.monotonic();
      try {
        await sink.publish(envelope);
        this.options.onPublished(envelope, (clock.monotonic() - begun) / 1000);
        return;
      } catch (error) {
        this.options.onFailure(toError(error));
        await new Promise<void>((resolve) => clock.after(pauseMs, resolve));
      }
    }
  }
}
