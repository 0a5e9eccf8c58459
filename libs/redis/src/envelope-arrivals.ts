import { SECOND, toError, type Clock } from '@rookery/protocol';
import type { Redis as Server } from 'ioredis';
import type { Redis } from './client';
import { keys } from './keys';

export interface EnvelopeArrivalsOptions {
  /** To a single server, of use `consumer`; a connection that listens is made beside it. */
  readonly redis: Redis;
  readonly clock: Pick<Clock, 'after'>;
  readonly onTrouble: (error: Error) => void;
}

/** A notice that was lost, or never given (BullMQ's own tools give none), costs no more. One call looks into all queues. */
const LOOK_MS = SECOND;

interface Listened {
  /** Something may have come since the queue was looked into. */
  isNoted: boolean;
  wake: () => void;
}

/**
 * Tells the consumers of partitions when there may be something in their queues, by one connection for all: the script that puts an envelope into an
 * empty queue says so.
 */
export class EnvelopeArrivals {
  readonly #listened = new Map<string, Listened>();
  #subscriber: Server | undefined;
  #cancel: () => void = () => undefined;
  #isClosed = false;

  constructor(private readonly options: EnvelopeArrivalsOptions) {}

  /** Resolves when something may have come since {@link looked}, and within a second in any case. One at a time waits for a partition. */
  async next(partition: number): Promise<void> {
    const listened = this.#listen(partition);
    if (!listened.isNoted) await new Promise<void>((resolve) => (listened.wake = resolve));
    listened.wake = () => undefined;
  }

  /** The queue is about to be looked into: what has come before is seen by that. */
  looked(partition: number): void {
    const listened = this.#listened.get(channelOf(partition));
    if (listened) listened.isNoted = false;
  }

  /** Nobody waits for this partition any more; who does goes on. */
  leave(partition: number): void {
    const channel = channelOf(partition);
    const listened = this.#listened.get(channel);
    if (!listened) return;
    this.#listened.delete(channel);
    listened.wake();
    this.#tell((subscriber) => subscriber.unsubscribe(channel));
  }

  close(): void {
    this.#isClosed = true;
    this.#cancel();
    this.#subscriber?.disconnect();
    for (const { wake } of this.#listened.values()) wake();
  }

  #listen(partition: number): Listened {
    const channel = channelOf(partition);
    const known = this.#listened.get(channel);
    if (known) return known;
    // What came before it listens is found by a look.
    const listened = { isNoted: true, wake: () => undefined };
    this.#listened.set(channel, listened);
    // What comes after that look, and before the channel is listened to, is found by another one.
    if (!this.#isClosed) this.#tell((subscriber) => subscriber.subscribe(channel).then(() => this.#note(listened)));
    return listened;
  }

  #tell(what: (subscriber: Server) => Promise<unknown>): void {
    const subscriber = (this.#subscriber ??= this.#connect());
    what(subscriber).catch((thrown: unknown) => {
      if (!this.#isClosed) this.options.onTrouble(toError(thrown));
    });
  }

  #connect(): Server {
    const subscriber = (this.options.redis as Server).duplicate({ lazyConnect: false });
    subscriber.on('error', this.options.onTrouble);
    subscriber.on('message', (channel: string) => this.#note(this.#listened.get(channel)));
    this.#lookLater();
    return subscriber;
  }

  /** Asks something as well: a connection that only listens would never learn that nobody is at its other end. */
  #lookLater(): void {
    this.#cancel = this.options.clock.after(LOOK_MS, () => {
      for (const listened of this.#listened.values()) this.#note(listened);
      if (this.#subscriber?.status === 'ready') this.#tell((subscriber) => subscriber.ping());
      this.#lookLater();
    });
  }

  #note(listened: Listened | undefined): void {
    if (!listened) return;
    listened.isNoted = true;
    listened.wake();
  }
}

const channelOf = (partition: number): string => keys.events(partition, 'arrived');
