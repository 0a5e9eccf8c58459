import type { CallEnd } from '@rookery/onebot';
import { MINUTE, SECOND, type Clock } from '@rookery/protocol';
import { isLoginLost, isProofOfLogin, loginOf, onlineOf } from './frame-facts';
import { Hearing } from './hearing';
import type { LinkLimits } from './limits';
import { QqLogin } from './qq-login';

/** What the watch tells the link that it belongs to. */
export interface WatchOwner {
  /** One probe over the current connection. */
  probe(action: 'get_login_info' | 'get_status'): Promise<CallEnd>;
  onLogin(login: 'held' | 'lost', note: string): void;
  onHearing(hearing: 'usual' | 'deaf', reason: string): void;
  /** The other end is connected and answers nothing. */
  onMute(detail: string): void;
  onOtherAccount(self: string): void;
}

/**
 * Watches the current connection of one account for what an open socket does not show: a login that QQ has dropped, and a NapCat
 * that has gone deaf. Asks for the status when a connection has greeted, so that a lost login shows within one round trip, and
 * again every minute while the login is lost, since heartbeats may be switched off.
 */
export class Watch {
  readonly #login: QqLogin;
  readonly #hearing: Hearing;
  #probing = false;
  #deaf = false;
  #listening = false;
  #cancelRecheck: (() => void) | undefined;
  /** Grows with each connection: an answer of an earlier one says nothing. */
  #epoch = 0;

  constructor(
    private readonly self: string,
    private readonly clock: Clock,
    private readonly limits: LinkLimits,
    private readonly owner: WatchOwner,
  ) {
    this.#login = new QqLogin(clock, limits);
    this.#hearing = new Hearing(clock);
  }

  /** A connection has greeted and is the current one now. */
  begin(): void {
    this.end();
    this.#listening = true;
    this.#login.forget();
    this.#hearing.begin();
    void this.#askStatus();
  }

  /** There is no current connection any more. */
  end(): void {
    this.#epoch += 1;
    this.#listening = false;
    this.#deaf = false;
    this.#probing = false;
    this.#hearing.end();
    this.#cancelRecheck?.();
    this.#cancelRecheck = undefined;
  }

  /** Reading is paused: silence is of our own making. */
  suspend(): void {
    this.#hearing.end();
  }

  resume(): void {
    if (this.#listening) this.#hearing.begin();
  }

  /** Asks anew; for a link that was not allowed to ask before. */
  recheck(): void {
    if (this.#listening) void this.#askStatus();
  }

  /** NapCat has said whether QQ has it logged in. `note`: what QQ told about a kick. */
  told(online: boolean, note: string): void {
    const before = this.#login.isLost;
    const login = this.#login.told(online);
    if (login === 'held' ? before : !before || note !== '') this.#sayLogin(note);
  }

  /** How a call of ours ended, that was no probe. */
  called(end: CallEnd): void {
    if (!this.#listening) return;
    const before = this.#login.isLost;
    if (isLoginLost(end)) this.#login.refused();
    else if (before && isProofOfLogin(end)) this.#login.proven();
    if (before !== this.#login.isLost) this.#sayLogin(before ? '' : 'an action was refused with 1006514');
  }

  /** An event came that was not of the connection itself. */
  heard(): void {
    this.#hearing.heard();
    if (!this.#deaf) return;
    this.#deaf = false;
    this.owner.onHearing('usual', 'events come again');
  }

  /** To be called every few seconds. */
  tick(): void {
    if (this.#deaf || this.#probing || this.#login.isLost) return;
    const silence = this.#hearing.unusualSilenceMs;
    if (silence !== undefined) void this.#findOut(silence);
  }

  #sayLogin(note: string): void {
    this.#cancelRecheck?.();
    this.#cancelRecheck = undefined;
    if (this.#login.isLost) this.#recheckLater();
    this.owner.onLogin(this.#login.isLost ? 'lost' : 'held', note);
  }

  #recheckLater(): void {
    this.#cancelRecheck = this.clock.after(this.limits.loginRecheckMs, () => {
      this.#recheckLater();
      void this.#askStatus();
    });
  }

  async #askStatus(): Promise<void> {
    const epoch = this.#epoch;
    const end = await this.owner.probe('get_status');
    if (epoch === this.#epoch) this.#takeStatus(end);
  }

  #takeStatus(end: CallEnd): boolean {
    if (end.kind !== 'replied' || end.reply.status !== 'ok') return false;
    const online = onlineOf(end.reply.data);
    if (online !== undefined) this.told(online, '');
    return true;
  }

  async #findOut(silenceMs: number): Promise<void> {
    const epoch = this.#epoch;
    this.#probing = true;
    const login = await this.owner.probe('get_login_info');
    const status = await this.owner.probe('get_status');
    if (epoch !== this.#epoch) return;
    this.#probing = false;
    const silence = `no event for ${span(silenceMs)}, where one comes every ${span(this.#hearing.usualIntervalMs)} usually`;
    const answered = loginOf(login);
    if (answered === undefined || !this.#takeStatus(status)) {
      this.owner.onMute(silence);
    } else if (answered !== this.self) {
      this.owner.onOtherAccount(answered);
    } else if (!this.#login.isLost && this.#hearing.unusualSilenceMs !== undefined) {
      this.#deaf = true;
      this.owner.onHearing(
        'deaf',
        `${silence}; NapCat answers and says that it is online. Restart NapCat if this lasts`,
      );
    }
  }
}

function span(ms: number): string {
  return ms < 2 * MINUTE ? `${(ms / SECOND).toFixed(1)} s` : `${Math.round(ms / MINUTE)} min`;
}
