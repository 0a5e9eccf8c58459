import type { EventEmitter } from 'node:events';
import type { CallEnd, Dialled, EventFrame, FrameSocket, Reply } from '@rookery/onebot';
import { MINUTE, type AccountStatus, type Clock, type Random } from '@rookery/protocol';
import { AccountStanding, type Facts } from './account-standing';
import { BackOff } from './back-off';
import type { DialPace } from './dial-pace';
import { Dialler } from './dialler';
import { isMetaEvent } from './frame-facts';
import type { LinkLimits } from './limits';
import type { FrameProblem, LinkAccount, LinkEventMap, LinkRole } from './link-events';
import { recoveryFrom, shownUrl, tokenRefused, type LinkEnd } from './recovery';
import { ReplyDesk, type CallRequest } from './reply-desk';
import { Session, type SessionOwner } from './session';
import { SlidingCount } from './sliding-count';
import { Watch } from './watch';

export interface LinkOptions {
  readonly account: LinkAccount;
  readonly role: LinkRole;
  readonly events: EventEmitter<LinkEventMap>;
  readonly clock: Clock;
  readonly random: Random;
  readonly limits: LinkLimits;
  readonly pace: DialPace;
  /** Unique per link and start of the process. */
  readonly echoPrefix: string;
}

const NAPCAT = 'NapCat';

/**
 * The connection of one account, as its state machine; its states are listed in account-standing.ts and drawn in docs/link.md.
 *
 * Forward links have at most one session. Reverse links may have several for a moment: the newest one that greets becomes
 * current, the former one is closed with 4001, and replies are matched over all of them. Calls end as `closed` when the last
 * session is gone. A standby goes through the same states and never writes a request, not even a probe.
 */
export class Link implements SessionOwner {
  readonly #options: LinkOptions;
  readonly #place: string;
  readonly #desk: ReplyDesk;
  readonly #standing: AccountStanding;
  readonly #watch: Watch;
  readonly #backOff: BackOff;
  readonly #dialler: Dialler | undefined;
  readonly #takeovers: SlidingCount;
  /** In order of opening. */
  readonly #sessions = new Set<Session>();
  readonly #sockets = new Set<FrameSocket>();
  #current: Session | undefined;
  #role: LinkRole;
  #isReadingPaused = false;

  constructor(options: LinkOptions) {
    this.#options = options;
    const { account, clock, random, limits, pace } = options;
    const { selfId: self, pool, mode } = account;
    this.#role = options.role;
    this.#desk = new ReplyDesk(clock, options.echoPrefix);
    this.#standing = new AccountStanding({ self, pool, mode }, clock, (status) => this.#tell(status));
    this.#watch = new Watch(self, clock, limits, {
      probe: (action) => this.#probe(action),
      onLogin: (login, note) => this.#onLogin(login, note),
      onHearing: (hearing, reason) => this.#standing.change({ hearing }, reason),
      onMute: (detail) => this.#current?.giveUp('no_answer', detail),
      onOtherAccount: (other) => this.#current?.giveUp('wrong_account', other),
    });
    this.#backOff = new BackOff(random, clock, limits.backOffBaseMs, limits.backOffCapMs);
    this.#takeovers = new SlidingCount(clock, MINUTE);
    this.#place = mode === 'forward' ? shownUrl(account.url) : NAPCAT;
    if (mode === 'forward') {
      const { url, token } = account;
      const onResult = (result: Dialled): void => this.#onDialled(result);
      this.#dialler = new Dialler({ url, token, clock, pace, limits: limits.socket, onResult });
    }
  }

  get status(): AccountStatus {
    return this.#standing.status;
  }

  get role(): LinkRole {
    return this.#role;
  }

  /** Listeners of the new role learn the present state at once. */
  assume(role: LinkRole): void {
    if (this.#role === role) return;
    this.#role = role;
    this.#tell(this.status);
    if (role === 'owner') this.#watch.recheck();
  }

  want(wish: Facts['wish'], reason: string): void {
    this.#standing.change({ wish }, reason);
  }

  start(): void {
    const isForward = this.#dialler !== undefined;
    this.#standing.change(
      { connection: 'connecting' },
      isForward ? `dialling ${this.#place}` : 'waiting for NapCat to dial in',
    );
    this.#dialler?.dial();
  }

  /** Ends calls as `closed` and resolves when all sockets are gone. */
  async stop(code: number, reason: string): Promise<void> {
    this.#leave(code, reason);
    this.#standing.change({ connection: 'stopped' }, reason);
    await Promise.all([...this.#sockets].map((socket) => socket.ended));
  }

  /** A new connection now, whatever the back-off. Calls under way end as `closed`; a reverse NapCat dials again when it likes. */
  reconnect(): void {
    this.#leave(1000, 'reconnecting on request');
    this.#backOff.reset();
    this.start();
  }

  /** A NapCat with the right token has dialled in. */
  accept(socket: FrameSocket, address: string): void {
    const { account, events, limits } = this.#options;
    if (this.#current !== undefined && this.#takeovers.size >= limits.takeoversPerMinute) {
      // Two network entries of one NapCat, or two NapCats, that push each other out: peace is worth more than the newest.
      this.#track(socket);
      socket.close(4001, 'connections of this account replace each other too often; the older one is kept');
      events.emit('refused', 'flapping', address, account.selfId);
      return;
    }
    const greeting = [...this.#sessions].filter((session) => session.isGreeting);
    if (greeting.length >= limits.candidates) greeting[0]?.supersede();
    this.#attach(socket);
  }

  /** Somebody dialled in for this account with a wrong token. */
  tokenRefusedByUs(address: string): void {
    if (this.#sessions.size > 0) return;
    this.#standing.change(
      { connection: 'failed' },
      `${tokenRefused(this.#options.account.selfId, 'Rookery')}; the attempt came from ${address}`,
    );
  }

  async call(
    action: string,
    params: Readonly<Record<string, unknown>>,
    request: CallRequest,
  ): Promise<CallEnd | { readonly kind: 'down' }> {
    const session = this.#current;
    const { wish } = this.#standing.facts;
    if (session === undefined || this.#role === 'standby' || wish !== 'active') return { kind: 'down' };
    const end = await this.#desk.request(session, action, params, request);
    if (session === this.#current) this.#watch.called(end);
    return end;
  }

  /** The open socket at whose other end the right account is. */
  get session(): Session | undefined {
    return this.#current;
  }

  pauseReading(): void {
    this.#isReadingPaused = true;
    this.#watch.suspend();
    for (const session of this.#sessions) session.pause();
  }

  resumeReading(): void {
    this.#isReadingPaused = false;
    this.#watch.resume();
    for (const session of this.#sessions) session.resume();
  }

  async ask(session: Session, action: string, timeoutMs: number): Promise<CallEnd> {
    if (this.#role === 'standby') return { kind: 'closed', written: false };
    return await this.#desk.request(session, action, {}, { timeoutMs });
  }

  onGreeted(session: Session): void {
    const { account, events } = this.#options;
    this.#backOff.reset();
    const former = this.#current;
    this.#current = session;
    if (former !== undefined) {
      this.#takeovers.add();
      former.supersede();
    }
    this.#standing.change({ connection: 'up', login: 'held', hearing: 'usual' }, `connected to ${this.#place}`);
    this.#watch.begin();
    if (this.#isReadingPaused) this.#watch.suspend();
    events.emit('greeted', account.selfId, this.#role);
  }

  onQqState(session: Session, online: boolean, note: string): void {
    if (session === this.#current) this.#watch.told(online, note);
  }

  onTick(session: Session): void {
    if (session === this.#current) this.#watch.tick();
  }

  onEvent(session: Session, frame: EventFrame, bytes: number): void {
    if (session === this.#current && !isMetaEvent(frame)) this.#watch.heard();
    this.#options.events.emit('event', this.#options.account.selfId, frame, bytes, session);
  }

  onReply(reply: Reply): FrameProblem | undefined {
    return this.#desk.settle(reply);
  }

  onRejected(problem: FrameProblem, sample: string): void {
    this.#options.events.emit('rejected', this.#options.account.selfId, problem, sample);
  }

  onFault(error: Error): void {
    this.#options.events.emit('fault', this.#options.account.selfId, error);
  }

  onEnded(session: Session, end: LinkEnd | undefined): void {
    const wasCurrent = session === this.#current;
    this.#sessions.delete(session);
    if (wasCurrent) {
      this.#current = undefined;
      this.#watch.end();
    }
    if (this.#sessions.size === 0) this.#desk.closeAll();
    // A candidate beside a live session ends without consequence too.
    if (end !== undefined && this.#current === undefined) this.#recover(end);
  }

  async #probe(action: string): Promise<CallEnd> {
    if (this.#current === undefined) return { kind: 'closed', written: false };
    return await this.ask(this.#current, action, this.#options.limits.probeMs);
  }

  #onLogin(login: Facts['login'], note: string): void {
    const said = note === '' ? '' : ` (${note})`;
    const reason =
      login === 'held'
        ? 'QQ is logged in again'
        : `QQ has dropped the login${said}; log in again in NapCat’s web page or restart NapCat`;
    this.#standing.change({ login }, reason);
  }

  #onDialled(result: Dialled): void {
    if (result.kind === 'failed') {
      this.#recover({ kind: 'dial', failure: result.failure, detail: result.detail });
      return;
    }
    this.#attach(result.socket);
    this.#standing.change(
      { connection: 'connecting' },
      `connected to ${this.#place}; waiting for its first lifecycle event`,
    );
  }

  #attach(socket: FrameSocket): void {
    this.#track(socket);
    const { account, clock, limits } = this.#options;
    const session = new Session({ socket, self: account.selfId, clock, limits, owner: this });
    this.#sessions.add(session);
    if (this.#isReadingPaused) session.pause();
  }

  #track(socket: FrameSocket): void {
    this.#sockets.add(socket);
    void socket.ended.then(() => this.#sockets.delete(socket));
  }

  #leave(code: number, reason: string): void {
    this.#dialler?.stop();
    for (const session of this.#sessions) session.dismiss(code, reason);
    this.#sessions.clear();
    this.#current = undefined;
    this.#watch.end();
    this.#desk.closeAll();
  }

  #recover(end: LinkEnd): void {
    const { account, limits, random, events } = this.#options;
    const { reason, text, needsAttention } = recoveryFrom(end, account.selfId, this.#place);
    const connection = needsAttention ? 'failed' : 'connecting';
    if (this.#dialler === undefined) {
      this.#standing.change({ connection }, `${text}. Waiting for NapCat to dial in`);
      events.emit('reconnecting', account.selfId, reason, 0);
      return;
    }
    const wait = needsAttention ? Math.round(limits.attentionMs * (1 + random() / 4)) : this.#backOff.next();
    this.#dialler.dialAfter(wait);
    this.#standing.change({ connection }, `${text}. Next try in ${(wait / 1000).toFixed(1)} s`);
    events.emit('reconnecting', account.selfId, reason, wait);
  }

  #tell(status: AccountStatus): void {
    this.#options.events.emit(this.#role === 'owner' ? 'status' : 'standby', status);
  }
}
