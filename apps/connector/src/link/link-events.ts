import type { EventFrame, FrameRejection, Refusal } from '@rookery/onebot';
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
interface ReverseLinkAccount extends AccountBase {
  readonly mode: 'reverse';
  readonly token: Hidden;
}
export type LinkAccount = ForwardLinkAccount | ReverseLinkAccount;

/** Why a frame was not accepted: it could not be read, or it does not belong here. A closed set. */
export type FrameProblem = FrameRejection | 'unknown_echo' | 'late_reply' | 'duplicate_reply' | 'self_id';

export interface LinkEventMap {
  /** Every event frame of the right account, meta events included, in the order of arrival. `bytes` as received. */
  event: [self: SelfId, frame: EventFrame, bytes: number];
  /** Every change of state or reason. */
  status: [status: AccountStatus];
  /** A frame that was not accepted. `sample`: what of it may be logged. */
  rejected: [self: SelfId, problem: FrameProblem, sample: string];
  /** A connection ended and is to be made anew. `delayMs` is 0 for reverse links: NapCat decides when to dial. */
  reconnecting: [self: SelfId, reason: ReconnectReason, delayMs: number];
  /** Somebody dialled in and was not let in. `self`: the account that was named, when it is one of ours. */
  refused: [reason: Refusal | 'flapping', address: string, self: SelfId | undefined];
  /** A fault of ours, or of a listener, while a frame was handled. That frame is lost; the link goes on. */
  fault: [self: SelfId, error: Error];
}
