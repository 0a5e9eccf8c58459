import { EventEmitter, setMaxListeners } from 'node:events';
import {
  MINUTE,
  SECOND,
  toError,
  type ActionResult,
  type BroadcastEnd,
  type Clock,
  type Random,
  type SelfId,
} from '@rookery/protocol';
import { BroadcastTaken, type BroadcastHand, type BroadcastRecord, type BroadcastWork } from '@rookery/redis';
import type { Running } from './broadcast-rounds';
import { Hands, type InHand } from './hands';
import type { Listing } from './listing';
import type { PoolAccounts } from './pool-accounts';
import type { Sending } from './sending';
import { Settlement, type SettlementEvents } from './settlement';
import { Spread } from './spread';
import { targetsLeft, type TargetsLeft } from './targets-left';
import { endOf, GIVEN_UP } from './verdict';

export interface BroadcastRunEvents extends Pick<SettlementEvents, 'reached' | 'givenBack' | 'trouble'> {
  ended: [end: BroadcastEnd];
}

export interface BroadcastRunOptions {
  readonly work: BroadcastWork;
  readonly sending: Sending;
  readonly listing: Listing;
  readonly accounts: Pick<PoolAccounts, 'look' | 'of'>;
  /** The lease on the partition is certain at this moment. */
  readonly mayAct: () => boolean;
  readonly clock: Clock;
  readonly random: Random;
}

/** Targets that one account has in hand: enough that it never waits for us, few enough that a pause has nothing to call back. */
const WINDOW = 3;
/** An action that has waited so long is given up for the time being; its target is handed out again. */
const ACTION_LIFE_MS = 10 * MINUTE;
/** After so long in hand a target goes to another account that can reach it: this one has no budget, or is held back there. */
const STUCK_MS = 3 * MINUTE;
const LOOK_MS = 1 * SECOND;

/**
 * Carries one broadcast out, in steps: one at a time, whenever something has changed, and every second.
 *
 * running     accounts that are online are asked whom they can reach; each takes targets from its queue, a few at a time
 * paused      what is in hand and not begun is called back
 * ending      cancelled or expired: the same, and when nothing is in hand any more, what waits is given up
 *
 * All that must survive is in Redis before it has an effect: a target is in a hand before its action exists, and has its outcome
 * before it leaves the hand. A successor asks again for every action in hand, by the same id.
 */
export class BroadcastRun extends EventEmitter<BroadcastRunEvents> implements Running {
  readonly ended: Promise<void>;
  readonly #hands = new Hands();
  readonly #settlement: Settlement;
  /** Accounts whose queue was found empty since it was last filled. */
  readonly #dry = new Set<SelfId>();
  readonly #spread: Spread;
  readonly #stop = new AbortController();
  /** Every hand that Redis knows is known here, as far as can be told. */
  #adopted = false;
  /** How many accounts were listed when targets that nobody can reach were last given up. */
  #sweptAt = 0;
  #seen: BroadcastRecord | undefined;
  #turn = 0;
  #stepping = false;
  #again = false;
  #cancel: () => void = () => undefined;
  #finish: () => void = () => undefined;

  constructor(private readonly options: BroadcastRunOptions) {
    super();
    this.#spread = new Spread(options.clock, options.random);
    setMaxListeners(0, this.#stop.signal);
    this.ended = new Promise((resolve) => (this.#finish = resolve));
    this.#settlement = this.#newSettlement();
    this.wake();
  }

  wake(): void {
    if (this.#stop.signal.aborted) return;
    this.#again = true;
    if (!this.#stepping) void this.#work();
  }

  async stop(): Promise<void> {
    this.#end();
    await this.ended;
  }

  get left(): TargetsLeft {
    return targetsLeft(this.#stopped ? undefined : this.#seen, this.#hands.size);
  }

  get #stopped(): boolean {
    return this.#stop.signal.aborted;
  }

  #end(): void {
    this.#cancel();
    this.#stop.abort();
    if (!this.#stepping) this.#finish();
  }

  #newSettlement(): Settlement {
    const { work, accounts, listing, clock } = this.options;
    const settlement = new Settlement({
      work,
      accounts,
      listing,
      clock,
      hands: this.#hands,
      signal: this.#stop.signal,
    });
    settlement.on('reached', (outcome) => this.emit('reached', outcome));
    settlement.on('givenBack', (reason) => {
      this.#dry.clear();
      this.emit('givenBack', reason);
    });
    settlement.on('trouble', (error) => this.emit('trouble', error));
    settlement.on('settled', () => this.wake());
    settlement.on('taken', () => this.#end());
    return settlement;
  }

  async #work(): Promise<void> {
    this.#stepping = true;
    this.#cancel();
    let waitMs = LOOK_MS;
    while (this.#again && !this.#stopped) {
      this.#again = false;
      try {
        if (this.options.mayAct()) waitMs = await this.#step();
      } catch (thrown) {
        // A call that failed may have been carried out: there may be hands that are not known here.
        this.#adopted = false;
        if (thrown instanceof BroadcastTaken) this.#end();
        else this.emit('trouble', toError(thrown));
      }
    }
    this.#stepping = false;
    if (this.#stopped) this.#finish();
    else {
      this.#cancel = this.options.clock.after(waitMs, () => {
        this.#dry.clear();
        this.wake();
      });
    }
  }

  /** Returns how long to wait at most for the next one. */
  async #step(): Promise<number> {
    const { work, accounts, clock, listing } = this.options;
    const record = await work.read();
    if (record === undefined || record.endedAt !== undefined) {
      this.#end();
      return 0;
    }
    this.#seen = record;
    if (!this.#adopted) await this.#adopt(record);
    await accounts.look();
    const end = endOf(record, clock.now());
    if (end !== undefined) await this.#endAs(end);
    else if (record.wanted === 'paused') await this.#callBack(this.#hands.all);
    else {
      listing.look(record, this.#stop.signal, () => {
        this.#dry.clear();
        this.wake();
      });
      await this.#callBackStuck(record);
      await this.#handOut(record);
      if (this.#hands.size === 0) await this.#endWhenDone(record);
    }
    return record.spreadMs > 0 ? Math.max(1, Math.min(LOOK_MS, this.#spread.waitMs)) : LOOK_MS;
  }

  /** Goes on with what is in hand and not known here: of a predecessor, or of a call whose answer was lost. */
  async #adopt(record: BroadcastRecord): Promise<void> {
    const { work, listing } = this.options;
    listing.known(await work.accounts());
    for (const hand of await work.hands()) {
      if (this.#hands.get(hand.target)?.hand.attempt === hand.attempt) continue;
      this.#await(record, hand, this.options.sending.resume(record, hand, this.#stop.signal));
    }
    this.#adopted = true;
  }

  async #handOut(record: BroadcastRecord): Promise<void> {
    const { work, clock, accounts, sending, listing, mayAct } = this.options;
    const ready = accounts.of(record.pool).filter(({ self, online }) => online && listing.has(self));
    if (ready.length === 0) return;
    // An account may have been listed since the record was read; a spread over no targets would be one long pause.
    const total = record.counts.total > 0 ? record.counts.total : ((await work.read())?.counts.total ?? 0);
    const begin = this.#turn++;
    for (let at = 0; at < ready.length; at++) {
      const self = ready[(begin + at) % ready.length]?.self;
      if (self === undefined || this.#dry.has(self) || this.#settlement.isResting(self)) continue;
      const room = WINDOW - this.#hands.of(self);
      if (room <= 0) continue;
      if (record.spreadMs > 0 && this.#spread.waitMs > 0) return;
      const now = clock.now();
      const expiresAt = Math.min(record.expiresAt, now + ACTION_LIFE_MS);
      const taken = await work.take(self, record.spreadMs > 0 ? 1 : room, now, expiresAt);
      if (taken.length === 0) this.#dry.add(self);
      else this.#spread.taken(record.spreadMs / Math.max(1, total), record.jitter);
      if (this.#stopped || !mayAct()) {
        this.#adopted = false;
        return;
      }
      for (const hand of taken) this.#await(record, hand, sending.send(record, hand, this.#stop.signal));
    }
  }

  #await({ pool }: BroadcastRecord, hand: BroadcastHand, result: Promise<ActionResult>): void {
    this.#hands.add(hand);
    void this.#settlement.of(pool, hand, result);
  }

  /** Those whose account has dropped, and those that wait for long while another account could reach the target. */
  async #callBackStuck({ pool }: BroadcastRecord): Promise<void> {
    const { accounts, clock, listing } = this.options;
    const online = new Set(accounts.of(pool).flatMap(({ self, online: can }) => (can ? [self] : [])));
    const others = [...online].filter((self) => listing.has(self)).length > 1;
    const now = clock.now();
    const stuck = this.#hands.all.filter((entry) => {
      if (!online.has(entry.hand.self)) return true;
      if (!others || now - entry.hand.takenAt < STUCK_MS) return false;
      entry.stuck = true;
      return true;
    });
    await this.#callBack(stuck);
  }

  /** Its result then comes as that of every other action. What has been begun cannot be called back and ends as it ends. */
  async #callBack(entries: readonly InHand[]): Promise<void> {
    const { clock, sending } = this.options;
    const now = clock.monotonic();
    const due = entries.filter(({ calledBackAt }) => now - calledBackAt >= LOOK_MS);
    for (const entry of due) entry.calledBackAt = now;
    await Promise.all(due.map(({ hand }) => sending.withdraw(hand)));
  }

  async #endAs(end: Exclude<BroadcastEnd, 'done'>): Promise<void> {
    await this.#callBack(this.#hands.all);
    if (this.#hands.size > 0) return;
    const { code, text } = GIVEN_UP[end];
    await this.options.work.giveUp(code, text, this.options.clock.now(), false);
    await this.#close(end);
  }

  async #endWhenDone({ pool, audience }: BroadcastRecord): Promise<void> {
    const { work, accounts, listing, clock } = this.options;
    const all = accounts.of(pool);
    const isListed = all.every(({ self, online, awaited }) => listing.has(self) || !(online || awaited));
    if (!isListed || listing.size === 0) return;
    if (audience === 'list' && this.#sweptAt !== listing.size) {
      await work.giveUp('ACTION_NOT_IN_GROUP', 'no account of the pool can reach it', clock.now(), true);
      this.#sweptAt = listing.size;
    }
    // Read again: what has been settled since the step began counts.
    if ((await work.read())?.counts.waiting === 0) await this.#close('done');
  }

  async #close(end: BroadcastEnd): Promise<void> {
    const { work, clock } = this.options;
    if (!(await work.close(end, clock.now()))) {
      this.#adopted = false;
      this.#again = true;
      return;
    }
    this.emit('ended', end);
    this.#end();
  }
}
