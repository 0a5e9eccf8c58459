/**
 * Gathers what one turn of the event loop, with all that its promises lead to, has to say into one message: a message costs some
 * 10 µs, whatever it holds.
 */
export class Batch<Message> {
  #messages: Message[] = [];
  readonly #flushed = (): void => this.flush();

  constructor(private readonly to: { postMessage(messages: readonly Message[]): void }) {}

  add(message: Message): void {
    // A tick that is asked for by a promise comes after all promises; one that is asked for by an event comes before them.
    if (this.#messages.length === 0) queueMicrotask(() => process.nextTick(this.#flushed));
    this.#messages.push(message);
  }

  flush(): void {
    const messages = this.#messages;
    this.#messages = [];
    if (messages.length > 0) this.to.postMessage(messages);
  }
}
