import {
  broadcastAddress,
  MINUTE,
  pause,
  SECOND,
  type Action,
  type ActionId,
  type ActionResult,
  type BroadcastTarget,
  type Clock,
  type ErrorCode,
  type Outcome,
  type SelfId,
} from '@rookery/protocol';
import type { BroadcastHand, BroadcastRecord } from '@rookery/redis';
import type { Outbox } from '../outbox';

export interface SendingOptions {
  readonly outbox: Pick<Outbox, 'ask' | 'resolve'>;
  /** Where it is written down which actions were begun, and what came of them. */
  readonly claims: {
    find(self: SelfId, id: ActionId): Promise<ActionResult | undefined>;
    endUnbegun(result: ActionResult): Promise<ActionResult | undefined>;
  };
  readonly actionOf: (hand: Pick<BroadcastHand, 'target' | 'attempt'>) => ActionId;
  readonly clock: Clock;
  readonly onTrouble: (error: unknown) => void;
}

/** The record of what was begun forgets after an hour; from then on its silence says nothing. */
const REMEMBERED_MS = 50 * MINUTE;
/** An action may still run for so long after its expiry. */
const GRACE_MS = 90 * SECOND;
const RETRY_MS = 1 * SECOND;

/** Has the targets in hand sent, and calls them back. The promises it returns never reject. */
export class Sending {
  constructor(private readonly options: SendingOptions) {}

  send(record: BroadcastRecord, hand: BroadcastHand, signal: AbortSignal): Promise<ActionResult> {
    return this.options.outbox.ask(this.#action(record, hand), signal).result;
  }

  /**
   * What came of a hand of a predecessor, who may have ended before or after it asked for the action. Asking again is asking for the
   * same action.
   */
  async resume(record: BroadcastRecord, hand: BroadcastHand, signal: AbortSignal): Promise<ActionResult> {
    const { clock, claims, actionOf, onTrouble } = this.options;
    while (!signal.aborted) {
      try {
        const known = await claims.find(hand.self, actionOf(hand));
        if (known) return known;
        if (clock.now() < hand.expiresAt + GRACE_MS) return await this.send(record, hand, signal);
        const over = this.#ending(hand, 'not_sent', 'ACTION_WITHDRAWN', 'it was never begun');
        const stands = clock.now() < hand.takenAt + REMEMBERED_MS ? await claims.endUnbegun(over) : undefined;
        if (stands) return stands;
        break;
      } catch (thrown) {
        onTrouble(thrown);
        await pause(clock, RETRY_MS);
      }
    }
    const text = 'the worker that had it in hand ended, and nothing tells what came of it';
    return this.#ending(hand, 'unknown', 'ACTION_OUTCOME_UNKNOWN', text);
  }

  /** Keeps the action of a hand from being sent, if it was not begun; whoever waits for it is told. */
  async withdraw(hand: BroadcastHand): Promise<void> {
    const { claims, outbox } = this.options;
    const text = 'it was called back before it was begun';
    const result = this.#ending(hand, 'not_sent', 'ACTION_WITHDRAWN', text);
    const stands = await claims.endUnbegun(result);
    if (stands) outbox.resolve(stands);
  }

  #action({ pool, message, createdBy }: BroadcastRecord, hand: BroadcastHand): Action {
    const { target, self, takenAt, expiresAt } = hand;
    const { name, params, conversation } = broadcastAddress(target satisfies BroadcastTarget, pool, self);
    return {
      v: 1,
      id: this.options.actionOf(hand),
      self,
      name,
      params: { ...params, message },
      lane: 'bulk',
      conversation,
      createdAt: takenAt,
      expiresAt,
      origin: { plugin: createdBy.replace(/^plugin:/, '') },
    };
  }

  #ending(hand: BroadcastHand, outcome: Outcome, code: ErrorCode, message: string): ActionResult {
    const error = { code, message };
    return { id: this.options.actionOf(hand), self: hand.self, outcome, error, endedAt: this.options.clock.now() };
  }
}
