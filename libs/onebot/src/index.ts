/**
 * The dialect: OneBot V11 as NapCat, LLBot and go-cqhttp speak it ⇄ the words of `protocol`; request–echo matching; sockets.
 *
 * Promises: nothing that comes from the platform throws, each rejected frame has a reason of a closed set, numbers beyond
 * 2^53 survive, and an event has the types it declares. Outgoing messages are segment arrays.
 * May import: protocol. Owner of the package `ws`.
 */
export { Calls, encodeRequest, type Call, type CallEnd, type CallOptions, type Settled } from './calls';
export type { Reader } from './context';
export {
  decodeFrame,
  FRAME_LIMITS,
  FRAME_REJECTIONS,
  type DecodedFrame,
  type EventFrame,
  type FrameLimits,
  type FrameRejection,
  type Reply,
} from './frame';
export { normalizeMessage } from './message';
export { normalizeEvent, type Normalized } from './normalize';
export { Ordinals } from './ordinals';
export { classify, type Classified } from './outcome';
export { EVENT_REJECTIONS, type EventRejection } from './values';
export { parseCq, writeCq } from '@rookery/protocol';
export { adviseOnDial, dial, DIAL_FAILURES, type Dialled, type DialFailure } from './socket/dial';
export { FrameSocket } from './socket/frame-socket';
export { SOCKET_LIMITS, type SocketLimits } from './socket/limits';
export { SocketServer, type Refusal } from './socket/socket-server';
export { TokenBook } from './socket/token-book';
export { printable } from './printable';
