import type { Clock, Random } from '@rookery/protocol';

/** Shortest time between two sends of one account, and how much chance is added so that the rhythm is not a machine's. */
export interface PaceProfile {
  readonly gapMs: number;
  readonly jitterMs: number;
}

/**
 * No official figures exist. Operators report 1 to 3 s between messages (Adachi-BOT, windoge-plugin, Yunzai-Bot), go-cqhttp's
 * sample limiter is 1 per second; replies at once or in bursts got accounts frozen (mamoe/mirai 2810, NapCatQQ 130).
 */
export const PACE_PROFILES = {
  default: { gapMs: 1_000, jitterMs: 500 },
  cautious: { gapMs: 1_500, jitterMs: 1_500 },
  unlimited: { gapMs: 0, jitterMs: 0 },
} as const satisfies Record<string, PaceProfile>;

export type PaceProfileName = keyof typeof PACE_PROFILES;

/** The minimum gap between the sends of one account. Not a bucket: waiting earns no right to a burst. */
export class Pace {
  #notBefore = 0;

  constructor(
    private readonly profile: PaceProfile,
    private readonly clock: Clock,
    private readonly random: Random,
  ) {}

  /** Milliseconds until the next send may leave; 0 means now. */
  waitMs(): number {
    return Math.max(0, this.#notBefore - this.clock.monotonic());
  }

  /** To be called at the moment of sending. */
  sent(): void {
    this.#notBefore = this.clock.monotonic() + this.profile.gapMs + this.random() * this.profile.jitterMs;
  }
}
