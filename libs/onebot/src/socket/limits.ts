import { SECOND } from '@rookery/protocol';

/** Bounds of one socket. */
export interface SocketLimits {
  /** Largest frame that is received, in bytes. `ws` alone would take 100 MiB, NapCat itself takes 50 MiB. */
  readonly maxFrameBytes: number;
  /** Bytes that may wait in our memory because the peer reads slowly; beyond it sends are refused. */
  readonly maxBufferedBytes: number;
  /** How long a closing handshake may take before the connection is cut, in milliseconds. */
  readonly closeTimeoutMs: number;
  /** How long a dial may take until the socket is open, in milliseconds. */
  readonly dialTimeoutMs: number;
}

const MIB = 1024 * 1024;

export const SOCKET_LIMITS: SocketLimits = {
  maxFrameBytes: 16 * MIB,
  maxBufferedBytes: 64 * MIB,
  closeTimeoutMs: 2 * SECOND,
  dialTimeoutMs: 15 * SECOND,
};
