import type { AccountState, AccountStatus, Clock } from '@rookery/protocol';

/** What is known of an account and wanted of it; its state follows from these four alone. */
export interface Facts {
  /** `up`: the right account has greeted on an open socket. */
  readonly connection: 'stopped' | 'connecting' | 'failed' | 'up';
  /** Whether QQ has the account logged in; only known while the connection is up. */
  readonly login: 'held' | 'lost';
  /** `deaf`: silent against its own usual traffic; only known while the connection is up. */
  readonly hearing: 'usual' | 'deaf';
  /** What the operator wants. Outlives reconnects. */
  readonly wish: 'active' | 'paused' | 'draining';
}

/**
 * The states of a link. An open socket is never `online`.
 *
 * stopped      before `start` and after `stop`. No socket, no timer, no call that waits.
 * connecting   forward: one dial is planned, queued or under way, or a session is in greeting. Reverse: waiting for NapCat to
 *              dial in, or a session is in greeting. Left when a session has greeted (→ online, or what is wanted), or when
 *              something was found that only a person can mend (→ failed).
 * online       there is a current session: the right account has greeted on it and QQ is not known to be lost. Left when the
 *              session ends (→ connecting or failed), QQ drops the login (→ offline), or events stop coming (→ deaf).
 * deaf         as online, and NapCat answers, but the account has been silent far beyond its usual traffic. Calls go out. Left
 *              with the next event. (A NapCat that does not answer either is cut and dialled anew.)
 * offline      as online, but heartbeat, get_status, bot_offline or a refused action said that QQ has dropped the login. The
 *              socket is kept and not dialled anew, since that would not help; calls still go out, and QQ refuses them. Left
 *              when NapCat reports online again and is to be believed, or when the session ends.
 * paused       as online, and the operator wants no calls: they end as `down`. Events go on. Survives reconnects.
 * draining     as paused, because the account is about to leave this node.
 * failed       token refused, another account answers, unusable settings. Forward: the next try is planned, a minute or more away.
 *              Reverse: whenever NapCat dials in again.
 *
 * Four facts decide between them: what is broken goes before what is wanted, and a lost login, which a person must mend, before
 * everything else that an open connection may have. docs/link.md has the drawing.
 */
export function stateOf({ connection, login, hearing, wish }: Facts): AccountState {
  if (connection !== 'up') return connection;
  if (login === 'lost') return 'offline';
  if (wish !== 'active') return wish;
  return hearing === 'deaf' ? 'deaf' : 'online';
}

/** The facts after a change. What was learned over a connection ends with it. */
export function changed(facts: Facts, change: Partial<Facts>): Facts {
  const next = { ...facts, ...change };
  if (next.connection !== 'up') return { ...next, login: 'held', hearing: 'usual' };
  return next.login === 'lost' ? { ...next, hearing: 'usual' } : next;
}

/** Keeps an account's facts with the reason for each, and says what people are shown. */
export class AccountStanding {
  #facts: Facts = { connection: 'stopped', login: 'held', hearing: 'usual', wish: 'active' };
  readonly #reasons = new Map<AccountState, string>();
  #status: AccountStatus;

  constructor(
    account: Pick<AccountStatus, 'self' | 'pool' | 'mode'>,
    private readonly clock: Clock,
    private readonly onChange: (status: AccountStatus) => void,
  ) {
    this.#status = { ...account, state: 'stopped', reason: 'not started', since: clock.now() };
  }

  get status(): AccountStatus {
    return this.#status;
  }

  get facts(): Facts {
    return this.#facts;
  }

  /** `reason`: why the changed fact is as it is now, for people. Shown while that fact decides the state. */
  change(change: Partial<Facts>, reason: string): void {
    this.#facts = changed(this.#facts, change);
    const explained = explainedBy(change);
    if (explained !== undefined) this.#reasons.set(explained, reason);
    const state = stateOf(this.#facts);
    const shown = this.#reasons.get(state) ?? reason;
    const { state: former, reason: formerReason, since } = this.#status;
    if (former === state && formerReason === shown) return;
    this.#status = { ...this.#status, state, reason: shown, since: former === state ? since : this.clock.now() };
    this.onChange(this.#status);
  }
}

/** The state that the reason of a change explains, whether or not that state is the one that shows. */
function explainedBy({ connection, login, hearing, wish }: Partial<Facts>): AccountState | undefined {
  if (connection !== undefined) return connection === 'up' ? 'online' : connection;
  if (login !== undefined) return login === 'lost' ? 'offline' : 'online';
  if (hearing !== undefined) return hearing === 'deaf' ? 'deaf' : 'online';
  return wish === 'active' ? undefined : wish;
}
