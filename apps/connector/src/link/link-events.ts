import type { EventFrame, FrameRejection, Refusal, SocketServerEventMap } from '@rookery/onebot';
import type { AccountStatus, PoolName, SelfId } from '@rookery/protocol';
import type { ReconnectReason } from './recovery';

interface AccountBase {
  readonly selfId: SelfId;
  readonly pool: PoolName;
}
/** What is hidden from logs; `Secret` of config is one. */
interface Hidden {
  reveal(): string;
}
interface ForwardLinkAccount extends AccountBase {
  readonly mode: 'forward';
  readonly url: string;
  readonly token?: Hidden;
}
export interface ReverseLinkAccount extends AccountBase {
  readonly mode: 'reverse';
  readonly token: Hidden;
}
export type LinkAccount = ForwardLinkAccount | ReverseLinkAccount;

/** Why a frame was not accepted: it could not be read, or it does not belong here. A closed set. */
export type FrameProblem = FrameRejection | 'unknown_echo' | 'late_reply' | 'duplicate_reply' | 'self_id';

/**
 * `owner`: this node acts for the account. `standby`: it only listens on the same endpoint, never writes a request, and can become
 * the owner without dialling.
 */
export type LinkRole = 'owner' | 'standby';

/** One and the same object for all events that came over one socket; nothing else can be learned from it. */
export type Connection = object;

export interface LinkEventMap {
  /** Every event frame of the right account, meta events included, in the order of arrival. `bytes` as received. */
  event: [self: SelfId, frame: EventFrame, bytes: number, connection: Connection];
  /** Every change of state or reason of an account that this node owns. */
  status: [status: AccountStatus];
  /** The same of an account that this node only stands by for. */
  standby: [status: AccountStatus];
  /** The right account has greeted on a new connection, which is the current one now. */
  greeted: [self: SelfId, role: LinkRole];
  /** An expected account that is not ours has dialled in; its connection waits a few seconds for `add`. */
  claimed: [self: SelfId, address: string];
  /** A frame that was not accepted. `sample`: what of it may be logged. */
  rejected: [self: SelfId, problem: FrameProblem, sample: string];
  /** A connection ended and is to be made anew. `delayMs` is 0 for reverse links: NapCat decides when to dial. */
  reconnecting: [self: SelfId, reason: ReconnectReason, delayMs: number];
  /** Somebody dialled in and was not let in. `self`: the account that was named, when it is one of ours. */
  refused: [reason: Refusal | 'flapping', address: string, self: SelfId | undefined];
  /** Whether NapCats can dial in here, see SocketServerEventMap. */
  address: SocketServerEventMap['address'];
  /** A fault of ours, or of a listener, while a frame was handled. That frame is lost; the link goes on. */
  fault: [self: SelfId, error: Error];
}
