import type { Clock } from '@rookery/protocol';

/** Counts what happened within the last `windowMs`. */
export class SlidingCount {
  #times: number[] = [];

  constructor(
    private readonly clock: Clock,
    private readonly windowMs: number,
  ) {}

  /** One more; returns how many there are within the window now. */
  add(): number {
    this.#times.push(this.clock.monotonic());
    return this.size;
  }

  get size(): number {
    const since = this.clock.monotonic() - this.windowMs;
    this.#times = this.#times.filter((at) => at > since);
    return this.#times.length;
  }
}
