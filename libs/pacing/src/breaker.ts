import type { Clock } from '@rookery/protocol';

export interface BreakerRules {
  /** Failures in a row that open it. */
  readonly threshold: number;
  /** How long it stays open before one attempt may show whether things are well again, milliseconds. */
  readonly openMs: number;
  /** Each failed probe doubles that time, up to this. */
  readonly openMaxMs: number;
}

/** What outlives the process; times in milliseconds since 1970. */
export interface BreakerMemory {
  readonly failures: number;
  readonly openMs: number;
  readonly until: number;
}

export type BreakerChange = 'opened' | 'probing' | 'closed' | undefined;

/**
 * Keeps attempts back while they keep failing.
 *
 * closed   everything passes. Failures in a row are counted, a success forgets them. Left at the threshold, or by `trip` (→ open).
 * open     nothing passes until a moment on the wall clock, which other processes understand too. Left by the first attempt after it
 *          (→ probing).
 * probing  that one attempt is under way, and nothing else passes. Left by its success (→ closed), its failure (→ open, for twice as
 *          long), or when it shows nothing (→ open, and due at once).
 */
export class Breaker {
  #failures: number;
  #openMs: number;
  /** 0 while closed. */
  #until: number;
  #probe: string | undefined;

  constructor(
    private readonly rules: BreakerRules,
    private readonly clock: Clock,
    memory?: BreakerMemory,
  ) {
    this.#failures = memory?.failures ?? 0;
    this.#openMs = memory?.openMs ?? rules.openMs;
    this.#until = memory?.until ?? 0;
  }

  /** As in the class comment; an open one whose time is over stays open until something is attempted. */
  get state(): 'closed' | 'open' | 'probing' {
    if (this.#probe !== undefined) return 'probing';
    return this.#until === 0 ? 'closed' : 'open';
  }

  /** Nothing to remember. */
  get isIdle(): boolean {
    return this.#failures === 0 && this.#until === 0;
  }

  get memory(): BreakerMemory {
    return { failures: this.#failures, openMs: this.#openMs, until: this.#until };
  }

  /** Why an attempt may not be made now; `until` is absent while a probe is under way. */
  blocked(): { readonly until?: number } | undefined {
    if (this.#probe !== undefined) return {};
    return this.#until > this.clock.now() ? { until: this.#until } : undefined;
  }

  /** An attempt is made. */
  begun(id: string): BreakerChange {
    if (this.#until === 0 || this.#probe !== undefined) return undefined;
    this.#probe = id;
    return 'probing';
  }

  succeeded(): BreakerChange {
    const wasOpen = this.#until !== 0;
    this.#failures = 0;
    this.#until = 0;
    this.#openMs = this.rules.openMs;
    this.#probe = undefined;
    return wasOpen ? 'closed' : undefined;
  }

  failed(id: string): BreakerChange {
    this.#failures += 1;
    if (this.#probe !== undefined) {
      if (this.#probe !== id) return undefined;
      this.#openMs = Math.min(this.#openMs * 2, this.rules.openMaxMs);
      return this.trip();
    }
    return this.#until === 0 && this.#failures >= this.rules.threshold ? this.trip() : undefined;
  }

  /** The attempt was not made, or ended in a way that shows nothing. Says whether another probe may be made. */
  spent(id: string): boolean {
    if (this.#probe !== id) return false;
    this.#probe = undefined;
    return true;
  }

  /** Opens at once. */
  trip(): 'opened' {
    this.#probe = undefined;
    this.#until = this.clock.now() + this.#openMs;
    return 'opened';
  }
}
