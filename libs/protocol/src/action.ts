import type { ActionId, ConversationKey, EventId, GroupId, MessageId, MessageSeq, NodeId, SelfId } from './ids';
import type { ErrorCode } from './errors';

/** Outbound priority class. Reads are not paced by sends; replies go before broadcasts. */
export const LANES = ['interactive', 'normal', 'bulk', 'read'] as const;
export type Lane = (typeof LANES)[number];

/**
 * How long an action of a lane waits when whoever asks says nothing else, milliseconds. A reply that comes later answers nobody, and a
 * backlog that is flushed at once is what gets accounts frozen (NapCatQQ 130).
 */
export const LANE_EXPIRY_MS: Readonly<Record<Lane, number>> = {
  interactive: 60_000,
  normal: 600_000,
  bulk: 3_600_000,
  read: 60_000,
};

/**
 * How an action ended. `refused` and `not_sent` are certain: nothing happened. `unknown` may have happened and is never
 * resent by itself (NapCat's 1200 "Timeout … sendMsg" and a connection lost after writing are of this kind).
 */
export const OUTCOMES = ['sent', 'refused', 'not_sent', 'unknown'] as const;
export type Outcome = (typeof OUTCOMES)[number];

/** One OneBot API call that a plugin, the console or a downstream client wants. Travels as the data of one job. */
export interface Action {
  readonly v: 1;
  /** Derived from event, handler and ordinal for what handlers ask, so that a replayed handler asks the same action. */
  readonly id: ActionId;
  /** The account that shall act. */
  readonly self: SelfId;
  /** OneBot action name without suffix: `_async` and `_rate_limited` are a matter between the caller and us. */
  readonly name: string;
  readonly params: Readonly<Record<string, unknown>>;
  readonly lane: Lane;
  /** Actions of one conversation and lane keep their order. */
  readonly conversation?: ConversationKey;
  /** Milliseconds since 1970. */
  readonly createdAt: number;
  /** After this moment the action is dropped with outcome `not_sent`. Milliseconds since 1970. */
  readonly expiresAt: number;
  /** The worker that waits for the result; absent when nobody does. */
  readonly replyTo?: NodeId;
  readonly origin: { readonly plugin: string; readonly event?: EventId };
}

/** What a message that an action posted is known by. `groupId` with `seq` is the canonical reference: equal for every account there. */
export interface SentReference {
  /** As the sending account knows it. */
  readonly messageId?: MessageId;
  readonly groupId?: GroupId;
  /** Present where the account reports its own messages (`reportSelfMessage`), or history had it. */
  readonly seq?: MessageSeq;
}

export interface ActionResult {
  readonly id: ActionId;
  readonly self: SelfId;
  readonly outcome: Outcome;
  /** What the implementation returned as `data`; only with `sent`, and absent where the action returns nothing. */
  readonly data?: unknown;
  /** Of messages that were sent, as far as it is known. */
  readonly reference?: SentReference;
  /** Present unless `sent`. */
  readonly error?: { readonly code: ErrorCode; readonly message: string; readonly retcode?: number };
  /** How often it was tried, where the first try was certainly in vain and another one was made. */
  readonly tries?: number;
  /** Milliseconds since 1970. */
  readonly endedAt: number;
}

/**
 * Answer to an action that was asked for with `_async` or `_rate_limited`. `async` (OneBot 11: retcode 1): it is stored durably and
 * will be carried out like any other; what comes of it is not told. `failed`: it was not accepted.
 */
export type AcceptedCall =
  | { readonly id: ActionId; readonly status: 'async'; readonly retcode: 1 }
  | {
      readonly id: ActionId;
      readonly status: 'failed';
      readonly error: { readonly code: ErrorCode; readonly message: string };
    };
