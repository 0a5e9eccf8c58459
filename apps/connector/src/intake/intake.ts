import { EventEmitter } from 'node:events';
import { normalizeEvent, Ordinals, type EventFrame, type EventRejection } from '@rookery/onebot';
import {
  partitionOf,
  SpareBytes,
  type Clock,
  type Event,
  type NodeId,
  type PoolName,
  type SelfId,
} from '@rookery/protocol';
import { PartitionBuffer, type EnvelopeSink } from './partition-buffer';
import { Slots } from './slots';

export interface IntakeEvents {
  /** `timeReplaced`: the frame's time was absent or absurd and the time of arrival stands in for it. */
  accepted: [event: Event, timeReplaced: boolean];
  rejected: [self: SelfId, reason: EventRejection, detail: string];
  /** `events`: how many Redis has acknowledged, `seconds` after they were offered. */
  published: [events: number, seconds: number];
  publishFailed: [error: Error];
  /** The buffer is full: reading from the sockets must pause, so that NapCat's TCP window fills instead of our memory. */
  full: [];
  /** There is room again. */
  drained: [];
}

export interface IntakeOptions {
  readonly partitions: number;
  readonly node: NodeId;
  readonly sink: EnvelopeSink;
  readonly clock: Clock;
  /** Unacknowledged events at which reading pauses; it resumes at half of it. */
  readonly capacity?: number;
}

/** About 40 MB of typical events. */
const DEFAULT_CAPACITY = 20_000;
/** Envelopes on their way to Redis where many events come, and unacknowledged events up to which there is nothing to gather for. */
const ON_THEIR_WAY = 4;
const QUIET = 128;
/** Contents remembered per connection to tell equal events apart; they matter for one second. */
const ORDINAL_MEMORY = 256;

/** Where a frame came from. */
export interface FrameSource {
  /**
   * The same object for all frames of one socket. Equal events are counted per connection: so two connections to one account give
   * equal ids to the copies of one poke, and different ids to two pokes, whichever node or socket they came over.
   */
  readonly connection: object;
  /** Read from history after a gap. */
  readonly filled?: true;
}

/** From frames to envelopes: normalizes what the links read and hands it to the queue of its partition. */
export class Intake extends EventEmitter<IntakeEvents> {
  readonly #buffers: readonly PartitionBuffer[];
  readonly #ordinals = new WeakMap<object, Ordinals>();
  readonly #capacity: number;
  readonly #slots = new Slots(ON_THEIR_WAY, () => this.#size <= QUIET);
  #size = 0;
  #full = false;

  constructor(private readonly options: IntakeOptions) {
    super();
    this.#capacity = options.capacity ?? DEFAULT_CAPACITY;
    const spare = new SpareBytes();
    this.#buffers = Array.from({ length: options.partitions }, (_, partition) => {
      return new PartitionBuffer({
        partition,
        node: options.node,
        sink: options.sink,
        slots: this.#slots,
        spare,
        clock: options.clock,
        onPublished: (events, seconds) => this.#published(events, seconds),
        onFailure: (error) => this.emit('publishFailed', error),
      });
    });
  }

  /** Events read and not yet acknowledged by Redis. */
  get size(): number {
    return this.#size;
  }

  accept(self: SelfId, pool: PoolName, frame: EventFrame, { connection, filled }: FrameSource): void {
    const normalized = normalizeEvent(frame, {
      self,
      pool,
      receivedAt: this.options.clock.now(),
      ordinal: (content) => this.#ordinalsOf(connection).next(content),
      filled: filled === true,
    });
    if (!normalized.ok) {
      this.emit('rejected', self, normalized.reason, normalized.detail);
      return;
    }
    const { event } = normalized;
    this.#size += 1;
    this.#buffers[partitionOf(event.conversation, this.options.partitions)]?.add(event);
    this.emit('accepted', event, normalized.timeReplaced);
    if (!this.#full && this.#size >= this.#capacity) {
      this.#full = true;
      this.emit('full');
    }
  }

  /** Begins no envelope until {@link release}: what comes waits in the buffers, and counts for their capacity. */
  hold(): void {
    this.#slots.shut();
  }

  release(): void {
    this.#slots.open();
  }

  /** Resolves when Redis has acknowledged everything accepted so far. */
  async flushed(): Promise<void> {
    await Promise.all(this.#buffers.map((buffer) => buffer.flushed()));
  }

  #ordinalsOf(connection: object): Ordinals {
    const known = this.#ordinals.get(connection);
    if (known !== undefined) return known;
    const fresh = new Ordinals(ORDINAL_MEMORY);
    this.#ordinals.set(connection, fresh);
    return fresh;
  }

  #published(events: number, seconds: number): void {
    this.#size -= events;
    this.emit('published', events, seconds);
    if (this.#full && this.#size <= this.#capacity / 2) {
      this.#full = false;
      this.emit('drained');
    }
  }
}
