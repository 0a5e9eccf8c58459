import type { LimitSettings } from './limits';

/**
 * Added to every window, since what leaves here in time arrives there with some jitter: 2 % (without it 13 instead of 10 arrived in a
 * window), and never less than what a busy machine takes for a turn.
 */
const MARGIN = 1.02;
const MARGIN_MIN_MS = 25;
const DAY_MS = 86_400_000;

/** How much longer every window of an account is, a factor: 1 at full speed, 4 for a young account at a quarter of it. */
export function slowness({ warmUp }: LimitSettings, now: number, since: number | undefined): number {
  return warmUp !== null && since !== undefined && now - since < warmUp.days * DAY_MS ? 1 / warmUp.factor : 1;
}

/** The window that is kept for one of so many seconds, ms, margin included. */
export function windowMs(seconds: number, slow = 1): number {
  const ms = seconds * slow * 1000;
  return Math.ceil(Math.max(ms * MARGIN, ms + MARGIN_MIN_MS));
}
