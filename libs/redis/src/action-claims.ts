import {
  contentOf,
  targetOf,
  targetText,
  type Action,
  type ActionId,
  type ActionResult,
  type SelfId,
} from '@rookery/protocol';
import { CLAIM_TTL_MS, claimOf, isInDoubt, openBy, resultIn, stored, type Claim } from './claim';
import type { Redis } from './client';
import { keys } from './keys';
import { runScript } from './run-script';
import { END_UNBEGUN, CLAIM_ACTION, RAISE_FENCE, RECORD_RESULT, RELEASE_CLAIM } from './scripts/claim-action';
import { readOpenAction, type OpenAction } from './open-action';
import { SendTurns } from './send-turns';

/** The memory that keeps an action from being executed twice; it outlives the job, which BullMQ forgets once it is done. */
export class ActionClaims {
  /** `turns`: by which the account's other calls go, so that an outcome travels with them. */
  constructor(
    private readonly redis: Redis,
    private readonly turns: Pick<SendTurns, 'conclude'> = new SendTurns(redis),
  ) {}

  /** `epoch`: under which the caller holds the account. */
  async claim(action: Action, epoch: number): Promise<Claim> {
    const { self, id } = action;
    const used = [keys.claim(self, id), keys.fence(self), keys.openActions(self)];
    const args = [openBy(epoch), CLAIM_TTL_MS, epoch, id, traceOf(action)];
    const known = await runScript(this.redis, CLAIM_ACTION, used, args);
    if (typeof known !== 'string') return { kind: 'taken' };
    return known === 'stale' ? { kind: 'stale' } : claimOf(known);
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
    const { self, id, reference } = result;
    if (job !== undefined) {
      const stands = await this.turns.conclude(job, result);
      return stands === undefined ? result : resultIn(stands);
    }
    const used = [keys.claim(self, id), keys.openActions(self), keys.sentMessages(self)];
    const args = [stored(result), CLAIM_TTL_MS, id, isSought ? 1 : 0, reference?.messageId ?? ''];
    const stands = await runScript(this.redis, RECORD_RESULT, used, args);
    return typeof stands === 'string' ? resultIn(stands) : result;
  }

  /**
   * Ends an action that nobody has begun, whoever holds the account. Returns the outcome that stands: of somebody who was faster, or
   * undefined when somebody has begun it.
   */
  async endUnbegun(result: ActionResult): Promise<ActionResult | undefined> {
    const key = keys.claim(result.self, result.id);
    const known = await runScript(this.redis, END_UNBEGUN, [key], [JSON.stringify(result), CLAIM_TTL_MS]);
    if (typeof known !== 'string') return result;
    const claim = claimOf(known);
    return claim.kind === 'ended' ? claim.result : undefined;
  }

  /** Gives the claim back: only for an action that certainly was not sent and shall be tried again. False: it is not ours. */
  async release(action: Action, epoch: number): Promise<boolean> {
    const { self, id } = action;
    const used = [keys.claim(self, id), keys.openActions(self)];
    return (await runScript(this.redis, RELEASE_CLAIM, used, [openBy(epoch), id])) === 1;
  }

  /** What came of an action, for a caller whose result message was lost; undefined while it is open or not claimed. */
  async find(self: SelfId, id: ActionId): Promise<ActionResult | undefined> {
    const known = await this.redis.get(keys.claim(self, id));
    const claim = known === null ? undefined : claimOf(known);
    return claim?.kind === 'ended' ? claim.result : undefined;
  }

  /** The actions of an account whose outcome is not known: claimed and never recorded, or still being sought. */
  async open(self: SelfId): Promise<OpenAction[]> {
    const traces = Object.entries(await this.redis.hgetall(keys.openActions(self)));
    if (traces.length === 0) return [];
    const values = await this.redis.mget(traces.map(([id]) => keys.claim(self, id as ActionId)));
    return traces.flatMap(([id, trace], at) => {
      const found = isInDoubt(values[at] ?? '') ? readOpenAction(id, trace) : undefined;
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

/** What to look for, should nobody live to record the outcome. Holds no text of the message. */
export function traceOf({ name, params, lane, replyTo }: Action): string {
  if (lane === 'read') return '';
  const target = targetOf(name, params);
  const content = target && contentOf(params);
  return JSON.stringify({ name, lane, replyTo, target: target && targetText(target), content });
}
