import type { Action, ActionId, ActionResult } from '@rookery/protocol';
import type { Claims } from './ports';

/** More than can be in hand at a time; what is forgotten beyond ends as unknown, as if its process had died. */
const REMEMBERED = 1_000;

interface Lost {
  readonly action: Action;
  /** Under which it was asked for in vain. */
  readonly epochs: Set<number>;
}

/**
 * Claims that may stand although nothing was sent: the answer to them was lost, or they could not be given back. Without a memory of them the next
 * look would find the action begun by somebody, and it would end as unknown. A claim under an epoch of ours can only be ours, so
 * it is given back and asked for anew. Lives as long as this process; for whoever comes after it the action is in doubt.
 */
export class LostClaims {
  readonly #lost = new Map<ActionId, Lost>();

  /** The same claims, which know of those that were lost. */
  guard(claims: Claims): Claims {
    const claim = async (action: Action, epoch: number): ReturnType<Claims['claim']> => {
      try {
        let answer = await claims.claim(action, epoch);
        // As often as one of them was carried out, be it after the one before was given back.
        while (answer.kind === 'open' && (await this.#giveBack(action.id, claims))) {
          answer = await claims.claim(action, epoch);
        }
        this.#lost.delete(action.id);
        return answer;
      } catch (thrown) {
        this.#remember(action, epoch);
        throw thrown;
      }
    };
    const endUnbegun = async (result: ActionResult): Promise<ActionResult | undefined> => {
      let stands = await claims.endUnbegun(result);
      while (stands === undefined && (await this.#giveBack(result.id, claims)))
        stands = await claims.endUnbegun(result);
      this.#lost.delete(result.id);
      return stands;
    };
    const release = async (action: Action, epoch: number): Promise<boolean> => {
      try {
        return await claims.release(action, epoch);
      } catch (thrown) {
        this.#remember(action, epoch);
        throw thrown;
      }
    };
    return {
      claim,
      endUnbegun,
      record: (result) => claims.record(result),
      release,
    };
  }

  #remember(action: Action, epoch: number): void {
    const epochs = this.#lost.get(action.id)?.epochs ?? new Set();
    this.#lost.delete(action.id);
    this.#lost.set(action.id, { action, epochs: epochs.add(epoch) });
    for (const id of this.#lost.keys()) {
      if (this.#lost.size <= REMEMBERED) break;
      this.#lost.delete(id);
    }
  }

  /** False: what stands there is none of those that were lost. */
  async #giveBack(id: ActionId, claims: Claims): Promise<boolean> {
    const lost = this.#lost.get(id);
    if (lost === undefined) return false;
    for (const epoch of lost.epochs) if (await claims.release(lost.action, epoch)) return true;
    return false;
  }
}
