import { z } from 'zod';
import {
  LIMIT_LAYERS,
  type Action,
  type ActionId,
  type ActionKind,
  type Chat,
  type LimitLayerName,
  type SelfId,
} from '@rookery/protocol';
import { traceOf } from './action-claims';
import { CLAIM_TTL_MS, claimOf, openBy, type Claim } from './claim';
import type { Redis } from './client';
import { keys } from './keys';
import { outgoingScript } from './outgoing-script';
import { logNames, weights, type SendLane, type SendLimits, type SendLogs } from './send-limits';
import { SendTurns, type Found, type LookWish, type NoCandidate, type OwnClaim } from './send-turns';
import { ServerRun } from './server-run';
import { ADMIT_SEND } from './scripts/outgoing/admit-send';
import {
  END_SEND,
  EXPLAIN_SENDS,
  HOLD_ROOM,
  RELEASE_ROOMS,
  RETURN_SEND,
  SHUT_ACCOUNT,
  UNCLAIM_SEND,
} from './scripts/outgoing/change-sends';
import { REACH_SEND } from './scripts/outgoing/reach-send';

/** The send may leave, and what has to wait behind it. */
export interface Admitted {
  readonly kind: 'now';
  readonly now: number;
  /** Until the account may send again, and which of its layers says so. */
  readonly nextMs: number;
  readonly nextBy: 'gap' | 'account';
  /** Until its chat may be written to again. */
  readonly chatMs: number;
}

/** An action that was tried so often, in vain and without effect, is to be tried again after `ms`. */
export interface NextTry {
  readonly tries: number;
  readonly ms: number;
}

export type Admission =
  | Admitted
  | { readonly kind: 'wait'; readonly now: number; readonly ms: number; readonly layer: LimitLayerName }
  | Exclude<Claim, { kind: 'taken' }>;

export interface SendRequest {
  readonly action: Action;
  readonly job: string;
  readonly room: string;
  readonly epoch: number;
  readonly limits: SendLimits;
  readonly logs: SendLogs;
}

/** What waits for an account and why. */
export interface WaitingSends {
  readonly now: number;
  /** ms since 1970; absent before the account was held for the first time. */
  readonly firstSeen?: number;
  /** Until when the account is shut after a new beginning. */
  readonly shutUntil?: number;
  /** Not before then because of the gap. */
  readonly nextAt?: number;
  readonly sentToday?: { readonly dayStart: number; readonly sends: number };
  readonly used: readonly { readonly log: string; readonly ms: number; readonly sends: number }[];
  readonly lanes: readonly { readonly lane: SendLane; readonly waiting: number; readonly oldestAt?: number }[];
  readonly held: readonly {
    readonly lane: SendLane;
    readonly chat: Chat;
    readonly until: number;
    /** Layer of the limits, or the reason of a hold. */
    readonly why: string;
    readonly jobs: number;
  }[];
}

const lane = z.enum(['interactive', 'normal', 'bulk']);
const number = z.coerce.number();
const admission = z.array(z.string());
const layer = z.enum(LIMIT_LAYERS);
const shutSince = z.tuple([number, number]);
const explained = z.tuple([
  number,
  z.array(z.string()),
  z.array(z.tuple([z.string(), number, number])),
  z.array(z.tuple([lane, number, number])),
  z.array(z.tuple([z.string(), number, z.string(), number])),
]);

/** The outgoing actions of accounts, from their arrival in BullMQ's queue to their end, and the limits that they keep. */
export class OutgoingSends {
  /** A run that is new to an account which has sent before has lost what was sent lately. */
  readonly #run: ServerRun;
  /** Accounts that have sent through this process, also such as it holds no more. */
  readonly #sent = new Set<SelfId>();
  readonly #script: ReturnType<typeof outgoingScript>;

  /** `time`: for tests that move it; otherwise Redis' own clock counts. `turns`: by which outcomes travel, too. */
  constructor(
    redis: Redis,
    time?: () => number,
    private readonly turns: SendTurns = new SendTurns(redis, time),
  ) {
    this.#run = new ServerRun(redis);
    this.#script = outgoingScript(redis, time);
  }

  /** Looks for what could be sent next. Rejects when Redis is away, as all of these do. `claim`: the epoch, as in {@link LookWish}. */
  async next(
    self: SelfId,
    { claim, ...wish }: Omit<LookWish, 'claim'> & { readonly claim?: number | undefined },
  ): Promise<Found | NoCandidate> {
    if (claim === undefined) return await this.turns.look(self, wish);
    const answer = await this.turns.look(self, { claim: { epoch: claim, run: await this.#run.id() }, ...wish });
    if (answer.kind === 'found' && answer.found.some((one) => one.claim?.kind === 'ours')) this.#sent.add(self);
    return answer;
  }

  /** A claim that a look has taken was not acted upon and goes. Where that cannot be told, the next look takes it anew. */
  async unclaim(self: SelfId, job: string, { epoch, number: of }: OwnClaim): Promise<void> {
    try {
      await this.#script(UNCLAIM_SEND, self, [job, `${openBy(epoch)} ${of}`]);
    } catch (thrown) {
      this.turns.lose(self, of);
      throw thrown;
    }
  }

  async admit({ action, job, room, epoch, limits, logs }: SendRequest): Promise<Admission> {
    const { self, id } = action;
    const run = await this.#run.id();
    const claims = [keys.claim(self, id), keys.openActions(self)];
    const claim = [openBy(epoch), CLAIM_TTL_MS, id, traceOf(action)];
    const expects = this.#expectsLogs(self) ? 1 : 0;
    const limited = [JSON.stringify(limits), logNames(logs), run, expects, weights(limits, logs)];
    const args = [job, room, epoch, ...claim, ...limited];
    const answer = admission.parse(await this.#script(ADMIT_SEND, self, args, claims));
    const [kind, first, second, third, fourth] = answer;
    if (kind === 'now') {
      this.#sent.add(self);
      const nextBy = third === 'gap' ? 'gap' : 'account';
      return { kind, nextMs: Number(first), now: Number(second), nextBy, chatMs: Number(fourth) };
    }
    if (kind === 'wait') {
      return { kind, ms: Number(first), layer: layer.parse(second), now: Number(third) };
    }
    if (kind === 'known' && first !== undefined) return claimOf(first);
    return { kind: 'stale' };
  }

  /** Which run of Redis this is; empty where that may be any of several. */
  run(): Promise<string> {
    return this.#run.id();
  }

  /** An admitted send has reached NapCat only `agoMs` ago: it counts from then on. May be repeated. */
  async reached(
    { self, id }: Action,
    agoMs: number,
    { limits, logs }: Pick<SendRequest, 'limits' | 'logs'>,
  ): Promise<void> {
    await this.#script(REACH_SEND, self, [id, Math.floor(agoMs), weights(limits, logs)]);
  }

  /** An admitted job was given back unsent. `again`: what goes to its chat waits for its next try. */
  async giveBack(self: SelfId, job: string, again?: NextTry): Promise<void> {
    await this.#script(RETURN_SEND, self, [job, again?.tries ?? '', again === undefined ? '' : Math.ceil(again.ms)]);
  }

  /** The job has ended and goes. `reached`: its action, when it is known to have reached NapCat. */
  async end(self: SelfId, job: string, reached?: ActionId): Promise<void> {
    await this.#script(END_SEND, self, [job, '', reached ?? ''], [keys.outgoing(self, 'failed')]);
  }

  /** A job that is not of our making: it stays readable among the failed ones. */
  async setAside(self: SelfId, job: string, reason: string): Promise<void> {
    await this.#script(END_SEND, self, [job, reason, ''], [keys.outgoing(self, 'failed')]);
  }

  /** Nothing of the room is handed out until then. */
  async hold(self: SelfId, room: string, until: number, why: string): Promise<void> {
    await this.#script(HOLD_ROOM, self, [room, Math.ceil(until), why]);
  }

  /** Rooms that are held for one of these reasons are handed out again: those of a chat, or all. */
  async release(self: SelfId, reasons: readonly string[], chat?: Chat): Promise<void> {
    await this.#script(RELEASE_ROOMS, self, [chat ?? '', reasons.join(',')]);
  }

  /**
   * The account stays shut for `ms` from now, and for `coldMs` where Redis knows nothing of it though it should: its data are lost, and
   * with them what was sent lately. Returns when it was seen first, and the time, both of Redis.
   */
  async shut(self: SelfId, ms: number, coldMs: number): Promise<{ readonly now: number; readonly firstSeen: number }> {
    const run = await this.#run.id();
    const cold = this.#expectsLogs(self) ? Math.ceil(coldMs) : 0;
    const answer = await this.#script(SHUT_ACCOUNT, self, [Math.ceil(ms), run, cold]);
    const [now, firstSeen] = shutSince.parse(answer);
    return { now, firstSeen };
  }

  /** `windows`: whose use is of interest. Changes nothing; for whoever wants to know, not for those who send. */
  async explain(
    self: SelfId,
    windows: readonly { readonly log: 'account' | `kind:${ActionKind}` | `chat:${Chat}`; readonly ms: number }[],
  ): Promise<WaitingSends> {
    const wanted = windows.map(({ log, ms }) => `${log} ${Math.ceil(ms)}`).join(',');
    const [now, flat, used, lanes, held] = explained.parse(await this.#script(EXPLAIN_SENDS, self, [wanted]));
    const pace = new Map(flat.flatMap((text, at) => (at % 2 === 0 ? [[text, Number(flat[at + 1])] as const] : [])));
    const [first, shut, next] = ['first', 'shut', 'next'].map((field) => pace.get(field));
    const [day, count] = [pace.get('day'), pace.get('count')];
    return {
      now,
      ...(first !== undefined && { firstSeen: first }),
      ...(shut !== undefined && shut > now && { shutUntil: shut }),
      ...(next !== undefined && next > now && { nextAt: next }),
      ...(day !== undefined && count !== undefined && { sentToday: { dayStart: day, sends: count } }),
      used: used.map(([log, ms, sends]) => ({ log, ms, sends })),
      lanes: lanes.map(([name, waiting, oldest]) => ({ lane: name, waiting, ...(oldest > 0 && { oldestAt: oldest }) })),
      held: held.flatMap(([name, until, why, jobs]) => {
        const [laneName, chat = ''] = name.split(' ');
        const known = lane.safeParse(laneName);
        return known.success ? [{ lane: known.data, chat: chat as Chat, until, why, jobs }] : [];
      }),
    };
  }

  /** It has sent through this process, or may have through another one while Redis was one that is gone. */
  #expectsLogs(self: SelfId): boolean {
    return this.#sent.has(self) || !this.#run.isFirst;
  }
}
