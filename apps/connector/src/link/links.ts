import { EventEmitter } from 'node:events';
import { SocketServer, TokenBook, type CallEnd, type Refusal } from '@rookery/onebot';
import { RookeryError, type AccountStatus, type Clock, type Random, type SelfId } from '@rookery/protocol';
import { DialPace } from './dial-pace';
import { LINK_LIMITS, type LinkLimits } from './limits';
import { Link, type CallRequest } from './link';
import type { LinkAccount, LinkEventMap } from './link-events';

export interface LinksOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly limits?: Partial<LinkLimits>;
  /** Where NapCats may dial in; without it there can be no reverse accounts. */
  readonly reverse?: { readonly host: string; readonly port: number; readonly path: string };
}

/**
 * The links of all accounts of this node, forward (we dial) and reverse (NapCat dials). Lowest stage of the connector: it hands
 * up event frames and account states, takes calls, and knows no other stage.
 *
 * A link is the connection of one account through all its reconnects, a session is one open socket of it, the greeting is
 * the first lifecycle frame, which proves who is at the other end.
 *
 * Promises: an account's events come from that account only and in the order of arrival; a call ends exactly once, and says
 * whether it may have been written; nothing that a peer sends throws out of here; after `close` no socket, timer or
 * waiting call is left.
 */
export class Links extends EventEmitter<LinkEventMap> {
  readonly #options: LinksOptions;
  readonly #limits: LinkLimits;
  readonly #links = new Map<SelfId, Link>();
  readonly #tokens = new TokenBook();
  readonly #pace: DialPace;
  readonly #server: SocketServer | undefined;
  readonly #echoStart: string;
  #added = 0;
  #paused = false;
  #closed = false;

  constructor(options: LinksOptions) {
    super();
    this.#options = options;
    const { clock, random, reverse } = options;
    this.#limits = { ...LINK_LIMITS, ...options.limits };
    this.#pace = new DialPace({ clock, atOnce: this.#limits.dialsAtOnce, perSecond: this.#limits.dialsPerSecond });
    // Time and chance together: replies to calls of an earlier process must never match.
    this.#echoStart = `${clock.now().toString(36)}${Math.floor(random() * 2 ** 48).toString(36)}`;
    if (reverse !== undefined) {
      this.#server = new SocketServer({ ...reverse, tokens: this.#tokens, clock, limits: this.#limits.socket });
      // Tokens and links change together: whoever has a valid token has a link.
      this.#server.on('accepted', (socket, self, address) => this.#links.get(self)?.accept(socket, address));
      this.#server.on('refused', (refusal, address, self) => this.#onRefused(refusal, address, self));
    }
  }

  /** The port that NapCats dial; undefined unless listening. */
  get reversePort(): number | undefined {
    return this.#server?.port;
  }

  /** Begins to connect the account. Reverse accounts may dial in once {@link listen} has resolved. */
  add(account: LinkAccount): void {
    const { selfId: self } = account;
    if (this.#closed) throw new RookeryError('INTERNAL', `account ${self} was added to links that are closed`);
    if (this.#links.has(self)) throw new RookeryError('INTERNAL', `account ${self} was added twice; remove it first`);
    if (account.mode === 'reverse') {
      if (this.#server === undefined) {
        const text = `account ${self} has mode reverse, but there is no address to dial in to; set \`reverse\``;
        throw new RookeryError('CONFIG_INVALID', text);
      }
      this.#tokens.set(self, account.token.reveal());
    }
    const { clock, random } = this.#options;
    const echoPrefix = `${this.#echoStart}.${(this.#added++).toString(36)}`;
    const link = new Link({ account, events: this, clock, random, limits: this.#limits, pace: this.#pace, echoPrefix });
    this.#links.set(self, link);
    if (this.#paused) link.pauseReading();
    link.start();
  }

  /** Disconnects the account; resolves when its sockets are gone. Unknown accounts are no error. */
  async remove(self: SelfId): Promise<void> {
    const link = this.#links.get(self);
    this.#links.delete(self);
    this.#tokens.delete(self);
    await link?.stop(1000, 'the account was removed');
  }

  list(): AccountStatus[] {
    return [...this.#links.values()].map((link) => link.status);
  }

  status(self: SelfId): AccountStatus | undefined {
    return this.#links.get(self)?.status;
  }

  /** Lets NapCats dial in, where `reverse` is set. Rejects with PORT_BUSY or CONFIG_INVALID. */
  async listen(): Promise<void> {
    await this.#server?.listen();
  }

  /**
   * One OneBot call. `down`: the account has no live link, nothing was written. `closed` with `written` false: nothing was
   * written either (signal aborted before, or the peer reads too slowly). Rejects with ACTION_INVALID when the parameters
   * cannot be written as JSON.
   */
  async call(
    self: SelfId,
    action: string,
    params: Readonly<Record<string, unknown>>,
    request: CallRequest,
  ): Promise<CallEnd | { readonly kind: 'down' }> {
    const link = this.#links.get(self);
    return link === undefined ? { kind: 'down' } : await link.call(action, params, request);
  }

  /** Stops reading from all sockets, so that TCP holds the NapCats back. Replies wait too. */
  pauseReading(): void {
    this.#paused = true;
    for (const link of this.#links.values()) link.pauseReading();
  }

  resumeReading(): void {
    this.#paused = false;
    for (const link of this.#links.values()) link.resumeReading();
  }

  /** Disconnects all accounts and stops listening; resolves when every socket is gone. */
  async close(): Promise<void> {
    this.#closed = true;
    const served = this.#server?.close();
    await Promise.all([...this.#links.values()].map((link) => link.stop(1001, 'Rookery is stopping')));
    this.#links.clear();
    await served;
  }

  #onRefused(refusal: Refusal, address: string, self: SelfId | undefined): void {
    if (refusal === 'token' && self !== undefined) this.#links.get(self)?.tokenRefusedByUs(address);
    this.emit('refused', refusal, address, self);
  }
}
