import type { Clock } from './clock';

interface Timer {
  readonly due: number;
  readonly order: number;
  readonly call: () => void;
}

/**
 * A clock that stands still until a test moves it. Wall time starts at a fixed date and monotonic time at 0; both move
 * together, except for {@link jumpWall}.
 */
export class FakeClock implements Clock {
  private elapsed = 0;
  private order = 0;
  private timers: Timer[] = [];

  constructor(private wallStart = Date.UTC(2026, 0, 1)) {}

  now(): number {
    return this.wallStart + this.elapsed;
  }

  monotonic(): number {
    return this.elapsed;
  }

  /** A negative, missing or infinite delay counts as 0, as with `setTimeout`. */
  after(ms: number, call: () => void): () => void {
    const delay = Number.isFinite(ms) ? Math.max(0, ms) : 0;
    const timer: Timer = { due: this.elapsed + delay, order: this.order++, call };
    this.timers.push(timer);
    return () => {
      this.timers = this.timers.filter((other) => other !== timer);
    };
  }

  /** How many calls are still to come: 0 after a clean shutdown. */
  get pending(): number {
    return this.timers.length;
  }

  /** Milliseconds until the next call; undefined when none is pending. */
  get nextIn(): number | undefined {
    const next = this.earliest();
    return next === undefined ? undefined : Math.max(0, next.due - this.elapsed);
  }

  /**
   * Moves time on by `ms` and makes all calls that fall due, in the order of their due times; each call sees its own due
   * time as the present. Calls that are set meanwhile and fall due in the same span are made too. Synchronous: what
   * promises do in between is seen only afterwards, see {@link advanceAsync}.
   */
  advance(ms: number): void {
    const end = this.elapsed + ms;
    while (this.step(end));
    this.elapsed = end;
  }

  /** As {@link advance}, and lets promises and immediates run before the first call, between calls and after the last. */
  async advanceAsync(ms: number): Promise<void> {
    const end = this.elapsed + ms;
    await settle();
    while (this.step(end)) await settle();
    this.elapsed = end;
    await settle();
  }

  /** Moves only the wall clock, as a time service or an operator does; timers and monotonic time do not notice. */
  jumpWall(ms: number): void {
    this.wallStart += ms;
  }

  /** Makes the next call that is due at `end` or before. */
  private step(end: number): boolean {
    const next = this.earliest();
    if (next === undefined || next.due > end) return false;
    this.timers = this.timers.filter((other) => other !== next);
    this.elapsed = Math.max(this.elapsed, next.due);
    next.call();
    return true;
  }

  private earliest(): Timer | undefined {
    let first: Timer | undefined;
    for (const timer of this.timers) {
      if (first === undefined || timer.due < first.due || (timer.due === first.due && timer.order < first.order)) {
        first = timer;
      }
    }
    return first;
  }
}

function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
