import type { FrameSocket, TokenBook } from '@rookery/onebot';
import type { Clock, SelfId } from '@rookery/protocol';

interface Waiting {
  readonly socket: FrameSocket;
  readonly address: string;
  readonly cancel: () => void;
}

/**
 * Who may dial in, and the connections of accounts that another node holds: NapCat goes where the balancer sends it, so the
 * connection is accepted (NapCat gives the handshake 2 s), waits unread for a few seconds, and is ours as soon as the account is.
 */
export class Lobby {
  readonly #expected = new Map<SelfId, string>();
  readonly #linked = new Map<SelfId, string>();
  readonly #waiting = new Map<SelfId, Waiting>();
  readonly #sockets = new Set<FrameSocket>();

  constructor(
    private readonly options: { readonly clock: Clock; readonly tokens: TokenBook; readonly waitMs: number },
  ) {}

  /** The account may dial in although another node holds it. */
  expect(self: SelfId, token: string): void {
    this.#expected.set(self, token);
    this.#admit(self);
  }

  unexpect(self: SelfId): void {
    this.#expected.delete(self);
    this.#admit(self);
  }

  /** The account has a link here now; returns the connection that waited for that, if there is one. */
  linked(self: SelfId, token: string): { readonly socket: FrameSocket; readonly address: string } | undefined {
    this.#linked.set(self, token);
    this.#admit(self);
    const waiting = this.#take(self);
    waiting?.socket.resume();
    return waiting;
  }

  unlinked(self: SelfId): void {
    this.#linked.delete(self);
    this.#admit(self);
  }

  /** Keeps a connection until the account is ours. The newest one of an account wins. */
  wait(self: SelfId, socket: FrameSocket, address: string): void {
    this.#turnAway(self, 4001, 'a newer connection of this account came');
    socket.pause();
    this.#sockets.add(socket);
    void socket.ended.then(() => this.#sockets.delete(socket));
    const cancel = this.options.clock.after(this.options.waitMs, () =>
      this.#turnAway(self, 1013, 'the account could not be taken over in time; try again'),
    );
    this.#waiting.set(self, { socket, address, cancel });
    socket.once('closed', () => {
      if (this.#waiting.get(self)?.socket === socket) this.#take(self);
    });
  }

  /** Resolves when every socket that waited is gone. */
  async close(): Promise<void> {
    for (const self of [...this.#waiting.keys()]) this.#turnAway(self, 1001, 'Rookery is stopping');
    await Promise.all([...this.#sockets].map((socket) => socket.ended));
  }

  #admit(self: SelfId): void {
    const token = this.#linked.get(self) ?? this.#expected.get(self);
    if (token !== undefined) {
      this.options.tokens.set(self, token);
      return;
    }
    this.options.tokens.delete(self);
    this.#turnAway(self, 1008, 'the account was removed');
  }

  #take(self: SelfId): Waiting | undefined {
    const waiting = this.#waiting.get(self);
    waiting?.cancel();
    waiting?.socket.removeAllListeners();
    this.#waiting.delete(self);
    return waiting;
  }

  #turnAway(self: SelfId, code: number, reason: string): void {
    this.#take(self)?.socket.close(code, reason);
  }
}
