import type { Action, ActionResult } from '@rookery/protocol';

/** An action on its way. Neither promise rejects. */
export interface Asked {
  /** Settles when the action is stored durably, or when it is certain that it will not be. */
  readonly queued: Promise<void>;
  readonly result: Promise<ActionResult>;
}

/** Where contexts put what handlers want. The worker implements it with the queues, a test with a list. */
export interface Outbox {
  /**
   * Asks and waits, until `signal` ends the waiting or `deadlineMs` have passed (the action is not taken back then). The same id is
   * the same action.
   */
  ask(action: Action, signal: AbortSignal, deadlineMs?: number): Asked;
  /** Nobody waits for the result. Resolves when the action is stored durably, rejects when its time was over first. */
  post(action: Action, time: Pick<AbortSignal, 'aborted'>): Promise<void>;
  /**
   * As {@link post}, for what a handler returns: whoever runs the handler waits until it is stored and does not end the handler before. Where
   * it is not offered, `post` is used.
   */
  leave?(action: Action): void;
}
