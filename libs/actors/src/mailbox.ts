/** `full`: the message was not taken; the caller decides what becomes of it. */
export type Offer = 'accepted' | 'full';

/** How a message stands to its neighbours. Without it: first in, first out. */
export interface Standing {
  /** May be overtaken while it waits. */
  readonly yields?: boolean;
  /** Goes before those that wait at the end and yield, never before one that does not. */
  readonly overtakes?: boolean;
  /** Goes before those that wait at its end with a higher place, never before one without a place. */
  readonly place?: number | undefined;
}

interface Waiting<M> {
  readonly message: M;
  readonly yields: boolean;
  readonly place: number | undefined;
}

export interface MailboxOptions<M> {
  /** Most messages that wait or run at once. */
  readonly capacity: number;
  readonly handle: (message: M) => unknown;
  /** Until then the next message waits, and one of a lower place may still come before it; undefined: it can be handled now. Never rejects. */
  readonly ready?: ((message: M) => Promise<unknown> | undefined) | undefined;
  /** The handler threw or rejected, with whatever it threw. The next message follows all the same. */
  readonly onFailure: (thrown: unknown, message: M) => void;
  /** Called after each message, when it no longer counts. */
  readonly onDone: (remaining: number) => void;
}

/** Handles messages in the order of their offers, one at a time; only what yields, or has a higher place, is overtaken. */
export class Mailbox<M> {
  readonly #waiting: Waiting<M>[] = [];
  #running = false;
  /** The loop below is under way or about to begin. */
  #active = false;

  constructor(private readonly options: MailboxOptions<M>) {}

  /** Messages that wait, plus the one that runs. */
  get size(): number {
    return this.#waiting.length + (this.#running ? 1 : 0);
  }

  /** Never runs the handler itself: that starts after the caller's turn. */
  offer(message: M, { yields = false, overtakes = false, place }: Standing = {}): Offer {
    if (this.size >= this.options.capacity) return 'full';
    let index = overtakes ? this.#waiting.findLastIndex((waiting) => !waiting.yields) + 1 : this.#waiting.length;
    if (place !== undefined) while (isAbove(this.#waiting[index - 1], place)) index -= 1;
    this.#waiting.splice(index, 0, { message, yields, place });
    if (!this.#active) {
      this.#active = true;
      queueMicrotask(() => void this.#run());
    }
    return 'accepted';
  }

  async #run(): Promise<void> {
    for (let next = this.#waiting[0]; next; next = this.#waiting[0]) {
      const { message } = next;
      const ready = this.options.ready?.(message);
      if (ready) {
        await ready;
        if (this.#waiting[0] !== next) continue;
      }
      this.#waiting.shift();
      this.#running = true;
      try {
        await this.options.handle(message);
      } catch (thrown) {
        this.options.onFailure(thrown, message);
      }
      this.#running = false;
      this.options.onDone(this.size);
    }
    this.#active = false;
  }
}

const isAbove = (waiting: Waiting<unknown> | undefined, place: number): boolean =>
  waiting?.place !== undefined && waiting.place > place;
