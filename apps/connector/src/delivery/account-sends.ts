import { LaneShare, quietForMs, slowness } from '@rookery/pacing';
import {
  actionKind,
  chatOf,
  HOLD_REASONS,
  parseAction,
  RookeryError,
  SECOND,
  toError,
  type Action,
  type ActionId,
  type ActionResult,
  type Chat,
} from '@rookery/protocol';
import type { Admission, Candidate, SendLane, SendLogs } from '@rookery/redis';
import { Candidates, LOOK_MS } from './candidates';
import type { Claims, Ending, Taken, Waiting } from './ports';
import type { AccountSendsOptions } from './account-sends-options';
import type { Hold } from './holds';
import { Reach } from './reach';
import { RedisTime } from './redis-time';
import { longestWindowMs, sendLimits, shortestWindowMs, textDigest } from './send-limits';
import { Shuts } from './shuts';

interface InHand extends Candidate {
  readonly logs: SendLogs;
  /** Its outcome was kept, and the job went with it. */
  isOver: boolean;
}

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
 * so a more urgent arrival is found by the next look.
 */
export class AccountSends implements Waiting, Claims {
  readonly #share = new LaneShare();
  readonly #inHand = new Map<ActionId, InHand>();
  readonly #shuts = new Shuts();
  readonly #time: RedisTime;
  readonly #candidates: Candidates;
  readonly #reach: Reach;
  #turn: Promise<unknown> = Promise.resolve();
  #openAt = 0;
  #firstSeen: number | undefined;

  constructor(private readonly options: AccountSendsOptions) {
    this.#time = new RedisTime(options.clock);
    this.#candidates = new Candidates(options, this.#time, () => [...this.#inHand.values()]);
    this.#reach = new Reach(options.clock, options.store, options.onReady);
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
  take(): Promise<Taken | undefined> {
    return this.#inTurn(() => this.#take());
  }

  async #take(): Promise<Taken | undefined> {
    for (let passed = 0; passed < PASSED_PER_LOOK; passed++) {
      const found = await this.#candidates.next(this.#lanes());
      if (found === undefined) return undefined;
      const action = await this.#read(found);
      if (action === undefined) continue;
      this.#shuts.found(found.now, action, found.lane, this.options.onWaited);
      if (found.expired || action.expiresAt <= this.#time.now())
        return this.#taken(action, { ...found, expired: true });
      const hold = this.options.holds.of(this.options.self, action, chatOf(action));
      // A broadcast has other accounts to turn to, and its target is to be free for them.
      if (hold?.reason === 'muted' && found.lane === 'bulk') return { ...this.#taken(action, found), refusal: MUTED };
      if (hold === undefined) return this.#taken(action, found);
      await this.#keepBack(action, found, hold);
      if (this.waitMs() > 0) return undefined;
    }
    this.#candidates.lookAgain(SECOND);
    return undefined;
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
      const found = await this.#candidates.next([]);
      if (found === undefined) return undefined;
      const action = await this.#read(found);
      if (action !== undefined) return this.#taken(action, found);
    }
  }

  /** Something has arrived. */
  arrived(): void {
    this.#candidates.arrived();
  }

  async claim(action: Action, epoch: number): ReturnType<Claims['claim']> {
    const found = this.#inHand.get(action.id);
    if (found === undefined) return { kind: 'stale' };
    const { limits, store, random } = this.options;
    const { logs, job, room, lane } = found;
    const inForce = limits.inForce();
    const context = {
      settings: inForce.settings,
      own: limits.inChat(logs.chat)?.settings,
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
      return claim.kind === 'taken' ? { ...claim, ...begun } : claim;
    } finally {
      if (claim?.kind !== 'taken') this.#reach.leave(action, claim?.kind === 'stale');
    }
  }

  async record(result: ActionResult): Promise<ActionResult> {
    const found = result.outcome === 'unknown' ? undefined : this.#inHand.get(result.id);
    const stands = await this.options.claims.record(result, { job: found?.job });
    if (found !== undefined) found.isOver = true;
    return stands;
  }

  async release(action: Action, epoch: number): Promise<boolean> {
    const job = this.#inHand.get(action.id)?.job;
    this.#reach.forget(action);
    const isOurs = await this.options.claims.release(action, epoch);
    if (job !== undefined) await this.options.store.giveBack(this.options.self, job);
    return isOurs;
  }

  endUnbegun(result: ActionResult): Promise<ActionResult | undefined> {
    return this.options.claims.endUnbegun(result);
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
      const kind = this.#inHand.get(action.id)?.actionKind;
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

  async #read(found: Candidate): Promise<Action | undefined> {
    try {
      return parseAction(JSON.parse(found.data));
    } catch (thrown) {
      const error =
        thrown instanceof RookeryError ? thrown : new RookeryError('ENVELOPE_INVALID', toError(thrown).message);
      await this.options.store.setAside(this.options.self, found.job, `${error.code}: ${error.message}`);
      this.options.onForeign(error);
      return undefined;
    }
  }

  async #keepBack(action: Action, found: Candidate, hold: Hold): Promise<void> {
    const { self, store, clock, onHeld } = this.options;
    const ms = Math.min(LOOK_MS, hold.until === undefined ? LOOK_MS : Math.max(1, hold.until - clock.now()));
    if (hold.scope === 'account') this.#openAt = Math.max(this.#openAt, clock.monotonic() + ms);
    else await store.hold(self, found.room, this.#time.now() + ms, hold.reason);
    onHeld(action, hold.reason, ms);
  }

  #taken(action: Action, found: Candidate): Taken {
    const { self, store } = this.options;
    const chat = chatOf(action);
    const text = textDigest(action);
    const logs = { kind: actionKind(action.name, chat), chat, ...(text !== undefined && { text }) };
    const inHand: InHand = { ...found, logs, isOver: false };
    this.#inHand.set(action.id, inHand);
    return {
      action,
      tries: found.tries,
      isExpired: found.expired,
      done: async () => {
        try {
          if (inHand.isOver) return undefined;
          await store.end(self, found.job, this.#reach.isUnread(action.id) ? undefined : action.id);
          return undefined;
        } catch (thrown) {
          // It comes again, and is found ended.
          return toError(thrown);
        } finally {
          this.#inHand.delete(action.id);
        }
      },
      putBack: async (again) => {
        this.#candidates.stays();
        try {
          if (again !== undefined) await store.giveBack(self, found.job, again);
          return undefined;
        } catch (thrown) {
          // It is tried again at once then, and its chat still waits for it.
          return toError(thrown);
        } finally {
          this.#inHand.delete(action.id);
        }
      },
    };
  }
}
