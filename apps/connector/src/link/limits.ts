import { ERRORS, MINUTE, SECOND } from '@rookery/protocol';
import { SOCKET_LIMITS, type SocketLimits } from '@rookery/onebot';

/** Time limits and bounds of links; all times in milliseconds. */
export interface LinkLimits {
  readonly socket: SocketLimits;
  /** After the opening, until we ask who is there because no lifecycle frame came. */
  readonly greetingMs: number;
  /** How long NapCat may take to answer get_login_info and get_status. */
  readonly probeMs: number;
  readonly pingMs: number;
  /** Pings without any sign of life after which the peer counts as dead. */
  readonly missedPings: number;
  /** Heartbeat interval of a peer that states none; NapCat's default. */
  readonly heartbeatMs: number;
  /** Age of the last heartbeat, in intervals, beyond which we ask for the status. */
  readonly heartbeatFactor: number;
  /** How long an action refused for want of a login outweighs a NapCat that says it is online; doubles up to the cap. */
  readonly loginHoldMs: number;
  readonly loginHoldCapMs: number;
  /** How often a lost login is asked for. */
  readonly loginRecheckMs: number;
  /** How long a connection of an account that another node holds may wait until the account is ours. */
  readonly claimMs: number;
  readonly backOffBaseMs: number;
  readonly backOffCapMs: number;
  /** Least wait after what only a person can mend: wrong token, wrong account, unusable settings. */
  readonly attentionMs: number;
  /** Handshakes under way at a time, over all accounts of this node. */
  readonly dialsAtOnce: number;
  readonly dialsPerSecond: number;
  /** More rejected frames than this within `rejectedWindowMs` end a connection. */
  readonly rejectedFrames: number;
  readonly rejectedWindowMs: number;
  /** Reverse: so often per minute a newer connection may take over from a live one; then the older is kept. */
  readonly takeoversPerMinute: number;
  /** Reverse: connections of one account that have not said who they are. */
  readonly candidates: number;
}

export const LINK_LIMITS: LinkLimits = {
  socket: SOCKET_LIMITS,
  greetingMs: 10 * SECOND,
  // NapCat's event loop stalls for seconds while it parses a large frame: limits of liveness lie well above that.
  probeMs: 10 * SECOND,
  pingMs: 15 * SECOND,
  missedPings: 2,
  heartbeatMs: 30 * SECOND,
  heartbeatFactor: 2.5,
  loginHoldMs: MINUTE,
  loginHoldCapMs: 15 * MINUTE,
  loginRecheckMs: MINUTE,
  claimMs: 10 * SECOND,
  backOffBaseMs: SECOND,
  backOffCapMs: MINUTE,
  attentionMs: ERRORS.LINK_TOKEN_REFUSED.retry.ms,
  dialsAtOnce: 50,
  // A node that takes 200 accounts over must have dialled all of them well within 2 s.
  dialsPerSecond: 250,
  rejectedFrames: 100,
  rejectedWindowMs: 10 * SECOND,
  takeoversPerMinute: 5,
  candidates: 3,
};
