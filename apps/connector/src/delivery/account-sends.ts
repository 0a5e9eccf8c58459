import { LaneShare, quietForMs, slowness } from '@rookery/pacing';
import { chatOf, HOLD_REASONS, SECOND, toError, type Action, type ActionResult, type Chat } from '@rookery/protocol';
import type { Admission, Candidate, SendLane } from '@rookery/redis';
import { Candidates, LOOK_MS, type CandidatesWish } from './candidates';
import type { Claims, Ending, Taken, Waiting } from './ports';
import type { AccountSendsOptions } from './account-sends-options';
import { Hand, type Held } from './hand';
import type { Hold } from './holds';
import { Reach } from './reach';
import { RedisTime } from './redis-time';
import { isUnlimited, longestWindowMs, sendLimits, sendLogs, shortestWindowMs } from './send-limits';
import { Shuts } from './shuts';

const MUTED: Ending = {
  outcome: 'refused',
  error: {
    code: 'ACTION_MUTED',
    message: 'the account is muted there; nothing was sent, and in bulk nothing waits for the end of a mute',
  },
};
/** Candidates that one look may pass over. */
const PASSED_PER_LOOK = 50;

/**
 * What one account may send next.
 *
 * shut     the account as a whole has to wait: a new beginning, its gap, its windows, its day, or a hold. Left by its time
 * unread   what left last still lies in the socket of its NapCat (reach.ts). Left when that is read, or the link ends
 * open     a candidate is asked for; what it is, is decided by lane (a share for each), then by age
 * passing  the candidate's chat is held, by its own limits or by a hold: the chat is set aside until its time, the next one is asked for
 * empty    nothing can be sent. Left by an arrival, by the time of the first chat that was set aside, or by the first expiry
 *
 * A candidate stays in Redis at its place. Admission takes fence, claim and all limits in one call; until then nothing is decided,
 * so a more urgent arrival is found by the next look. Where nothing limits the account, the look claims what it hands out, as much as can be
 * sent at once.
 */
export class AccountSends implements Waiting, Claims {
  readonly #share = new LaneShare();
  readonly #hand: Hand;
  readonly #shuts = new Shuts();
  readonly #time: RedisTime;
  readonly #candidates: Candidates;
  readonly #reach: Reach;
  #turn: Promise<unknown> = Promise.resolve();
  #openAt = 0;
  #firstSeen: number | undefined;

  constructor(private readonly options: AccountSendsOptions) {
    this.#time = new RedisTime(options.clock);
    this.#reach = new Reach(options.clock, options.store, options.onReady);
    this.#hand = new Hand(
      options,
      (id) => this.#reach.isUnread(id),
      () => this.#candidates.changed(),
    );
    this.#candidates = new Candidates(options, this.#time, () => this.#hand.jobs);
  }

  /** The link is up, or the account was taken over: the account stays shut for one window. Rejects when Redis is away. */
  async begin(): Promise<void> {
    const { limits, store, self } = this.options;
    const { settings } = limits.inForce();
    const shutMs = shortestWindowMs(settings);
    if (shutMs === 0 && settings.warmUp === null) return;
    const coldMs = longestWindowMs(settings, slowness(settings, this.#time.now(), limits.since()));
    const { now, firstSeen } = await store.shut(self, shutMs, coldMs);
    this.#time.see(now);
    this.#firstSeen = firstSeen;
  }

  waitMs(): number {
    if (this.#reach.isShut) return LOOK_MS;
    return Math.max(0, this.#openAt - this.options.clock.monotonic());
  }

  /** Limits or holds have changed. */
  async reconsider(chat?: Chat): Promise<void> {
    this.#openAt = 0;
    this.#candidates.reconsider();
    const reasons = [...HOLD_REASONS, 'conversation', 'repeats'];
    await this.options.store.release(this.options.self, reasons, chat);
  }

  /** One look at a time: two at once would find the same candidate. */
  take(most: number, epoch: number): Promise<readonly Taken[]> {
    return this.#inTurn(() => this.#take(most, epoch));
  }

  async #take(most: number, epoch: number): Promise<readonly Taken[]> {
    for (let passed = 0; passed < PASSED_PER_LOOK; passed++) {
      const found = await this.#candidates.next(this.#wish(most, epoch));
      if (found.length === 0) return [];
      const taken: Taken[] = [];
      const apart: Promise<void>[] = [];
      for (const one of found) {
        try {
          const considered = this.#consider(one);
          if (considered instanceof Promise) apart.push(considered);
          else taken.push(considered);
        } catch (thrown) {
          apart.push(Promise.reject(toError(thrown)));
        }
      }
      if (apart.length > 0) await this.#settle(apart, taken.length > 0);
      if (taken.length > 0) return taken;
      if (this.waitMs() > 0) return [];
    }
    this.#candidates.lookAgain(SECOND);
    return [];
  }

  #wish(most: number, epoch: number): CandidatesWish {
    const lanes = this.#lanes();
    if (this.#reach.isShut || !isUnlimited(this.options.limits.inForce().settings)) return { lanes };
    return { lanes, most: (lane) => Math.min(most, this.#share.inARow(lane)), claim: epoch };
  }

  /** What is kept back, or is no action of ours. Rejects with the first trouble where nothing else was taken. */
  async #settle(apart: readonly Promise<void>[], isSomeTaken: boolean): Promise<void> {
    const ended = await Promise.allSettled(apart);
    const troubles = ended.flatMap((one) => (one.status === 'rejected' ? toError(one.reason) : []));
    if (!isSomeTaken && troubles[0] !== undefined) throw troubles[0];
    for (const trouble of troubles) this.options.onTrouble(trouble);
  }

  /** Each of them may be claimed: whatever becomes of another one, it is handed out, or given back in the promise. */
  #consider(found: Candidate): Taken | Promise<void> {
    const action = this.#candidates.read(found);
    if (action instanceof Promise) return action;
    const now = this.#time.now();
    this.#shuts.found(now, action, found.lane, this.options.onWaited);
    if (found.expired || action.expiresAt <= now) return this.#hand.take(action, { ...found, expired: true });
    const hold = this.options.holds.of(this.options.self, action, chatOf(action));
    // A broadcast has other accounts to turn to, and its target is to be free for them.
    if (hold?.reason === 'muted' && found.lane === 'bulk') return { refusal: MUTED, ...this.#hand.take(action, found) };
    return hold === undefined ? this.#hand.take(action, found) : this.#keepBack(action, found, hold);
  }

  /** An action whose time is over, whether or not the account may act now. */
  takeExpired(): Promise<Taken | undefined> {
    return this.#inTurn(() => this.#takeExpired());
  }

  #inTurn<T>(look: () => Promise<T>): Promise<T> {
    const turn = this.#turn.then(look);
    this.#turn = turn.catch(() => undefined);
    return turn;
  }

  async #takeExpired(): Promise<Taken | undefined> {
    if (this.#candidates.isVain) return undefined;
    for (;;) {
      const [found] = await this.#candidates.next({ lanes: [] });
      if (found === undefined) return undefined;
      const action = this.#candidates.read(found);
      if (!(action instanceof Promise)) return this.#hand.take(action, found);
      await action;
    }
  }

  /** Something has arrived. */
  arrived(): void {
    this.#candidates.changed();
  }

  async claim(action: Action, epoch: number): ReturnType<Claims['claim']> {
    const found = this.#hand.of(action.id);
    if (found === undefined) return { kind: 'stale' };
    const claimed = await this.#claimed(action, found, epoch);
    if (claimed !== undefined) {
      this.options.claims.claimed(action, claimed);
      return claimed;
    }
    const { limits, store, random } = this.options;
    const { chat, job, room, lane } = found;
    const logs = sendLogs(action, chat);
    const inForce = limits.inForce();
    const context = {
      settings: inForce.settings,
      own: limits.inChat(chat)?.settings,
      timeZone: limits.timeZone,
      now: this.#time.now(),
      since: limits.since() ?? (inForce.profile === 'cautious' ? this.#firstSeen : undefined),
      random,
      remembers: this.#reach.remembers,
    };
    const wanted = sendLimits(context, logs.kind, lane);
    const begun = await this.#reach.begin({ action, limits: wanted, logs });
    if (begun === undefined) return { kind: 'wait' };
    let claim: Awaited<ReturnType<Claims['claim']>> | undefined;
    try {
      const admission = await store.admit({ action, job, room, epoch, limits: wanted, logs });
      claim = this.#decide(action, lane, admission);
      // Redis has forgotten in a power cut that it was begun.
      if (claim.kind === 'taken' && this.#reach.wasWritten(action.id)) claim = { kind: 'open' };
      this.options.claims.claimed(action, claim);
      return claim.kind === 'taken' ? { kind: 'taken', ...begun } : claim;
    } finally {
      if (claim?.kind !== 'taken') this.#reach.leave(action, claim?.kind === 'stale');
    }
  }

  async record(result: ActionResult): Promise<ActionResult> {
    const found = result.outcome === 'unknown' ? undefined : this.#hand.of(result.id);
    const stands = await this.options.claims.record(result, { job: found?.job });
    if (found !== undefined) found.isOver = true;
    return stands;
  }

  async release(action: Action, epoch: number): Promise<boolean> {
    const job = this.#hand.of(action.id)?.job;
    this.#reach.forget(action);
    const isOurs = await this.options.claims.release(action, epoch);
    if (job !== undefined) await this.options.store.giveBack(this.options.self, job);
    return isOurs;
  }

  async endUnbegun(result: ActionResult): Promise<ActionResult | undefined> {
    await this.#hand.unclaim(result.id);
    return await this.options.claims.endUnbegun(result);
  }

  /**
   * What the look says of the claim, once; undefined where admission has to decide: nothing was claimed, or since the look the account
   * has come under limits or under another epoch.
   */
  async #claimed(
    action: Action,
    found: Held,
    epoch: number,
  ): Promise<Awaited<ReturnType<Claims['claim']>> | undefined> {
    const { limits, holds, self } = this.options;
    const { claimed, chat, lane } = found;
    if (claimed?.kind === 'ours') {
      const isLimited = !isUnlimited(limits.inForce().settings) || limits.inChat(chat) !== undefined;
      // Of several that were found together the first may be the one that a breaker tries.
      const isHeld = holds.of(self, action, chat) !== undefined;
      if (isLimited || isHeld || this.#reach.isShut || claimed.epoch !== epoch) {
        await this.#hand.unclaim(action.id);
        return isHeld ? { kind: 'wait' } : undefined;
      }
      this.#share.sent(lane);
    }
    found.claimed = undefined;
    return claimed?.kind === 'ours' ? { kind: 'taken' } : claimed;
  }

  /** No timer stays. */
  rest(): void {
    this.#candidates.rest();
  }

  #decide(action: Action, lane: SendLane, admission: Admission): Awaited<ReturnType<Claims['claim']>> {
    if (admission.kind === 'now') {
      this.#time.see(admission.now);
      this.#share.sent(lane);
      this.#shuts.admitted(admission, action, lane);
      this.#openAt = Math.max(this.#openAt, this.options.clock.monotonic() + admission.nextMs);
      return { kind: 'taken' };
    }
    if (admission.kind !== 'wait') return admission;
    this.#time.see(admission.now);
    const { layer } = admission;
    let { ms } = admission;
    if (layer === 'kind') {
      const kind = this.#hand.of(action.id)?.actionKind;
      if (kind !== undefined) this.#candidates.shut(kind, ms);
    } else if (layer !== 'conversation' && layer !== 'repeats') {
      // A day is long, and limits may be raised meanwhile: it is looked at again before.
      ms = Math.min(ms, LOOK_MS);
      this.#openAt = Math.max(this.#openAt, this.options.clock.monotonic() + ms);
    }
    this.options.onHeld(action, layer, ms);
    return { kind: 'wait' };
  }

  /** In quiet hours only replies go out. */
  #lanes(): readonly SendLane[] {
    const { limits } = this.options;
    const { quietHours } = limits.inForce().settings;
    const now = this.#time.now();
    const quietMs = quietHours === null ? 0 : quietForMs(now, quietHours, limits.timeZone);
    if (quietMs === 0) return this.#share.order();
    this.#shuts.quiet(now, now + quietMs);
    return ['interactive'];
  }

  async #keepBack(action: Action, found: Candidate, hold: Hold): Promise<void> {
    const { self, store, clock, onHeld } = this.options;
    // It waits, though the look saw it handed out.
    this.#candidates.changed();
    await this.#candidates.unclaim(found);
    const ms = Math.min(LOOK_MS, hold.until === undefined ? LOOK_MS : Math.max(1, hold.until - clock.now()));
    if (hold.scope === 'account') this.#openAt = Math.max(this.#openAt, clock.monotonic() + ms);
    else await store.hold(self, found.room, this.#time.now() + ms, hold.reason);
    onHeld(action, hold.reason, ms);
  }
}
