import type { ActionKind, ActionResult, SelfId } from '@rookery/protocol';
import { z } from 'zod';
import { CallsUnderWay, type BegunCall } from './calls-under-way';
import { CLAIM_TTL_MS, claimOf, openBy, stored, type KnownClaim } from './claim';
import type { Redis } from './client';
import { keys } from './keys';
import { jointScript, type OfAccount } from './outgoing-script';
import { TURN_SENDS } from './scripts/outgoing/turn-sends';
import type { SendLane } from './send-limits';

/** A job that could be sent, still at its place in Redis. */
export interface Candidate {
  readonly job: string;
  readonly data: string;
  readonly room: string;
  readonly lane: SendLane;
  readonly actionKind: ActionKind;
  readonly expired: boolean;
  /** How often it was tried in vain. */
  readonly tries: number;
  /** Whose claim it is where claims were wanted: ours since this look, or one that stood there. */
  readonly claim?: OwnClaim | KnownClaim;
}

/** A claim that was taken by a look. */
export interface OwnClaim {
  readonly kind: 'ours';
  readonly epoch: number;
  /** Tells it from all others under this epoch. */
  readonly number: string;
}

/** At least one, all of one lane and each of another room. `more`: something else waits, too, that is not in hand. */
export interface Found {
  readonly kind: 'found';
  readonly now: number;
  readonly found: readonly Candidate[];
  readonly more: boolean;
}

/** Nothing can be sent now; look again after `againMs`, at once when arrivals are `left`. `more` as in {@link Found}. */
export interface NoCandidate {
  readonly kind: 'none';
  readonly now: number;
  readonly againMs: number | undefined;
  readonly left: boolean;
  readonly more: boolean;
}

export interface LookWish {
  /** In the order in which they may be served. */
  readonly lanes: readonly SendLane[];
  readonly shutKinds: readonly string[];
  /** Jobs; nothing of their rooms is handed out. */
  readonly inHand: readonly string[];
  /** How many of a lane at most; default 1. */
  readonly most?: (lane: SendLane) => number;
  /** Under which epoch what is found may be claimed by the look, for an account that nothing limits, and the run of Redis. */
  readonly claim?: { readonly epoch: number; readonly run: string };
}

interface Outcome {
  readonly job: string;
  readonly result: ActionResult;
  readonly resolve: (stands: string | undefined) => void;
  readonly reject: (thrown: unknown) => void;
}

interface Look {
  readonly wish: LookWish;
  readonly resolve: (answer: Found | NoCandidate) => void;
  readonly reject: (thrown: unknown) => void;
}

/** What an account has to say. */
interface Turn {
  readonly self: SelfId;
  readonly outcomes: Outcome[];
  readonly looks: Look[];
}

/** What of that one call carries. */
interface Said {
  readonly self: SelfId;
  readonly outcomes: readonly Outcome[];
  readonly look: Look | undefined;
  readonly claim: LookWish['claim'];
}

const lane = z.enum(['interactive', 'normal', 'bulk']);
const number = z.coerce.number();
const none = z.tuple([number, z.literal(0), number, number, number, number]);
const candidate = z.tuple([z.string(), z.string(), z.string(), lane, z.string(), number, number, z.string()]);
const FIELDS = 8;
/** Head of what was found; its candidates follow, each of which is looked at by itself. */
const HEAD = 3;

/** Arrivals that one look sorts into rooms. */
const SORTED_PER_LOOK = 64;
/** Of one call, which is not to hold Redis up. */
const OUTCOMES_PER_CALL = 64;
const ACCOUNTS_PER_CALL = 32;
/** More than an account can lose before it is answered again. What is forgotten beyond ends as unknown, as if its process had died. */
const LOST_REMEMBERED = 64;

/**
 * The turns of accounts: what they have to say to Redis travels in one call, of each its outcomes and the next look. Two calls are under way at a
 * time, on a Redis Cluster any number, and of an account one. The first turn of it waits for nothing but the end of the turn of the event loop; what
 * comes up meanwhile goes with the next one, first come first served. An account whose keys are spoilt holds up and fails no other one.
 */
export class SendTurns {
  /** In the order in which they go, of each account one. */
  #waiting = new Map<SelfId, Turn>();
  readonly #underWay: CallsUnderWay<SelfId>;
  readonly #script: ReturnType<typeof jointScript>;
  readonly #isCluster: boolean;
  /** Claims under our epochs that were not acted upon: those of calls whose answer was lost, and such as could not be given back. */
  readonly #lost = new Map<SelfId, string[]>();
  #calls = 0;

  /** `time`: for tests that move it; otherwise Redis' own clock counts. */
  constructor(redis: Redis, time?: () => number) {
    this.#script = jointScript(redis, time);
    this.#isCluster = redis.isCluster;
    this.#underWay = new CallsUnderWay({
      isCluster: redis.isCluster,
      begin: (isBusy) => this.#begin(isBusy),
      gather: (then) => setImmediate(then),
    });
  }

  /**
   * Keeps what came of a send for certain, and its job goes with that. Resolves with the value that stands where it is another one.
   * Rejects when Redis is away, as all of these do.
   */
  conclude(job: string, result: ActionResult): Promise<string | undefined> {
    return new Promise((resolve, reject) => {
      this.#of(result.self).outcomes.push({ job, result, resolve, reject });
    });
  }

  /** Looks for what could be sent next. */
  look(self: SelfId, wish: LookWish): Promise<Found | NoCandidate> {
    return new Promise((resolve, reject) => this.#of(self).looks.push({ wish, resolve, reject }));
  }

  /** The claim was not acted upon, and could not be given back: the next look under its epoch takes it anew. */
  lose(self: SelfId, claim: string): void {
    const lost = this.#lost.get(self) ?? [];
    this.#lost.set(self, [...lost, claim].slice(-LOST_REMEMBERED));
  }

  #of(self: SelfId): Turn {
    let turn = this.#waiting.get(self);
    if (turn === undefined) {
      turn = { self, outcomes: [], looks: [] };
      this.#waiting.set(self, turn);
      this.#underWay.soon();
    }
    return turn;
  }

  #begin(isBusy: (self: SelfId) => boolean): BegunCall<SelfId> | undefined {
    const turns = this.#next(isBusy);
    if (turns.length === 0) return undefined;
    return { keys: turns.map(({ self }) => self), done: this.#call(turns) };
  }

  /** What is left of a turn waits behind all others. */
  #next(isBusy: (self: SelfId) => boolean): readonly Said[] {
    const said: Said[] = [];
    let room = OUTCOMES_PER_CALL;
    for (const turn of [...this.#waiting.values()]) {
      if (said.length === (this.#isCluster ? 1 : ACCOUNTS_PER_CALL) || room === 0) break;
      const { self } = turn;
      if (isBusy(self)) continue;
      const outcomes = turn.outcomes.splice(0, room);
      room -= outcomes.length;
      const look = turn.outcomes.length === 0 ? turn.looks.shift() : undefined;
      // A call cannot name the claims that a look would take, and while a slot moves they may be on the other server already.
      said.push({ self, outcomes, look, claim: this.#isCluster ? undefined : look?.wish.claim });
      this.#waiting.delete(self);
      if (turn.outcomes.length > 0 || turn.looks.length > 0) this.#waiting.set(self, turn);
    }
    return said;
  }

  async #call(turns: readonly Said[]): Promise<void> {
    const call = String((this.#calls += 1));
    try {
      const parts = turns.map((turn) => this.#partOf(turn));
      const answers = await this.#script(TURN_SENDS, [CLAIM_TTL_MS, call], parts);
      const late = turns.flatMap((turn) => this.#answered(turn, call, answers.get(turn.self)) ?? []);
      if (late.length > 0) this.#putFirst(late);
    } catch (thrown) {
      for (const turn of turns) this.#fail(turn, call, thrown);
    }
  }

  /** Returns what is left for the next call. */
  #answered(turn: Said, call: string, answer: unknown): Turn | undefined {
    const { self, outcomes, look, claim } = turn;
    try {
      if (answer instanceof Error) throw answer;
      const [stands, seen] = answer as readonly [stands: readonly string[], seen?: readonly (string | number)[]];
      const found = seen === undefined ? undefined : read(seen, claim?.epoch);
      for (const [at, { resolve }] of outcomes.entries()) resolve(stands[at] === '' ? undefined : stands[at]);
      if (look === undefined) return undefined;
      if (found === undefined) return { self, outcomes: [], looks: [look] };
      look.resolve(found);
    } catch (thrown) {
      this.#fail(turn, call, thrown);
    }
    return undefined;
  }

  #fail({ self, outcomes, look, claim }: Said, call: string, thrown: unknown): void {
    if (claim !== undefined) this.lose(self, call);
    for (const { reject } of outcomes) reject(thrown);
    look?.reject(thrown);
  }

  /** Before all others, and before what has come up of the same accounts. */
  #putFirst(turns: readonly Turn[]): void {
    const others = this.#waiting;
    this.#waiting = new Map(turns.map((turn) => [turn.self, turn]));
    for (const [self, turn] of others) {
      const first = this.#waiting.get(self);
      if (first === undefined) this.#waiting.set(self, turn);
      else {
        first.outcomes.push(...turn.outcomes);
        first.looks.push(...turn.looks);
      }
    }
  }

  #partOf({ self, outcomes, look, claim }: Said): OfAccount {
    const args: (string | number)[] = [outcomes.length, look === undefined ? 0 : 1];
    for (const { job, result } of outcomes) {
      args.push(job, result.id, stored(result), result.reference?.messageId ?? '');
    }
    if (look !== undefined) args.push(...this.#lookArgs(self, look.wish, claim));
    return { self, args, named: this.#isCluster ? namedKeys(self, outcomes) : [] };
  }

  #lookArgs(self: SelfId, wish: LookWish, claim: LookWish['claim']): readonly (string | number)[] {
    const { lanes, shutKinds, inHand, most = () => 1 } = wish;
    const wanted = lanes.map((one) => `${one} ${most(one)}`).join(',');
    const look = [wanted, shutKinds.join(','), inHand.join(','), SORTED_PER_LOOK];
    if (claim === undefined) return [...look, '', '', '', ''];
    return [...look, openBy(claim.epoch), claim.epoch, this.#lost.get(self)?.join(',') ?? '', claim.run];
  }
}

function namedKeys(self: SelfId, outcomes: readonly Outcome[]): readonly string[] {
  const claims = outcomes.map(({ result }) => keys.claim(self, result.id));
  return outcomes.length === 0 ? [] : [...claims, keys.openActions(self), keys.sentMessages(self)];
}

/** `epoch`: under which claims were taken, where they were wanted. */
function read(answer: readonly (string | number)[], epoch: number | undefined): Found | NoCandidate {
  if (answer[1] !== 1) {
    const [now, , more, heldMs, expiryMs, left] = none.parse(answer);
    const times = [heldMs, expiryMs].filter((ms) => ms >= 0);
    const againMs = times.length > 0 ? Math.min(...times) : undefined;
    return { kind: 'none', now, againMs, left: left === 1, more: more === 1 };
  }
  const found: Candidate[] = [];
  for (let at = HEAD; at < answer.length; at += FIELDS) found.push(candidateOf(answer.slice(at, at + FIELDS), epoch));
  return { kind: 'found', now: Number(answer[0]), found, more: answer[2] === 1 };
}

function candidateOf(fields: readonly (string | number)[], epoch: number | undefined): Candidate {
  const [job, data, room, laneFound, kind, expired, tries, claimed] = candidate.parse(fields);
  const claim = claimOfLook(claimed, epoch);
  const is = { lane: laneFound, actionKind: kind as ActionKind, expired: expired === 1, tries };
  return { job, data, room, ...is, ...(claim !== undefined && { claim }) };
}

const OWN_CLAIM = /^\d+\.\d+$/;

function claimOfLook(claimed: string, epoch: number | undefined): Candidate['claim'] {
  if (claimed === '' || epoch === undefined) return undefined;
  if (OWN_CLAIM.test(claimed)) return { kind: 'ours', epoch, number: claimed };
  return claimOf(claimed);
}
