import type { Action, ActionId, ActionResult, SelfId } from '@rookery/protocol';

/** Where the outbox puts actions; the queues implement it. */
export interface ActionPublisher {
  /**
   * Resolves when the action is stored durably. After a rejection it may be stored all the same, so only the same action may
   * be published again.
   */
  publish(action: Action): Promise<void>;
}

/** Where connectors write down what came of each action. */
export interface ResultRecord {
  /** Undefined while the action has not ended. */
  find(self: SelfId, id: ActionId): Promise<ActionResult | undefined>;
}
