import { SECOND, type Action, type ActionId, type Clock } from '@rookery/protocol';
import { weights, type OutgoingSends, type SendRequest } from '@rookery/redis';

type Weighed = Pick<SendRequest, 'action' | 'limits' | 'logs'>;

interface Late {
  readonly weighed: Weighed;
  readonly reachedAt: number;
}

/** What reaches NapCat later after its admission is stamped anew; less is in the margin of every window. */
const LATE_MS = 20;
/** QQ takes 0.2 to 1 s for a message as a rule. Where it takes longer, others may see it as late as the answer comes. */
const SLOW_MS = 2 * SECOND;

/** What whoever carries an admitted send out tells of it. */
export interface Witness {
  /** NapCat has read it, or nothing of it was or will be written. Only the first time counts. */
  reached(): void;
  /** Its call has ended. */
  ended(): void;
}

interface Begun {
  /** Undefined where no limit cares: nothing is shut then. */
  readonly witness?: Witness;
}

/**
 * Which sends of an account have reached its NapCat. Limits are about what QQ sees, and a frozen NapCat carries out at once, when it
 * goes on, what was written to it long before. So one send at most may lie unread in its socket: no other is admitted before that one was
 * read. And what was read late counts from then on: its stamps are moved before anything else is admitted.
 */
export class Reach {
  readonly #late = new Map<ActionId, Late>();
  #unread: ActionId | undefined;

  /** `onOpen`: a send may be admitted again. */
  constructor(
    private readonly clock: Clock,
    private readonly store: Pick<OutgoingSends, 'reached'>,
    private readonly onOpen: () => void,
  ) {}

  get isShut(): boolean {
    return this.#unread !== undefined;
  }

  isUnread(id: ActionId): boolean {
    return this.#unread === id;
  }

  /** Shuts the account behind this send. Undefined: another one is not read yet. Rejects when Redis is away; nothing is shut then. */
  async begin(weighed: Weighed): Promise<Begun | undefined> {
    const { id } = weighed.action;
    if (this.#unread !== undefined && this.#unread !== id) return undefined;
    if (weights(weighed.limits, weighed.logs) === '') return {};
    this.#unread = id;
    const begun = this.clock.monotonic();
    try {
      await this.#moveLate();
    } catch (thrown) {
      this.leave(weighed.action);
      throw thrown;
    }
    const note = (after: number): void => {
      const reachedAt = this.clock.monotonic();
      if (reachedAt - begun > after) this.#late.set(id, { weighed, reachedAt });
    };
    const witness = {
      reached: () => {
        if (this.#unread !== id) return;
        note(LATE_MS);
        this.leave(weighed.action);
      },
      ended: () => note(SLOW_MS),
    };
    return { witness };
  }

  /** Nothing of it lies in the socket. `isQuiet`: nobody is told, because whoever looked next would find the same. */
  leave({ id }: Pick<Action, 'id'>, isQuiet = false): void {
    if (this.#unread !== id) return;
    this.#unread = undefined;
    if (!isQuiet) this.onOpen();
  }

  async #moveLate(): Promise<void> {
    for (const [id, { weighed, reachedAt }] of this.#late) {
      await this.store.reached(weighed.action, this.clock.monotonic() - reachedAt, weighed);
      if (this.#late.get(id)?.reachedAt === reachedAt) this.#late.delete(id);
    }
  }
}
