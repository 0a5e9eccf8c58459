import { MINUTE, type Clock } from '@rookery/protocol';

/**
 * Lets one line per kind and minute through and says how many were held back since: rubbish at 10,000 frames a second must
 * not become 10,000 log lines a second. Kinds are closed sets, so the memory is bounded.
 */
export class NoiseLimit {
  readonly #kinds = new Map<string, { until: number; suppressed: number }>();

  constructor(
    private readonly clock: Clock,
    private readonly onSuppressed: () => void = () => undefined,
    private readonly windowMs: number = MINUTE,
  ) {}

  /** Calls `write` with the number of lines of this kind held back since the last one, or holds this one back. */
  pass(kind: string, write: (suppressed: number) => void): void {
    const now = this.clock.monotonic();
    const known = this.#kinds.get(kind);
    if (known && now < known.until) {
      known.suppressed += 1;
      this.onSuppressed();
      return;
    }
    this.#kinds.set(kind, { until: now + this.windowMs, suppressed: 0 });
    write(known?.suppressed ?? 0);
  }
}
