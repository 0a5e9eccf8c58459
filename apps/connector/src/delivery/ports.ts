import type { Action, ActionResult } from '@rookery/protocol';
import type { TakenAction } from '@rookery/queues';
import type { Claim } from '@rookery/redis';
import type { Witness } from './reach';

/**
 * An action in hand. `isExpired`: whether its time is over by the clock of Redis; without it our own clock says. `refusal`: how it ends
 * without being tried.
 */
export type Taken = TakenAction & { readonly isExpired?: boolean; readonly refusal?: Ending };

/** Where an account's waiting actions are taken from. */
export interface Waiting {
  /** At most so many; `epoch`: under which this node holds the account now. */
  take(most: number, epoch: number): Promise<readonly Taken[]>;
}

/** When the account may act again, as far as is known. */
export interface Gate {
  /** Milliseconds; 0 means now. */
  waitMs(): number;
}

/** The memory that keeps an action from being executed twice. */
export interface Claims {
  /** `wait`: its limits do not allow it now, and nothing was claimed. A `witness` is to be told what becomes of it. */
  claim(
    action: Action,
    epoch: number,
  ): Promise<
    | Exclude<Claim, { kind: 'taken' }>
    | { readonly kind: 'taken'; readonly witness?: Witness }
    | { readonly kind: 'wait' }
  >;
  /** Ends what nobody has begun; undefined when somebody has. */
  endUnbegun(result: ActionResult): Promise<ActionResult | undefined>;
  /** Resolves with the outcome that stands. */
  record(result: ActionResult): Promise<ActionResult>;
  /** Nothing was sent, and it may be claimed again. False: the claim was somebody else's by then. */
  release(action: Action, epoch: number): Promise<boolean>;
}

export type Ending = Pick<ActionResult, 'outcome' | 'data' | 'error'>;
