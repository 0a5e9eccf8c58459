import { chatOf, SlotMap, toError, type Action, type ActionId, type Chat } from '@rookery/protocol';
import type { Candidate } from '@rookery/redis';
import type { AccountSendsOptions } from './account-sends-options';
import type { Taken } from './ports';

export interface Held extends Candidate {
  readonly chat: Chat;
  /** What the look says of its claim, until that was asked for. */
  claimed: Candidate['claim'];
  /** Its outcome was kept, and the job went with it. */
  isOver: boolean;
}

/** What one account has in hand: taken, and neither ended nor put back. */
export class Hand {
  readonly #held = new SlotMap<ActionId, Held>();

  /** `isUnread`: whether it still lies in the socket of NapCat; `onBack`: one has gone back to where it was. */
  constructor(
    private readonly options: Pick<AccountSendsOptions, 'self' | 'store'>,
    private readonly isUnread: (id: ActionId) => boolean,
    private readonly onBack: () => void,
  ) {}

  get jobs(): readonly string[] {
    return Array.from(this.#held.values(), ({ job }) => job);
  }

  of(id: ActionId): Held | undefined {
    return this.#held.get(id);
  }

  take(action: Action, found: Candidate): Taken {
    const held: Held = { chat: chatOf(action), claimed: found.claim, isOver: false, ...found };
    const { self, store } = this.options;
    this.#held.set(action.id, held);
    return {
      action,
      tries: found.tries,
      isExpired: found.expired,
      done: async () => {
        if (held.isOver) {
          this.#held.delete(action.id);
          return undefined;
        }
        // Where Redis fails it comes again, and is found ended.
        return await this.#leave(action.id, () =>
          store.end(self, found.job, this.isUnread(action.id) ? undefined : action.id),
        );
      },
      putBack: (again) =>
        // Where Redis fails it is tried again at once then, and its chat still waits for it.
        this.#leave(action.id, async () => {
          await this.unclaim(action.id);
          if (again !== undefined) await store.giveBack(self, found.job, again);
        }),
    };
  }

  /** Nothing is done with the claim that the look has taken, if it has. */
  async unclaim(id: ActionId): Promise<void> {
    const held = this.#held.get(id);
    const claimed = held?.claimed;
    if (held === undefined || claimed?.kind !== 'ours') return;
    held.claimed = undefined;
    await this.options.store.unclaim(this.options.self, held.job, claimed);
  }

  async #leave(id: ActionId, how: () => Promise<void>): Promise<Error | undefined> {
    try {
      await how();
      return undefined;
    } catch (thrown) {
      return toError(thrown);
    } finally {
      this.#held.delete(id);
      this.onBack();
    }
  }
}
