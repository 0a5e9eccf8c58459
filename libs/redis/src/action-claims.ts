import { parseResult, type Action, type ActionId, type ActionResult, type SelfId } from '@rookery/protocol';
import type { Redis } from './client';
import { keys } from './keys';
import { CLAIM_ACTION } from './scripts/claim-action';

/** How long an action id stays known after it was claimed. Replays and repeated submissions within it are recognised. */
const CLAIM_TTL_MS = 60 * 60 * 1000;
const OUTCOME_OPEN = 'open';

export type Claim =
  /** Ours: execute it now. */
  | { readonly kind: 'taken' }
  /** Executed before; this is what came of it. */
  | { readonly kind: 'ended'; readonly result: ActionResult }
  /** Claimed before by somebody who recorded no result (died, or is still waiting): it may have been executed. */
  | { readonly kind: 'open' };

/** The memory that keeps an action from being executed twice; it outlives the job, which BullMQ forgets once it is done. */
export class ActionClaims {
  constructor(private readonly redis: Redis) {}

  async claim(action: Action): Promise<Claim> {
    const key = keys.claim(action.self, action.id);
    const stored = await this.redis.eval(CLAIM_ACTION, 1, key, OUTCOME_OPEN, CLAIM_TTL_MS);
    if (typeof stored !== 'string') return { kind: 'taken' };
    return stored === OUTCOME_OPEN ? { kind: 'open' } : { kind: 'ended', result: parseResult(JSON.parse(stored)) };
  }

  async record(result: ActionResult): Promise<void> {
    await this.redis.set(keys.claim(result.self, result.id), JSON.stringify(result), 'PX', CLAIM_TTL_MS);
  }

  /** Gives the claim back: only for an action that certainly was not sent and shall be tried again. */
  async release(action: Action): Promise<void> {
    await this.redis.del(keys.claim(action.self, action.id));
  }

  /** What came of an action, for a caller whose result message was lost; undefined while it is open or not claimed. */
  async find(self: SelfId, id: ActionId): Promise<ActionResult | undefined> {
    const stored = await this.redis.get(keys.claim(self, id));
    return stored === null || stored === OUTCOME_OPEN ? undefined : parseResult(JSON.parse(stored));
  }
}
