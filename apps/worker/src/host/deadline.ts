import { setMaxListeners } from 'node:events';

/**
 * The end of the time that a handler has. Its signal is made when somebody asks for it, since making one costs more than many a handler,
 * and few ask.
 */
export class Deadline {
  readonly #controller = new AbortController();
  #signal: AbortSignal | undefined;
  #aborted = false;

  get aborted(): boolean {
    return this.#aborted;
  }

  get signal(): AbortSignal {
    if (this.#signal) return this.#signal;
    this.#signal = this.#controller.signal;
    // Every action that the handler waits for listens; Node would warn of a leak at the eleventh.
    setMaxListeners(0, this.#signal);
    return this.#signal;
  }

  abort(reason: Error): void {
    this.#aborted = true;
    this.#controller.abort(reason);
  }
}
