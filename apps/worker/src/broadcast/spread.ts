import type { Clock, Random } from '@rookery/protocol';

/** Keeps the targets of a broadcast apart in time. Time that passed unused is never made up for. */
export class Spread {
  /** Monotonic. */
  #nextAt = Number.NEGATIVE_INFINITY;

  constructor(
    private readonly clock: Clock,
    private readonly random: Random,
  ) {}

  /** Milliseconds until the next target may be taken. */
  get waitMs(): number {
    return Math.max(0, this.#nextAt - this.clock.monotonic());
  }

  /** One was taken. `stepMs`: mean distance; `jitter`: the share of it by which it varies. */
  taken(stepMs: number, jitter: number): void {
    this.#nextAt = this.clock.monotonic() + stepMs * (1 + jitter * (2 * this.random() - 1));
  }
}
