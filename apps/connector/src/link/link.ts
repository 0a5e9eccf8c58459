import type { EventEmitter } from 'node:events';
import {
  Calls,
  encodeRequest,
  type CallEnd,
  type Dialled,
  type EventFrame,
  type FrameSocket,
  type Reply,
} from '@rookery/onebot';
import { assertNever, MINUTE, type AccountState, type AccountStatus, type Clock, type Random } from '@rookery/protocol';
import { BackOff } from './back-off';
import type { DialPace } from './dial-pace';
import { Dialler } from './dialler';
import type { LinkLimits } from './limits';
import type { FrameProblem, LinkAccount, LinkEventMap } from './link-events';
import { recoveryFrom, shownUrl, tokenRefused, type LinkEnd } from './recovery';
import { Session, type SessionOwner } from './session';
import { SlidingCount } from './sliding-count';

export interface LinkOptions {
  readonly account: LinkAccount;
  readonly events: EventEmitter<LinkEventMap>;
  readonly clock: Clock;
  readonly random: Random;
  readonly limits: LinkLimits;
  readonly pace: DialPace;
  /** Unique per link and start of the process. */
  readonly echoPrefix: string;
}

export interface CallRequest {
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
}

const NAPCAT = 'NapCat';

/**
 * The connection of one account, as its state machine. An open socket is never `online`.
 *
 * stopped      before `start` and after `stop`. No socket, no timer, no call that waits.
 * connecting   forward: one dial is planned, queued or under way, or a session is in greeting. Reverse: waiting for NapCat to
 *              dial in, or a session is in greeting. Left when a session has greeted (→ online), or when something was found
 *              that only a person can mend (→ failed).
 * online       there is a current session: the right account has greeted on it and QQ is not known to be lost. Left when the
 *              session ends (→ connecting or failed) or QQ drops the login (→ offline).
 * offline      as online, but heartbeat, get_status or bot_offline said that QQ has dropped the login. The socket is kept and not
 *              dialled anew, since that would not help; calls still go out, and QQ refuses them. Left when NapCat reports
 *              online again, or when the session ends.
 * failed       token refused, another account answers, unusable settings. Forward: the next try is planned, a minute or more away.
 *              Reverse: whenever NapCat dials in again.
 *
 * Forward links have at most one session. Reverse links may have several for a moment: the newest one that greets becomes
 * current, the former one is closed with 4001, and replies are matched over all of them, since NapCat answers on its newest
 * socket whichever one asked. Calls end as `closed` when the last session is gone.
 */
export class Link implements SessionOwner {
  readonly #options: LinkOptions;
  readonly #place: string;
  readonly #calls: Calls;
  readonly #backOff: BackOff;
  readonly #dialler: Dialler | undefined;
  readonly #takeovers: SlidingCount;
  /** In order of opening. */
  readonly #sessions = new Set<Session>();
  readonly #sockets = new Set<FrameSocket>();
  #current: Session | undefined;
  #status: AccountStatus;
  #paused = false;

  constructor(options: LinkOptions) {
    this.#options = options;
    const { account, clock, random, limits, pace } = options;
    const { selfId: self, pool, mode } = account;
    this.#calls = new Calls({ clock, echoPrefix: options.echoPrefix });
    this.#backOff = new BackOff(random, limits.backOffBaseMs, limits.backOffCapMs);
    this.#takeovers = new SlidingCount(clock, MINUTE);
    this.#place = mode === 'forward' ? shownUrl(account.url) : NAPCAT;
    this.#status = { self, pool, mode, state: 'stopped', reason: 'not started', since: clock.now() };
    if (mode === 'forward') {
      const { url, token } = account;
      const onResult = (result: Dialled): void => this.#onDialled(result);
      this.#dialler = new Dialler({ url, token, clock, pace, limits: limits.socket, onResult });
    }
  }

  get status(): AccountStatus {
    return this.#status;
  }

  start(): void {
    const isForward = this.#dialler !== undefined;
    this.#become('connecting', isForward ? `dialling ${this.#place}` : 'waiting for NapCat to dial in');
    this.#dialler?.dial();
  }

  /** Ends calls as `closed` and resolves when all sockets are gone. */
  async stop(code: number, reason: string): Promise<void> {
    this.#dialler?.stop();
    for (const session of this.#sessions) session.dismiss(code, reason);
    this.#sessions.clear();
    this.#current = undefined;
    this.#calls.closeAll();
    this.#become('stopped', reason);
    await Promise.all([...this.#sockets].map((socket) => socket.ended));
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
    this.#become(
      'failed',
      `${tokenRefused(this.#options.account.selfId, 'Rookery')}; the attempt came from ${address}`,
    );
  }

  async call(
    action: string,
    params: Readonly<Record<string, unknown>>,
    request: CallRequest,
  ): Promise<CallEnd | { readonly kind: 'down' }> {
    if (this.#current === undefined) return { kind: 'down' };
    return await this.#request(this.#current, action, params, request);
  }

  pauseReading(): void {
    this.#paused = true;
    for (const session of this.#sessions) session.pause();
  }

  resumeReading(): void {
    this.#paused = false;
    for (const session of this.#sessions) session.resume();
  }

  ask(session: Session, action: string, timeoutMs: number): Promise<CallEnd> {
    return this.#request(session, action, {}, { timeoutMs });
  }

  onGreeted(session: Session): void {
    this.#backOff.reset();
    const former = this.#current;
    this.#current = session;
    if (former !== undefined) {
      this.#takeovers.add();
      former.supersede();
    }
    this.#become('online', `connected to ${this.#place}`);
  }

  onQqState(session: Session, online: boolean, note: string): void {
    if (session !== this.#current) return;
    if (online) {
      if (this.#status.state === 'offline') this.#become('online', 'QQ is logged in again');
    } else if (this.#status.state !== 'offline' || note !== '') {
      const said = note === '' ? '' : ` (${note})`;
      this.#become('offline', `QQ has dropped the login${said}; log in again in NapCat’s web page or restart NapCat`);
    }
  }

  onEvent(frame: EventFrame, bytes: number): void {
    this.#options.events.emit('event', this.#options.account.selfId, frame, bytes);
  }

  onReply(reply: Reply): FrameProblem | undefined {
    const settled = this.#calls.settle(reply);
    switch (settled) {
      case 'settled':
        return undefined;
      case 'unknown_echo':
        return 'unknown_echo';
      case 'late':
        return 'late_reply';
      case 'duplicate':
        return 'duplicate_reply';
      default:
        return assertNever(settled);
    }
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
    if (wasCurrent) this.#current = undefined;
    if (this.#sessions.size === 0) this.#calls.closeAll();
    // A candidate beside a live session ends without consequence too.
    if (end !== undefined && this.#current === undefined) this.#recover(end);
  }

  async #request(
    session: Session,
    action: string,
    params: Readonly<Record<string, unknown>>,
    request: CallRequest,
  ): Promise<CallEnd> {
    if (request.signal?.aborted === true) return { kind: 'closed', written: false };
    const call = this.#calls.open({ action, ...request });
    try {
      if (session.send(encodeRequest(action, params, call.echo)) === 'refused') call.cancel(false);
    } catch (error) {
      call.cancel(false);
      throw error;
    }
    return await call.end;
  }

  #onDialled(result: Dialled): void {
    if (result.kind === 'failed') {
      this.#recover({ kind: 'dial', failure: result.failure, detail: result.detail });
      return;
    }
    this.#attach(result.socket);
    this.#become('connecting', `connected to ${this.#place}; waiting for its first lifecycle event`);
  }

  #attach(socket: FrameSocket): void {
    this.#track(socket);
    const { account, clock, limits } = this.#options;
    const session = new Session({ socket, self: account.selfId, clock, limits, owner: this });
    this.#sessions.add(session);
    if (this.#paused) session.pause();
  }

  #track(socket: FrameSocket): void {
    this.#sockets.add(socket);
    void socket.ended.then(() => this.#sockets.delete(socket));
  }

  #recover(end: LinkEnd): void {
    const { account, limits, random, events } = this.#options;
    const { reason, text, needsAttention } = recoveryFrom(end, account.selfId, this.#place);
    const state = needsAttention ? 'failed' : 'connecting';
    if (this.#dialler === undefined) {
      this.#become(state, `${text}. Waiting for NapCat to dial in`);
      events.emit('reconnecting', account.selfId, reason, 0);
      return;
    }
    const wait = needsAttention ? Math.round(limits.attentionMs * (1 + random() / 4)) : this.#backOff.next();
    this.#dialler.dialAfter(wait);
    this.#become(state, `${text}. Next try in ${(wait / 1000).toFixed(1)} s`);
    events.emit('reconnecting', account.selfId, reason, wait);
  }

  #become(state: AccountState, reason: string): void {
    const { state: before, reason: beforeReason, since } = this.#status;
    if (before === state && beforeReason === reason) return;
    this.#status = { ...this.#status, state, reason, since: before === state ? since : this.#options.clock.now() };
    this.#options.events.emit('status', this.#status);
  }
}
