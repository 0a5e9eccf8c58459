import { EventEmitter } from 'node:events';
import { partitionOf, pause, toError, type Clock, type MessageHead } from '@rookery/protocol';
import type { SuspendedHandling } from '@rookery/redis';

/** Where handlings that wait for an answer are kept. */
export interface AskStore {
  /** Rejects with ASK_REFUSED when there is no room. */
  put(suspended: SuspendedHandling): Promise<void>;
  remove(suspended: SuspendedHandling): Promise<void>;
  load(partition: number): Promise<readonly SuspendedHandling[]>;
}

export interface PendingAsksEvents {
  /** Another number of handlings waits. */
  changed: [];
  /** Nobody waits for this answer any more. */
  due: [suspended: SuspendedHandling];
  /** Redis did not answer; the call is repeated until it does. */
  trouble: [error: Error];
}

export interface PendingAsksOptions {
  readonly store: AskStore;
  readonly partitions: number;
  readonly clock: Clock;
}

interface Entry {
  readonly suspended: SuspendedHandling;
  readonly cancel: () => void;
}

const RETRY_MS = 500;
/** An answer that was in time may still be in the queue when its worker has just begun with the partition. */
const LATE_MS = 5_000;

/**
 * Who waits for whose answer, of the partitions that this worker holds: read once when a partition comes, so that a message costs a
 * look-up in memory and no question to Redis.
 */
export class PendingAsks extends EventEmitter<PendingAsksEvents> {
  readonly #entries = new Map<string, Entry>();
  /** Conversation and user → ids, the newest last: people answer what they were asked last. */
  readonly #byAsked = new Map<string, string[]>();
  readonly #held = new Set<number>();

  constructor(private readonly options: PendingAsksOptions) {
    super();
  }

  /** Handlings that wait. */
  get size(): number {
    return this.#entries.size;
  }

  /** Resolves when it is known who waits in the partition; while Redis is away that takes as long as the outage. */
  async load(partition: number): Promise<void> {
    this.#held.add(partition);
    const found = await this.#untilDone(() => this.options.store.load(partition));
    const { clock } = this.options;
    for (const suspended of [...found].sort((a, b) => a.ask.since - b.ask.since)) {
      if (!this.#held.has(partition) || this.#entries.has(suspended.id)) continue;
      this.#add(suspended, Math.max(suspended.ask.until - clock.now(), LATE_MS));
    }
  }

  /** Nothing of the partition is handled here any more. */
  drop(partition: number): void {
    this.#held.delete(partition);
    for (const { suspended } of [...this.#entries.values()]) {
      if (this.#partition(suspended) === partition) this.#forget(suspended.id);
    }
  }

  get(id: string): SuspendedHandling | undefined {
    return this.#entries.get(id)?.suspended;
  }

  /** The handling that the message answers. */
  answeredBy({ conversation, sender }: MessageHead): SuspendedHandling | undefined {
    if (this.#entries.size === 0) return undefined;
    const id = this.#byAsked.get(`${conversation} ${sender.userId}`)?.at(-1);
    return id === undefined ? undefined : this.get(id);
  }

  /** Resolves when it is stored, and an answer would find it. Rejects with ASK_REFUSED, or when Redis does not answer. */
  async keep(suspended: SuspendedHandling): Promise<void> {
    await this.options.store.put(suspended);
    this.#forget(suspended.id);
    if (!this.#held.has(this.#partition(suspended))) return;
    this.#add(suspended, suspended.ask.until - this.options.clock.now());
  }

  /** It waits no more. Resolves when that is stored. */
  async end(suspended: SuspendedHandling): Promise<void> {
    await this.#untilDone(() => this.options.store.remove(suspended));
    this.#forget(suspended.id);
  }

  #add(suspended: SuspendedHandling, inMs: number): void {
    const { id } = suspended;
    const cancel = this.options.clock.after(inMs, () => this.emit('due', suspended));
    this.#entries.set(id, { suspended, cancel });
    const asked = askedKey(suspended);
    this.#byAsked.set(asked, [...(this.#byAsked.get(asked) ?? []), id]);
    this.emit('changed');
  }

  #forget(id: string): void {
    const entry = this.#entries.get(id);
    if (!entry) return;
    entry.cancel();
    this.#entries.delete(id);
    const asked = askedKey(entry.suspended);
    const others = (this.#byAsked.get(asked) ?? []).filter((other) => other !== id);
    if (others.length > 0) this.#byAsked.set(asked, others);
    else this.#byAsked.delete(asked);
    this.emit('changed');
  }

  #partition({ ask }: SuspendedHandling): number {
    return partitionOf(ask.conversation, this.options.partitions);
  }

  async #untilDone<T>(call: () => Promise<T>): Promise<T> {
    for (;;) {
      try {
        return await call();
      } catch (thrown) {
        this.emit('trouble', toError(thrown));
        await pause(this.options.clock, RETRY_MS);
      }
    }
  }
}

function askedKey({ ask }: SuspendedHandling): string {
  return `${ask.conversation} ${ask.user}`;
}
