import { EventEmitter } from 'node:events';
import { SocketServer, TokenBook, type CallEnd, type FrameSocket, type Refusal } from '@rookery/onebot';
import { RookeryError, type AccountStatus, type Clock, type Random, type SelfId } from '@rookery/protocol';
import { DialPace } from './dial-pace';
import { LINK_LIMITS, type LinkLimits } from './limits';
import { Link } from './link';
import type { LinkAccount, LinkEventMap, LinkRole, ReverseLinkAccount } from './link-events';
import { Lobby } from './lobby';
import type { CallRequest } from './reply-desk';

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
  readonly #lobby: Lobby;
  readonly #pace: DialPace;
  readonly #server: SocketServer | undefined;
  readonly #echoStart: string;
  #added = 0;
  #isReadingPaused = false;
  #closed = false;

  constructor(options: LinksOptions) {
    super();
    // One listener for each account that is just being handed over.
    this.setMaxListeners(0);
    this.#options = options;
    const { clock, random, reverse } = options;
    this.#limits = { ...LINK_LIMITS, ...options.limits };
    this.#pace = new DialPace({ clock, atOnce: this.#limits.dialsAtOnce, perSecond: this.#limits.dialsPerSecond });
    // Time and chance together: replies to calls of an earlier process must never match.
    this.#echoStart = `${clock.now().toString(36)}${Math.floor(random() * 2 ** 48).toString(36)}`;
    const tokens = new TokenBook();
    this.#lobby = new Lobby({ clock, tokens, waitMs: this.#limits.claimMs });
    if (reverse !== undefined) {
      this.#server = new SocketServer({ ...reverse, tokens, clock, limits: this.#limits.socket });
      this.#server.on('accepted', (socket, self, address) => this.#onAccepted(socket, self, address));
      this.#server.on('refused', (refusal, address, self) => this.#onRefused(refusal, address, self));
      this.#server.on('address', (state, detail) => this.emit('address', state, detail));
    }
  }

  /** The port that NapCats dial; undefined unless listening. */
  get reversePort(): number | undefined {
    return this.#server?.port;
  }

  /**
   * Begins to connect the account. Reverse accounts may dial in once {@link listen} has resolved. A `standby` connects to the same
   * forward endpoint as the owner elsewhere and hands up the same events; its calls are `down`.
   */
  add(account: LinkAccount, { role = 'owner' }: { readonly role?: LinkRole } = {}): void {
    const { selfId: self } = account;
    if (this.#closed) throw new RookeryError('INTERNAL', `account ${self} was added to links that are closed`);
    if (this.#links.has(self)) throw new RookeryError('INTERNAL', `account ${self} was added twice; remove it first`);
    if (account.mode === 'reverse') this.#requireReverse(account, role);
    const { clock, random } = this.#options;
    const echoPrefix = `${this.#echoStart}.${(this.#added++).toString(36)}`;
    const limits = this.#limits;
    const link = new Link({ account, role, events: this, clock, random, limits, pace: this.#pace, echoPrefix });
    this.#links.set(self, link);
    if (this.#isReadingPaused) link.pauseReading();
    link.start();
    if (account.mode === 'forward') return;
    const waiting = this.#lobby.linked(self, account.token.reveal());
    if (waiting !== undefined) link.accept(waiting.socket, waiting.address);
  }

  /** Disconnects the account; resolves when its sockets are gone. Unknown accounts are no error. */
  async remove(self: SelfId, reason = 'the account was removed'): Promise<void> {
    const link = this.#links.get(self);
    this.#links.delete(self);
    this.#lobby.unlinked(self);
    await link?.stop(1000, reason);
  }

  /**
   * Lets a reverse account that another node holds dial in here: `claimed` is emitted, and the connection waits a few seconds for
   * {@link add}. Says nothing about accounts that are added; to be called for every reverse account of the cluster.
   */
  expect(account: ReverseLinkAccount): void {
    this.#lobby.expect(account.selfId, account.token.reveal());
  }

  /** The account does not belong to the cluster any more, or has become a forward one. */
  unexpect(self: SelfId): void {
    this.#lobby.unexpect(self);
  }

  /** The standby becomes the owner over the connection that it has; calls go out from now on. False for unknown accounts. */
  promote(self: SelfId): boolean {
    return this.#assume(self, 'owner');
  }

  /** The owner becomes a standby; calls under way may still end, new ones are `down`. */
  demote(self: SelfId): boolean {
    return this.#assume(self, 'standby');
  }

  role(self: SelfId): LinkRole | undefined {
    return this.#links.get(self)?.role;
  }

  /** The operator wants no calls for now; the connection stays and events go on. False for unknown accounts. */
  pause(self: SelfId, reason: string): boolean {
    return this.#want(self, 'paused', reason);
  }

  /** Ends {@link pause} and {@link drain}. */
  resume(self: SelfId): boolean {
    return this.#want(self, 'active', 'resumed');
  }

  /** The account is about to leave this node: no new calls, those under way may end, events go on until {@link remove}. */
  drain(self: SelfId, reason: string): boolean {
    return this.#want(self, 'draining', reason);
  }

  /** Drops the connection and makes a new one at once, for the operator. False for unknown accounts. */
  reconnect(self: SelfId): boolean {
    const link = this.#links.get(self);
    link?.reconnect();
    return link !== undefined;
  }

  /**
   * Whether the right account is at the other end, at the latest after `withinMs`. For handing over: the former owner may leave
   * once the next one has been greeted.
   */
  async greeted(self: SelfId, withinMs: number): Promise<boolean> {
    if (this.#links.get(self)?.session !== undefined) return true;
    return await new Promise<boolean>((resolve) => {
      const end = (): void => {
        cancel();
        this.off('greeted', onGreeted);
        resolve(this.#links.get(self)?.session !== undefined);
      };
      const onGreeted = (greeted: SelfId): void => {
        if (greeted === self) end();
      };
      const cancel = this.#options.clock.after(withinMs, end);
      this.on('greeted', onGreeted);
    });
  }

  list(): AccountStatus[] {
    return [...this.#links.values()].map((link) => link.status);
  }

  status(self: SelfId): AccountStatus | undefined {
    return this.#links.get(self)?.status;
  }

  /**
   * Lets NapCats dial in, where `reverse` is set, as soon as the address is free of other connectors of this machine. Rejects with
   * PORT_BUSY (another program has it) or CONFIG_INVALID.
   */
  async listen(): Promise<void> {
    await this.#server?.listen();
  }

  /**
   * One OneBot call. `down`: the account has no live link, nothing was written. `closed` with `written` false: nothing was
   * written either (signal aborted before, or the peer reads too slowly). Rejects with ACTION_INVALID when the parameters
   * cannot be written as JSON.
   */
  call(
    self: SelfId,
    action: string,
    params: Readonly<Record<string, unknown>>,
    request: CallRequest,
  ): Promise<CallEnd | { readonly kind: 'down' }> {
    const link = this.#links.get(self);
    return link === undefined ? Promise.resolve({ kind: 'down' }) : link.call(action, params, request);
  }

  /**
   * Resolves when the account's NapCat has read all that was written to it until now over this link; at once without one, and when it
   * ends. A frozen one lets that wait until liveness ends the link.
   */
  async caughtUp(self: SelfId): Promise<void> {
    const session = this.#links.get(self)?.session;
    if (session !== undefined) await new Promise<void>((resolve) => session.whenRead(resolve));
  }

  /** Stops reading from all sockets, so that TCP holds the NapCats back. Replies wait too. */
  pauseReading(): void {
    this.#isReadingPaused = true;
    for (const link of this.#links.values()) link.pauseReading();
  }

  resumeReading(): void {
    this.#isReadingPaused = false;
    for (const link of this.#links.values()) link.resumeReading();
  }

  /** Disconnects all accounts and stops listening; resolves when every socket is gone. */
  async close(): Promise<void> {
    this.#closed = true;
    const served = this.#server?.close();
    await Promise.all([...this.#links.values()].map((link) => link.stop(1001, 'Rookery is stopping')));
    this.#links.clear();
    await this.#lobby.close();
    await served;
  }

  #requireReverse({ selfId: self }: ReverseLinkAccount, role: LinkRole): void {
    if (role === 'standby') {
      throw new RookeryError(
        'INTERNAL',
        `account ${self} has mode reverse: NapCat dials one node only, nobody can stand by`,
      );
    }
    if (this.#server !== undefined) return;
    const text = `account ${self} has mode reverse, but there is no address to dial in to; set \`reverse\``;
    throw new RookeryError('CONFIG_INVALID', text);
  }

  #assume(self: SelfId, role: LinkRole): boolean {
    const link = this.#links.get(self);
    link?.assume(role);
    return link !== undefined;
  }

  #want(self: SelfId, wish: 'active' | 'paused' | 'draining', reason: string): boolean {
    const link = this.#links.get(self);
    link?.want(wish, reason);
    return link !== undefined;
  }

  #onAccepted(socket: FrameSocket, self: SelfId, address: string): void {
    const link = this.#links.get(self);
    if (link !== undefined) {
      link.accept(socket, address);
      return;
    }
    this.#lobby.wait(self, socket, address);
    this.emit('claimed', self, address);
  }

  #onRefused(refusal: Refusal, address: string, self: SelfId | undefined): void {
    if (refusal === 'token' && self !== undefined) this.#links.get(self)?.tokenRefusedByUs(address);
    this.emit('refused', refusal, address, self);
  }
}
