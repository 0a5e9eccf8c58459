import { MINUTE, type Clock } from '@rookery/protocol';

/** Subjects that are remembered at most; the longest silent one is forgotten first. */
const SUBJECTS_MAX = 10_000;

/** Limits failures per subject to `max` in any window of `windowMs`: a sliding log, so there is no burst at a boundary. */
export class AttemptLimit {
  readonly #failures = new Map<string, number[]>();

  constructor(
    private readonly clock: Clock,
    private readonly max: number,
    private readonly windowMs = MINUTE,
  ) {}

  /** True when the subject has failed so often of late that it is not even looked at. */
  isExhausted(subject: string): boolean {
    return this.#recent(subject).length >= this.max;
  }

  failed(subject: string): void {
    const recent = this.#recent(subject);
    recent.push(this.clock.monotonic());
    this.#failures.delete(subject);
    this.#failures.set(subject, recent);
    if (this.#failures.size <= SUBJECTS_MAX) return;
    for (const oldest of this.#failures.keys()) {
      this.#failures.delete(oldest);
      return;
    }
  }

  #recent(subject: string): number[] {
    const since = this.clock.monotonic() - this.windowMs;
    return (this.#failures.get(subject) ?? []).filter((at) => at > since);
  }
}
