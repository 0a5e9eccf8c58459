import { parseResult, type ActionResult } from '@rookery/protocol';
import { OPEN, UNKNOWN } from './scripts/claim-action';

/** How long an action id stays known after it was claimed. Replays and repeated submissions within it are recognised. */
export const CLAIM_TTL_MS = 60 * 60 * 1000;

export type Claim =
  /** Ours: execute it now. */
  | { readonly kind: 'taken' }
  /** Executed before; this is what came of it. */
  | { readonly kind: 'ended'; readonly result: ActionResult }
  /** Claimed before by somebody who recorded no result (died, or is still finding out): it may have been executed. */
  | { readonly kind: 'open' }
  /** A newer holder of the account is known: the caller must not act for it any more. Nothing was claimed. */
  | { readonly kind: 'stale' };

/** One that stood there before: somebody else's, or our own of another time. */
export type KnownClaim = Extract<Claim, { readonly kind: 'ended' | 'open' }>;

/** Stored while the outcome is not known: who took it, so that only the same holder can give it back. */
export const openBy = (epoch: number): string => `${OPEN} ${epoch}`;

/** As it is stored until another outcome replaces it; what is certain stands. */
export function stored(result: ActionResult): string {
  const json = JSON.stringify(result);
  return result.outcome === 'unknown' ? `${UNKNOWN}${json}` : json;
}

/** What a stored claim says to somebody else. */
export function claimOf(value: string): KnownClaim {
  return value.startsWith(OPEN) ? { kind: 'open' } : { kind: 'ended', result: resultIn(value) };
}

/** Of a claim that has ended. */
export function resultIn(value: string): ActionResult {
  return parseResult(JSON.parse(value.startsWith(UNKNOWN) ? value.slice(UNKNOWN.length) : value));
}

/** Whether the outcome is not known. */
export const isInDoubt = (value: string): boolean => value.startsWith(OPEN) || value.startsWith(UNKNOWN);
