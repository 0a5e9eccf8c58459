import type { PoolName, SelfId } from './ids';

/**
 * States of an account (DESIGN "Liveness"). `deaf`: connected, but silent against its usual traffic. `offline`: connected,
 * but QQ has dropped the login. `failed`: not retried soon, a person has to act.
 */
export const ACCOUNT_STATES = [
  'stopped',
  'connecting',
  'online',
  'deaf',
  'paused',
  'offline',
  'draining',
  'failed',
] as const;
export type AccountState = (typeof ACCOUNT_STATES)[number];

/** What is known of an account now; what console and CLI show. */
export interface AccountStatus {
  readonly self: SelfId;
  readonly pool: PoolName;
  readonly mode: 'forward' | 'reverse';
  readonly state: AccountState;
  /** For people: why it is in this state, and what to do when something is to be done. */
  readonly reason: string;
  /** Milliseconds since 1970. */
  readonly since: number;
}
