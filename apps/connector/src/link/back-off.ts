import type { Random } from '@rookery/protocol';

/**
 * Exponential back-off with full jitter: each wait is uniform between 0 and a ceiling that doubles, so that accounts which were
 * lost together do not come back together.
 */
export class BackOff {
  #tries = 0;

  constructor(
    private readonly random: Random,
    private readonly baseMs: number,
    private readonly capMs: number,
  ) {}

  /** The next wait, in whole milliseconds. */
  next(): number {
    const ceiling = Math.min(this.capMs, this.baseMs * 2 ** this.#tries);
    if (ceiling < this.capMs) this.#tries += 1;
    return Math.round(this.random() * ceiling);
  }

  reset(): void {
    this.#tries = 0;
  }
}
