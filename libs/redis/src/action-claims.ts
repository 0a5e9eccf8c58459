import { parseResult, type Action, type ActionId, type ActionResult, type SelfId } from '@rookery/protocol';
import type { Redis } from './client';
import { keys } from './keys';
import { CLAIM_ACTION, RAISE_FENCE, RELEASE_CLAIM } from './scripts/claim-action';

/** How long an action id stays known after it was claimed. Replays and repeated submissions within it are recognised. */
const CLAIM_TTL_MS = 60 * 60 * 1000;
/** Stored while the outcome is not known: who took it, so that only the same holder can give it back. */
const OPEN = 'open';
const openBy = (epoch: number): string => `${OPEN} ${epoch}`;

export type Claim =
  /** Ours: execute it now. */
  | { readonly kind: 'taken' }
  /** Executed before; this is what came of it. */
  | { readonly kind: 'ended'; readonly result: ActionResult }
  /** Claimed before by somebody who recorded no result (died, or is still waiting): it may have been executed. */
  | { readonly kind: 'open' }
  /** A newer holder of the account is known: the caller must not act for it any more. Nothing was claimed. */
  | { readonly kind: 'stale' };

/** The memory that keeps an action from being executed twice; it outlives the job, which BullMQ forgets once it is done. */
export class ActionClaims {
  constructor(private readonly redis: Redis) {}

  /** `epoch`: under which the caller holds the account. */
  async claim(action: Action, epoch: number): Promise<Claim> {
    const { self, id } = action;
    const stored = await this.redis.eval(
      CLAIM_ACTION,
      2,
      keys.claim(self, id),
      keys.fence(self),
      openBy(epoch),
      CLAIM_TTL_MS,
      epoch,
    );
    if (typeof stored !== 'string') return { kind: 'taken' };
    if (stored === 'stale') return { kind: 'stale' };
    return stored.startsWith(OPEN) ? { kind: 'open' } : { kind: 'ended', result: parseResult(JSON.parse(stored)) };
  }

  /** To be called with each gained account before anything is done for it. False: a newer holder is known. */
  async raiseFence(self: SelfId, epoch: number): Promise<boolean> {
    return (await this.redis.eval(RAISE_FENCE, 1, keys.fence(self), epoch)) === 1;
  }

  async record(result: ActionResult): Promise<void> {
    await this.redis.set(keys.claim(result.self, result.id), JSON.stringify(result), 'PX', CLAIM_TTL_MS);
  }

  /** Gives the claim back: only for an action that certainly was not sent and shall be tried again. False: it is not ours. */
  async release(action: Action, epoch: number): Promise<boolean> {
    return (await this.redis.eval(RELEASE_CLAIM, 1, keys.claim(action.self, action.id), openBy(epoch))) === 1;
  }

  /** What came of an action, for a caller whose result message was lost; undefined while it is open or not claimed. */
  async find(self: SelfId, id: ActionId): Promise<ActionResult | undefined> {
    const stored = await this.redis.get(keys.claim(self, id));
    return stored === null || stored.startsWith(OPEN) ? undefined : parseResult(JSON.parse(stored));
  }
}
