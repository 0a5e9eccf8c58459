import type { Socket } from 'node:net';
import { SECOND, type Clock } from '@rookery/protocol';

export interface HandshakeLimits {
  /** How long a connection may exist without a complete and accepted handshake, in milliseconds. */
  readonly timeoutMs: number;
  /** Connections in that state, in all. */
  readonly max: number;
  /**
   * Connections in that state per address, once the oldest is older than `crowdMs`: then that one is cut. Hundreds of accounts
   * that come back from one host in the same instant are served within milliseconds, and are not a crowd.
   */
  readonly maxPerAddress: number;
  readonly crowdMs: number;
}

export const HANDSHAKE_LIMITS: HandshakeLimits = {
  timeoutMs: 5 * SECOND,
  max: 4096,
  maxPerAddress: 100,
  crowdMs: 2 * SECOND,
};

interface Pending {
  readonly address: string;
  readonly since: number;
  readonly cancel: () => void;
}

/** The connections that are not WebSockets yet: each has a deadline, and their number is bounded. */
export class Handshakes {
  readonly #pending = new Map<Socket, Pending>();
  readonly #byAddress = new Map<string, Set<Socket>>();

  constructor(
    private readonly clock: Clock,
    private readonly limits: HandshakeLimits,
    private readonly onCut: (reason: 'handshake_timeout' | 'handshakes_full', address: string) => void,
  ) {}

  get size(): number {
    return this.#pending.size;
  }

  /** Watches a new connection until {@link leave} or its end. */
  enter(socket: Socket, address: string): void {
    if (this.#pending.size >= this.limits.max) {
      this.#cut(socket, address, 'handshakes_full');
      return;
    }
    this.#thin(address);
    const cancel = this.clock.after(this.limits.timeoutMs, () => this.#cut(socket, address, 'handshake_timeout'));
    socket.once('close', () => this.leave(socket));
    this.#pending.set(socket, { address, since: this.clock.monotonic(), cancel });
    const siblings = this.#byAddress.get(address) ?? new Set<Socket>();
    siblings.add(socket);
    this.#byAddress.set(address, siblings);
  }

  /** The connection was accepted or is gone. */
  leave(socket: Socket): void {
    const pending = this.#pending.get(socket);
    if (pending === undefined) return;
    pending.cancel();
    this.#pending.delete(socket);
    const siblings = this.#byAddress.get(pending.address);
    siblings?.delete(socket);
    if (siblings?.size === 0) this.#byAddress.delete(pending.address);
  }

  closeAll(): void {
    for (const socket of [...this.#pending.keys()]) {
      this.leave(socket);
      socket.destroy();
    }
  }

  #thin(address: string): void {
    const siblings = this.#byAddress.get(address);
    if (siblings === undefined || siblings.size < this.limits.maxPerAddress) return;
    for (const oldest of siblings) {
      const since = this.#pending.get(oldest)?.since ?? 0;
      if (this.clock.monotonic() - since >= this.limits.crowdMs) this.#cut(oldest, address, 'handshakes_full');
      return;
    }
  }

  #cut(socket: Socket, address: string, reason: 'handshake_timeout' | 'handshakes_full'): void {
    this.leave(socket);
    socket.destroy();
    this.onCut(reason, address);
  }
}
