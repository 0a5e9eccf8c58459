import {
  contentOf,
  parseResult,
  targetOf,
  targetText,
  type Action,
  type ActionId,
  type ActionResult,
  type SelfId,
} from '@rookery/protocol';
import type { Redis } from './client';
import { keys } from './keys';
import { outgoingScript } from './outgoing-script';
import { runScript } from './run-script';
import { END_UNBEGUN, CLAIM_ACTION, RAISE_FENCE, RECORD_RESULT, RELEASE_CLAIM } from './scripts/claim-action';
import { CONCLUDE_SEND } from './scripts/outgoing/change-sends';
import { readOpenAction, type OpenAction } from './open-action';

/** How long an action id stays known after it was claimed. Replays and repeated submissions within it are recognised. */
export const CLAIM_TTL_MS = 60 * 60 * 1000;
/** For how long it is of use to know which messages are accounted for; NapCat reports an own message up to ten minutes late. */
const SENT_KEPT_MS = 15 * 60 * 1000;
/** Stored while the outcome is not known: who took it, so that only the same holder can give it back. */
const OPEN = 'open';
export const openBy = (epoch: number): string => `${OPEN} ${epoch}`;
/** Before a result that a later record may replace. */
const UNKNOWN = 'unknown ';

export type Claim =
  /** Ours: execute it now. */
  | { readonly kind: 'taken' }
  /** Executed before; this is what came of it. */
  | { readonly kind: 'ended'; readonly result: ActionResult }
  /** Claimed before by somebody who recorded no result (died, or is still finding out): it may have been executed. */
  | { readonly kind: 'open' }
  /** A newer holder of the account is known: the caller must not act for it any more. Nothing was claimed. */
  | { readonly kind: 'stale' };

/** The memory that keeps an action from being executed twice; it outlives the job, which BullMQ forgets once it is done. */
export class ActionClaims {
  readonly #outgoing: ReturnType<typeof outgoingScript>;

  constructor(private readonly redis: Redis) {
    this.#outgoing = outgoingScript(redis, undefined);
  }

  /** `epoch`: under which the caller holds the account. */
  async claim(action: Action, epoch: number): Promise<Claim> {
    const { self, id } = action;
    const used = [keys.claim(self, id), keys.fence(self), keys.openActions(self)];
    const args = [openBy(epoch), CLAIM_TTL_MS, epoch, id, traceOf(action)];
    const stored = await runScript(this.redis, CLAIM_ACTION, used, args);
    if (typeof stored !== 'string') return { kind: 'taken' };
    return stored === 'stale' ? { kind: 'stale' } : claimOf(stored);
  }

  /** To be called with each gained account before anything is done for it. False: a newer holder is known. */
  async raiseFence(self: SelfId, epoch: number): Promise<boolean> {
    return (await runScript(this.redis, RAISE_FENCE, [keys.fence(self)], [epoch])) === 1;
  }

  /**
   * Keeps an outcome. Returns the one that stands: it is another one when a certain outcome was recorded before. `isSought`: it is
   * unknown, and somebody goes on trying to find out, so that it stays among the open actions. `job`: of the send, which ends with it.
   */
  async record(
    result: ActionResult,
    { isSought = false, job }: { readonly isSought?: boolean; readonly job?: string | undefined } = {},
  ): Promise<ActionResult> {
    const { self, id, outcome, reference } = result;
    const json = JSON.stringify(result);
    const used = [keys.claim(self, id), keys.openActions(self), keys.sentMessages(self)];
    const record = [outcome === 'unknown' ? `${UNKNOWN}${json}` : json, CLAIM_TTL_MS, id, isSought ? 1 : 0];
    const args = [...record, reference?.messageId ?? '', SENT_KEPT_MS, OPEN, UNKNOWN];
    const stands = await (job === undefined
      ? runScript(this.redis, RECORD_RESULT, used, args)
      : this.#outgoing(CONCLUDE_SEND, self, [job, ...args], used));
    return typeof stands === 'string' ? read(stands) : result;
  }

  /**
   * Ends an action that nobody has begun, whoever holds the account. Returns the outcome that stands: of somebody who was faster, or
   * undefined when somebody has begun it.
   */
  async endUnbegun(result: ActionResult): Promise<ActionResult | undefined> {
    const key = keys.claim(result.self, result.id);
    const stored = await runScript(this.redis, END_UNBEGUN, [key], [JSON.stringify(result), CLAIM_TTL_MS]);
    if (typeof stored !== 'string') return result;
    return stored.startsWith(OPEN) ? undefined : read(stored);
  }

  /** Gives the claim back: only for an action that certainly was not sent and shall be tried again. False: it is not ours. */
  async release(action: Action, epoch: number): Promise<boolean> {
    const { self, id } = action;
    const used = [keys.claim(self, id), keys.openActions(self)];
    return (await runScript(this.redis, RELEASE_CLAIM, used, [openBy(epoch), id])) === 1;
  }

  /** What came of an action, for a caller whose result message was lost; undefined while it is open or not claimed. */
  async find(self: SelfId, id: ActionId): Promise<ActionResult | undefined> {
    const stored = await this.redis.get(keys.claim(self, id));
    return stored === null || stored.startsWith(OPEN) ? undefined : read(stored);
  }

  /** The actions of an account whose outcome is not known: claimed and never recorded, or still being sought. */
  async open(self: SelfId): Promise<OpenAction[]> {
    const traces = Object.entries(await this.redis.hgetall(keys.openActions(self)));
    if (traces.length === 0) return [];
    const stored = await this.redis.mget(traces.map(([id]) => keys.claim(self, id as ActionId)));
    return traces.flatMap(([id, trace], at) => {
      const value = stored[at] ?? '';
      const found = value.startsWith(OPEN) || value.startsWith(UNKNOWN) ? readOpenAction(id, trace) : undefined;
      return found === undefined ? [] : [found];
    });
  }

  /** Nobody seeks the outcome of these actions any more. */
  async forgetOpen(self: SelfId, ids: readonly ActionId[]): Promise<void> {
    if (ids.length > 0) await this.redis.hdel(keys.openActions(self), ...ids);
  }

  /** Ids of the messages that the account was answered to have sent lately. */
  async sentMessages(self: SelfId): Promise<string[]> {
    return await this.redis.zrange(keys.sentMessages(self), '0', '-1');
  }
}

/** What a stored claim says to somebody else. */
export function claimOf(stored: string): Claim {
  return stored.startsWith(OPEN) ? { kind: 'open' } : { kind: 'ended', result: read(stored) };
}

function read(stored: string): ActionResult {
  return parseResult(JSON.parse(stored.startsWith(UNKNOWN) ? stored.slice(UNKNOWN.length) : stored));
}

/** What to look for, should nobody live to record the outcome. Holds no text of the message. */
export function traceOf({ name, params, lane, replyTo }: Action): string {
  if (lane === 'read') return '';
  const target = targetOf(name, params);
  const content = target && contentOf(params);
  return JSON.stringify({
    name,
    lane,
    replyTo,
    ...(target && { target: targetText(target) }),
    ...(content && { content }),
  });
}
