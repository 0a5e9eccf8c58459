import type { ErrorCode } from './errors';
import type { EventId, MessageId, MessageSeq, SelfId } from './ids';
import type { Segment } from './segment';

/** One step of a handler and what came of it, as it is kept for a replay. Plain data. */
export interface JournalEntry {
  /** Counts the handler's steps from 1, in the order in which they were begun. */
  readonly n: number;
  /** What kind of step: `action send_group_msg`, `storage user get`, `ask`. */
  readonly step: string;
  readonly value?: unknown;
  /** It failed, and the handler was told so. */
  readonly error?: { readonly code: ErrorCode; readonly message: string };
  /** It was under way when the handler was suspended; nobody waited for its end. */
  readonly pending?: true;
}

/** How a question of a handler ended: the value of its step `ask`. */
export type AnswerRecord =
  | {
      readonly kind: 'answer';
      readonly event: EventId;
      /** The account that saw it. */
      readonly self: SelfId;
      readonly segments: readonly Segment[];
      readonly seq?: MessageSeq;
      readonly messageId?: MessageId;
      /** Milliseconds since 1970. */
      readonly at: number;
      /** It calls a command, which goes before an answer that does not fit. */
      readonly command?: true;
    }
  | { readonly kind: 'timeout'; readonly at: number };
