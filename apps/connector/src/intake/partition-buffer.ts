import {
  EnvelopeDraft,
  pause,
  toError,
  type Clock,
  type Event,
  type NodeId,
  type SpareBytes,
  type WrittenEnvelope,
} from '@rookery/protocol';

import type { Slots } from './slots';

export interface EnvelopeSink {
  /** Resolves when the envelope is durable. After a rejection the same envelope may be given again. */
  publish(envelope: WrittenEnvelope): Promise<void>;
}

export interface PartitionBufferOptions {
  readonly partition: number;
  readonly node: NodeId;
  readonly sink: EnvelopeSink;
  readonly clock: Clock;
  /** Shared by all partitions. */
  readonly slots: Slots;
  readonly spare: SpareBytes;
  /** `events`: how many Redis has acknowledged, `seconds` after they were offered. */
  readonly onPublished: (events: number, seconds: number) => void;
  readonly onFailure: (error: Error) => void;
}

/** First and longest pause before an unacknowledged envelope is given to Redis again: after an outage events wait no longer than that. */
const RETRY_FIRST_MS = 200;
const RETRY_MAX_MS = 500;

/**
 * The events of one partition that Redis has not acknowledged yet. At most one envelope is on its way; whatever arrives meanwhile
 * goes out together as the next. Of all partitions a few are on their way at a time. So at low load an event waits for nothing, and
 * under load the cost per event falls by itself.
 * An envelope that is not acknowledged is repeated, unchanged and under the same id, until it is: order and content survive
 * an outage of Redis for as long as this process lives.
 */
export class PartitionBuffer {
  /** Each holds at least one event; all but the last are full. */
  #drafts: EnvelopeDraft[] = [];
  #size = 0;
  #seq = 0;
  #running: Promise<void> | undefined;

  constructor(private readonly options: PartitionBufferOptions) {}

  /** Events not yet acknowledged. */
  get size(): number {
    return this.#size;
  }

  add(event: Event): void {
    this.#size += 1;
    if (this.#drafts.at(-1)?.add(event) !== true) this.#open().add(event);
    this.#running ??= this.#run().finally(() => (this.#running = undefined));
  }

  /** Resolves when everything added so far is acknowledged. */
  async flushed(): Promise<void> {
    while (this.#running) await this.#running;
  }

  async #run(): Promise<void> {
    // Whatever this turn of the event loop reads from the sockets may travel together.
    await new Promise<void>((resolve) => setImmediate(resolve));
    while (this.#drafts.length > 0) {
      await this.options.slots.take();
      const draft = this.#drafts.shift();
      if (draft) await this.#deliver(draft.written());
    }
  }

  #open(): EnvelopeDraft {
    const { partition, node, spare } = this.options;
    this.#seq += 1;
    const draft = new EnvelopeDraft({ partition, node, seq: this.#seq }, spare);
    this.#drafts.push(draft);
    return draft;
  }

  /** Holds its slot for the first try only: where one of several Redis servers is away, partitions of the others go on. */
  async #deliver(envelope: WrittenEnvelope): Promise<void> {
    const { clock, slots } = this.options;
    const first = await this.#try(envelope);
    slots.release();
    for (let done = first, pauseMs = RETRY_FIRST_MS; !done; pauseMs = Math.min(pauseMs * 2, RETRY_MAX_MS)) {
      await pause(clock, pauseMs);
      done = await this.#try(envelope);
    }
  }

  async #try(envelope: WrittenEnvelope): Promise<boolean> {
    const { clock, sink, onPublished, onFailure } = this.options;
    const begun = clock.monotonic();
    try {
      await sink.publish(envelope);
    } catch (error) {
      onFailure(toError(error));
      return false;
    }
    this.#size -= envelope.events;
    onPublished(envelope.events, (clock.monotonic() - begun) / 1000);
    return true;
  }
}
