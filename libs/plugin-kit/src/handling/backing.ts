import type {
  BroadcastDetails,
  BroadcastOrder,
  ConversationKey,
  FleetStatus,
  JournalEntry,
  PoolName,
  SelfId,
  SettingsAnswer,
  SettingsRequest,
  StorageAnswer,
  StorageRequest,
  Target,
  UserId,
} from '@rookery/protocol';

/** A handler that waits for somebody's answer: everything that is needed to run it again up to there. Plain data. */
export interface Suspension {
  readonly journal: readonly JournalEntry[];
  /** Number of the step that the answer ends. */
  readonly step: number;
  readonly conversation: ConversationKey;
  /** Whose next message is the answer. */
  readonly user: UserId;
  /** After so many milliseconds nobody waits any more. */
  readonly withinMs: number;
  /** The message that came was no answer and may be handled by others; the question stays as it is. */
  readonly declined?: true;
}

/** The account that is to act, and the pool that it is in. */
export interface Sender {
  readonly self: SelfId;
  readonly pool: PoolName;
}

export interface SenderRequest {
  readonly from: { readonly pool: PoolName } | { readonly account: SelfId };
  readonly to: Target;
}

/**
 * What contexts need of the worker besides the outbox. Each call takes and gives plain data, since it crosses threads; which
 * plugin asks is known to whoever implements it.
 */
export interface Backing {
  /** Rejects with STATE_REFUSED, or when Redis does not answer. */
  storage(request: StorageRequest): Promise<StorageAnswer>;
  /** Undefined when no account of the pool can act there now, or when there is no such account. */
  sender(request: SenderRequest): Promise<Sender | undefined>;
  /** Rejects with BROADCAST_REFUSED, other codes of broadcasts, or when Redis does not answer. */
  broadcast(order: BroadcastOrder): Promise<readonly BroadcastDetails[]>;
  /** On behalf of who spoke. Rejects when Redis does not answer. */
  settings(request: SettingsRequest): Promise<SettingsAnswer>;
  /** Looks at the cluster now. Rejects when Redis does not answer. */
  fleet(): Promise<FleetStatus>;
  /** Numbers of the people who may do everything. */
  superusers(): Promise<readonly string[]>;
  /** Commands that the sender may use here, as `plugin.handler`. */
  usable(): Promise<readonly string[]>;
  /** Resolves when it is stored that the handler waits. Rejects with ASK_REFUSED when there is no room for another. */
  suspend(suspension: Suspension): Promise<void>;
}
