import { SECOND, type Clock } from '@rookery/protocol';

/**
 * Admits dials at a bounded pace, first come first served: a node that starts with thousands of accounts must neither
 * exhaust its sockets nor be too busy to finish the handshakes it began.
 */
export class DialPace {
  readonly #waiting = new Set<() => void>();
  #active = 0;
  #nextAt = 0;
  #cancelTimer: (() => void) | undefined;

  constructor(private readonly options: { clock: Clock; atOnce: number; perSecond: number }) {}

  /**
   * Calls `start` when there is room, perhaps at once. The returned function gives the place up, in the queue or among the
   * handshakes under way; it must be called when the handshake has ended. Repeated calls change nothing.
   */
  admit(start: () => void): () => void {
    let isActive = false;
    const begin = (): void => {
      isActive = true;
      start();
    };
    this.#waiting.add(begin);
    this.#pump();
    return () => {
      if (isActive) this.#active -= 1;
      isActive = false;
      this.#waiting.delete(begin);
      this.#pump();
    };
  }

  #pump(): void {
    const { clock, atOnce, perSecond } = this.options;
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    for (const begin of this.#waiting) {
      if (this.#active >= atOnce) return;
      const now = clock.monotonic();
      if (now < this.#nextAt) {
        this.#cancelTimer = clock.after(this.#nextAt - now, () => this.#pump());
        return;
      }
      this.#waiting.delete(begin);
      this.#active += 1;
      this.#nextAt = now + SECOND / perSecond;
      begin();
    }
  }
}
