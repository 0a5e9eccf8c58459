import {
  assertNever,
  type ActionResult,
  type BroadcastEnd,
  type BroadcastFailure,
  type ErrorCode,
  type Outcome,
} from '@rookery/protocol';
import type { BroadcastHand, BroadcastRecord } from '@rookery/redis';

/** What becomes of a target when the action for it has ended. */
export type Verdict =
  /** It has its outcome. */
  | 'ended'
  /** Nothing was sent, and by this account nothing can be: another one may. */
  | 'elsewhere'
  /** Nothing was sent, for a reason that passes. */
  | 'again';

/** What lies between the account and the target, and not in the message. */
const OF_THE_ACCOUNT: ReadonlySet<ErrorCode> = new Set([
  'ACTION_MUTED',
  'ACTION_NO_PERMISSION',
  'ACTION_NOT_FRIEND',
  'ACTION_NOT_IN_GROUP',
  'ACTION_NOT_SUPPORTED',
  'ACTION_UNKNOWN_ACCOUNT',
]);
const PASSING: ReadonlySet<ErrorCode> = new Set(['ACTION_ACCOUNT_OFFLINE', 'LINK_DOWN']);

/** What may have been sent is never tried again, and what QQ refuses for its content is refused to every account. */
export function verdictOn({ outcome, error }: Pick<ActionResult, 'outcome' | 'error'>): Verdict {
  switch (outcome) {
    case 'sent':
    case 'unknown':
      return 'ended';
    case 'not_sent':
      return 'again';
    case 'refused':
      if (error === undefined) return 'ended';
      return OF_THE_ACCOUNT.has(error.code) ? 'elsewhere' : PASSING.has(error.code) ? 'again' : 'ended';
    default:
      return assertNever(outcome);
  }
}

/** For the list that people read; undefined when there is nothing to say. */
export function failureOf(
  { target, self }: Pick<BroadcastHand, 'target' | 'self'>,
  outcome: Outcome,
  { error, endedAt }: Pick<ActionResult, 'error' | 'endedAt'>,
): BroadcastFailure | undefined {
  if (outcome === 'sent') return undefined;
  const { code, message } = error ?? { code: 'ACTION_REFUSED' as const, message: 'without a reason' };
  return { target, outcome, code, message: message.slice(0, 300), self, at: endedAt };
}

type EarlyEnd = Exclude<BroadcastEnd, 'done'>;

/** Undefined while the broadcast shall go on. */
export function endOf(
  { wanted, expiresAt }: Pick<BroadcastRecord, 'wanted' | 'expiresAt'>,
  now: number,
): EarlyEnd | undefined {
  if (wanted === 'cancelled') return 'cancelled';
  return now >= expiresAt ? 'expired' : undefined;
}

/** What is said of the targets that still waited when the broadcast ended early. */
export const GIVEN_UP: Readonly<Record<EarlyEnd, { readonly code: ErrorCode; readonly text: string }>> = {
  cancelled: { code: 'ACTION_WITHDRAWN', text: 'the broadcast was cancelled before its turn came' },
  expired: { code: 'ACTION_EXPIRED', text: 'the broadcast expired before its turn came' },
};
