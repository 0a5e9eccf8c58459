import type {
  Action,
  ActionResult,
  Clock,
  HoldReason,
  LimitLayerName,
  PoolName,
  Random,
  SelfId,
} from '@rookery/protocol';
import type { SharedQueueBackend } from '@rookery/queues';
import type { ExpiredSends, NextTry, OutgoingSends } from '@rookery/redis';
import type { AccountSendsOptions } from './account-sends-options';
import type { Holds } from './holds';
import type { LimitBook } from './limit-book';
import type { Caller, MediaProgress } from './media';
import type { Claims, Ending } from './ports';

export interface DeliveryEvents {
  /** An action ended; `replyTo` of the action waits for it. */
  ended: [action: Action, result: ActionResult];
  /** A newer holder of the account is known; the action was left to it. */
  stale: [action: Action];
  /** The outcome of an action was unknown, and a reply after its time limit has decided it. */
  late: [action: Action, result: ActionResult];
  /** The action was tried in vain, has changed nothing and is tried again. */
  retried: [action: Action, end: Ending, next: NextTry];
  /** A send has to wait, for so many ms as far as is known; which layer of its limits or which hold says so. */
  held: [action: Action, why: LimitLayerName | HoldReason, ms: number];
  /** What was sent before has kept a send back for so many ms; nothing of them is in any `held`. */
  waited: [action: Action, layer: LimitLayerName, ms: number];
  /** A file of an action is on its way. */
  mediaProgress: [progress: MediaProgress];
  /** The account was given up, and nothing of it is under way any more. */
  left: [self: SelfId];
  /** Redis or a queue had a problem; delivery goes on by itself. */
  trouble: [error: Error];
}

export interface DeliveryOptions {
  readonly backend: SharedQueueBackend;
  readonly claims: Claims & AccountSendsOptions['claims'];
  readonly caller: Caller;
  /** Under which this node may act for an account now; undefined while it may not. */
  readonly epochOf: (self: SelfId) => number | undefined;
  readonly sends: OutgoingSends;
  readonly expired: ExpiredSends;
  readonly limits: LimitBook;
  readonly accountOf: (self: SelfId) => { readonly pool: PoolName; readonly since?: string } | undefined;
  readonly clock: Clock;
  readonly random: Random;
  /** What keeps actions back besides limits. */
  readonly holds: Holds;
}
