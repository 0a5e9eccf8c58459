import type { Action, ActionId, ActionResult, Clock, MessageEvent, SelfId } from '@rookery/protocol';
import type { OpenAction } from '@rookery/redis';
import type { Claims } from '../ports';
import type { AskedAction } from './doubtful-results';

/** By what an outcome that was in doubt was decided. */
export type DecidedBy = 'reply' | 'message';

export interface ReconciliationEvents {
  /** This node has begun the action. */
  begun: [action: Action];
  /** It was given back unsent. */
  released: [action: Action];
  /** NapCat's answer, or that there was none, to an action that this node had begun. */
  answered: [action: Action, result: ActionResult];
  /** The outcome for whoever asked. */
  told: [asked: AskedAction, result: ActionResult];
  /** An outcome that was in doubt became known before anybody was told otherwise; `told` has it too. */
  found: [asked: AskedAction, by: DecidedBy];
  /** An action that had been told as unknown turned out to be this; the record says so now. */
  corrected: [asked: AskedAction, result: ActionResult, by: DecidedBy];
  trouble: [error: Error];
}

/** The part of the claims that outlives this process. */
export interface LastingClaims extends Omit<Claims, 'record'> {
  record(
    result: ActionResult,
    how?: { readonly isSought?: boolean; readonly job?: string | undefined },
  ): Promise<ActionResult>;
  open(self: SelfId): Promise<readonly OpenAction[]>;
  forgetOpen(self: SelfId, ids: readonly ActionId[]): Promise<void>;
  sentMessages(self: SelfId): Promise<readonly string[]>;
}

export interface ReconciliationOptions {
  readonly claims: LastingClaims;
  readonly clock: Clock;
  /** Reads what the account said lately in a chat; the messages come back through `heard`. */
  readonly readHistory: (self: SelfId, target: string) => Promise<readonly MessageEvent[]>;
}
