import { EventEmitter } from 'node:events';
import { Mailbox, type MailboxOptions, type Offer, type Standing } from './mailbox';

export interface KeyedMailboxesEvents<K, M> {
  /** A handler threw or rejected; the mailbox goes on with its next message. */
  failed: [key: K, thrown: unknown, message: M];
}

export interface KeyedMailboxesOptions<M> {
  /** Most messages of one key that wait or run. */
  readonly perKey: number;
  /** Most messages of all keys together. */
  readonly total: number;
  readonly handle: (message: M) => unknown;
  readonly ready?: MailboxOptions<M>['ready'];
}

/**
 * One mailbox per key. A mailbox is made by the first message for its key and dropped with its last, so an idle key costs
 * nothing; state that must outlive a lull is kept elsewhere.
 */
export class KeyedMailboxes<K, M> extends EventEmitter<KeyedMailboxesEvents<K, M>> {
  readonly #mailboxes = new Map<K, Mailbox<M>>();
  #messages = 0;
  #drained: (() => void)[] = [];

  constructor(private readonly options: KeyedMailboxesOptions<M>) {
    super();
  }

  /** Keys with waiting or running messages. */
  get size(): number {
    return this.#mailboxes.size;
  }

  /** Messages that wait or run. */
  get messages(): number {
    return this.#messages;
  }

  /** `full` when the key's share or the total is used up; nothing was taken then. */
  offer(key: K, message: M, standing?: Standing): Offer {
    if (this.#messages >= this.options.total) return 'full';
    let mailbox = this.#mailboxes.get(key);
    if (!mailbox) {
      mailbox = this.#open(key);
      this.#mailboxes.set(key, mailbox);
    }
    const offer = mailbox.offer(message, standing);
    if (offer === 'accepted') this.#messages += 1;
    return offer;
  }

  /** Resolves when no message waits or runs, those included that are offered meanwhile. */
  drain(): Promise<void> {
    if (this.#messages === 0) return Promise.resolve();
    return new Promise((resolve) => this.#drained.push(resolve));
  }

  #open(key: K): Mailbox<M> {
    return new Mailbox<M>({
      capacity: this.options.perKey,
      handle: this.options.handle,
      ready: this.options.ready,
      // In a turn of its own, so that a listener that throws cannot stop the mailbox.
      onFailure: (thrown, message) => queueMicrotask(() => this.emit('failed', key, thrown, message)),
      onDone: (remaining) => this.#done(key, remaining),
    });
  }

  #done(key: K, remaining: number): void {
    this.#messages -= 1;
    if (remaining === 0) this.#mailboxes.delete(key);
    if (this.#messages > 0) return;
    const drained = this.#drained;
    this.#drained = [];
    for (const resolve of drained) resolve();
  }
}
