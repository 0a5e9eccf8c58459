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

/** What an operator may want of an account. `paused`: connected and listening, but never acting. */
export const WANTED_STATES = ['started', 'stopped', 'paused'] as const;
export type WantedState = (typeof WANTED_STATES)[number];

/** What an account's OneBot side is, as its own answers and frames say; a part that is absent could not be found out. */
export interface AccountImplementation {
  readonly name: 'napcat' | 'llbot' | 'go-cqhttp' | 'other';
  /** For people, as it names itself: "NapCat.Onebot 4.18.19". */
  readonly version: string;
  /** Only NapCat has one: pokes, titles, file addresses and forged forwards need it. */
  readonly packetBackend?: boolean;
  /** The form of messages that was seen last. */
  readonly format?: 'array' | 'string';
}

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
  /** Absent until it has answered once on this node. */
  readonly implementation?: AccountImplementation;
}
