import type { AccountState, AccountStatus } from './account';
import type { AppName } from './control/requests';

/** How many accounts are in which state; states that none is in are left out. */
export type AccountTally = Readonly<Partial<Record<AccountState, number>>>;

/** The cluster as one worker sees it at one moment, with the account and the pool that an event belongs to. */
export interface FleetStatus {
  /** Of the worker that answers. */
  readonly version: string;
  /** When that worker was started; milliseconds since 1970. */
  readonly startedAt: number;
  readonly nodes: Readonly<Record<AppName, number>>;
  readonly accounts: AccountTally;
  readonly pool: AccountTally;
  /** The account that saw the event; absent when the cluster has it no more. */
  readonly account?: Pick<AccountStatus, 'self' | 'state' | 'reason'> & { readonly since?: number };
  readonly backlog: {
    /** Envelopes of events that no worker has begun with. */
    readonly events: number;
    /** Age of the oldest of them, seconds. */
    readonly eventsOldest: number;
    /** Actions that have not been sent. */
    readonly actions: number;
    /** Handlings that will be tried again. */
    readonly retries: number;
    readonly deadLetters: number;
  };
}
