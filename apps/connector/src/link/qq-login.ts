import type { Clock } from '@rookery/protocol';
import type { LinkLimits } from './limits';

/**
 * Whether QQ has the account logged in, from two kinds of witness. What NapCat says (heartbeat, get_status, bot_offline) counts at
 * once. An action that QQ refused for want of a login (1006514) counts for more than a NapCat that goes on to say "online", as some
 * do for hours: its word is believed again only after a hold that doubles with each such refusal, so that an account is not
 * thrown between online and offline with every attempt to send.
 */
export class QqLogin {
  #lost = false;
  #holdUntil = Number.NEGATIVE_INFINITY;
  #holdMs: number;

  constructor(
    private readonly clock: Clock,
    private readonly limits: LinkLimits,
  ) {
    this.#holdMs = limits.loginHoldMs;
  }

  get isLost(): boolean {
    return this.#lost;
  }

  /** NapCat says so. Returns what is believed now. */
  told(online: boolean): 'held' | 'lost' {
    if (!online) this.#lost = true;
    else if (this.clock.monotonic() >= this.#holdUntil) this.#lost = false;
    return this.#lost ? 'lost' : 'held';
  }

  /** An action was refused because the login is lost. */
  refused(): void {
    // Refusals of actions that were under way together are one.
    if (this.clock.monotonic() < this.#holdUntil) return;
    this.#lost = true;
    this.#holdUntil = this.clock.monotonic() + this.#holdMs;
    this.#holdMs = Math.min(this.#holdMs * 2, this.limits.loginHoldCapMs);
  }

  /** An action that needs the login was carried out. */
  proven(): void {
    this.#lost = false;
    this.#holdUntil = Number.NEGATIVE_INFINITY;
    this.#holdMs = this.limits.loginHoldMs;
  }

  /** A new connection: NapCat may have been restarted and logged in anew. The length of the next hold stays. */
  forget(): void {
    this.#lost = false;
    this.#holdUntil = Number.NEGATIVE_INFINITY;
  }
}
