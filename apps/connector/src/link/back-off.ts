import type { Clock, Random } from '@rookery/protocol';

/**
 * Back-off with full jitter, so that accounts which were lost together do not come back together: each wait is uniform between 0 and a
 * ceiling, the time since the first failure, within base and cap. So an account is back after no more than twice the time for which
 * its NapCat was away. A ceiling that doubles with every try promises no such thing: after some short waits in a row the next
 * one may be long, though little time has passed.
 */
export class BackOff {
  #since: number | undefined;

  constructor(
    private readonly random: Random,
    private readonly clock: Pick<Clock, 'monotonic'>,
    private readonly baseMs: number,
    private readonly capMs: number,
  ) {}

  /** The next wait, in whole milliseconds. */
  next(): number {
    const now = this.clock.monotonic();
    this.#since ??= now;
    const ceiling = Math.min(this.capMs, Math.max(this.baseMs, now - this.#since));
    return Math.round(this.random() * ceiling);
  }

  reset(): void {
    this.#since = undefined;
  }
}
