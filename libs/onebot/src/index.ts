/**
 * The dialect: OneBot V11 as NapCat, LLBot and go-cqhttp speak it ⇄ the words of `protocol`; request–echo matching; sockets.
 *
 * Promises: nothing that comes from the platform throws, each rejected frame has a reason of a closed set, numbers beyond
 * 2^53 survive, and an event has the types it declares. Outgoing messages are segment arrays.
 * May import: protocol. Owner of the package `ws`.
 */
export { Calls, encodeRequest, type CallEnd } from './calls';
export { implementationOf, messageFormatOf, PROBES } from './capability';
export { asEventFrame, decodeFrame, type EventFrame, type FrameRejection, type Reply } from './frame';
export { normalizeEvent } from './normalize';
export { Ordinals } from './ordinals';
export { Download } from './media/download';
export { upload } from './media/upload';
export { classify, type Classified } from './outcome';
export type { EventRejection } from './values';
export { isServedByRookery } from './socket/bind';
export { adviseOnDial, dial, DIAL_FAILURES, type Dialled, type DialFailure } from './socket/dial';
export { FrameSocket } from './socket/frame-socket';
export { SOCKET_LIMITS, type SocketLimits } from './socket/limits';
export { SocketServer, type Refusal, type SocketServerEventMap } from './socket/socket-server';
export { TokenBook } from './socket/token-book';
export { printable } from './printable';
