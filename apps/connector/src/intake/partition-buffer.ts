import { toError, type Clock, type Event, type NodeId, type WrittenEnvelope } from '@rookery/protocol';
import { EnvelopeDraft } from './envelope-draft';

export interface EnvelopeSink {
  /** Resolves when the envelope is durable. After a rejection the same envelope may be given again. */
  publish(envelope: WrittenEnvelope): Promise<void>;
}

export interface PartitionBufferOptions {
  readonly partition: number;
  readonly node: NodeId;
  readonly sink: EnvelopeSink;
  readonly clock: Clock;
  /** `events`: how many Redis has acknowledged, `seconds` after they were offered. */
  readonly onPublished: (events: number, seconds: number) => void;
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
    for (let draft = this.#drafts.shift(); draft; draft = this.#drafts.shift()) await this.#deliver(draft.written());
  }

  #open(): EnvelopeDraft {
    const { partition, node } = this.options;
    this.#seq += 1;
    const draft = new EnvelopeDraft({ partition, node, seq: this.#seq });
    this.#drafts.push(draft);
    return draft;
  }

  async #deliver(envelope: WrittenEnvelope): Promise<void> {
    const { clock, sink } = this.options;
    for (let pauseMs = RETRY_FIRST_MS; ; pauseMs = Math.min(pauseMs * 2, RETRY_MAX_MS)) {
      const begun = clock.monotonic();
      try {
        await sink.publish(envelope);
        this.#size -= envelope.events;
        this.options.onPublished(envelope.events, (clock.monotonic() - begun) / 1000);
        return;
      } catch (error) {
        this.options.onFailure(toError(error));
        await new Promise<void>((resolve) => clock.after(pauseMs, resolve));
      }
    }
  }
}
