/** `full`: the message was not taken; the caller decides what becomes of it. */
export type Offer = 'accepted' | 'full';

/** How a message stands to its neighbours. Without it: first in, first out. */
export interface Standing {
  /** May be overtaken while it waits. */
  readonly yields?: boolean;
  /** Goes before those that wait at the end and yield, never before one that does not. */
  readonly overtakes?: boolean;
}

interface Waiting<M> {
  readonly message: M;
  readonly yields: boolean;
}

export interface MailboxOptions<M> {
  /** Most messages that wait or run at once. */
  readonly capacity: number;
  readonly handle: (message: M) => unknown;
  /** The handler threw or rejected, with whatever it threw. The next message follows all the same. */
  readonly onFailure: (thrown: unknown, message: M) => void;
  /** Called after each message, when it no longer counts. */
  readonly onDone: (remaining: number) => void;
}

/** Handles messages in the order of their offers, one at a time; only what yields is overtaken. */
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
  offer(message: M, { yields = false, overtakes = false }: Standing = {}): Offer {
    if (this.size >= this.options.capacity) return 'full';
    const place = overtakes ? this.#waiting.findLastIndex((waiting) => !waiting.yields) + 1 : this.#waiting.length;
    this.#waiting.splice(place, 0, { message, yields });
    if (!this.#active) {
      this.#active = true;
      queueMicrotask(() => void this.#run());
    }
    return 'accepted';
  }

  async #run(): Promise<void> {
    while (this.#waiting.length > 0) {
      const [{ message }] = this.#waiting.splice(0, 1) as [Waiting<M>];
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
