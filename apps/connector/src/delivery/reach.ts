import { SECOND, type Action, type ActionId, type Clock } from '@rookery/protocol';
import { weights, type OutgoingSends, type SendRequest } from '@rookery/redis';

type Weighed = Pick<SendRequest, 'action' | 'limits' | 'logs'>;

interface Reached {
  readonly weighed: Weighed;
  readonly at: number;
}

/** What reaches NapCat later after its admission is stamped anew; less is in the margin of every window. */
const LATE_MS = 20;
/** QQ takes 0.2 to 1 s for a message as a rule. Where it takes longer, others may see it as late as the answer comes. */
const SLOW_MS = 2 * SECOND;
/** Longer than what Redis may forget in a power cut: with `appendfsync everysec` the last second. */
const FORGOTTEN_MS = 2 * SECOND;

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
 * read. And what was read late counts from then on: its stamps are moved before anything else is admitted. So are those of the last moment when
 * Redis is another one than before, which may have forgotten them.
 */
export class Reach {
  /** Whose stamps are not right, or may not be. */
  readonly #late = new Map<ActionId, Reached>();
  /** Of the moment up to the last one, which goes on when nothing is sent. */
  readonly #recent = new Map<ActionId, Reached>();
  #run: string | undefined;
  #unread: ActionId | undefined;

  /** `onOpen`: a send may be admitted again. */
  constructor(
    private readonly clock: Clock,
    private readonly store: Pick<OutgoingSends, 'reached' | 'run'>,
    private readonly onOpen: () => void,
  ) {}

  get isShut(): boolean {
    return this.#unread !== undefined;
  }

  /** What a Redis has forgotten that is new to us is told to it by us. Not where nobody knows which server of several it is. */
  get remembers(): boolean {
    return this.#run !== undefined && this.#run !== '';
  }

  /** It was written of late; where it is admitted again, Redis has forgotten that. */
  wasWritten(id: ActionId): boolean {
    return this.#recent.has(id);
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
      const reached = { weighed, at: this.clock.monotonic() };
      if (reached.at - begun > after) this.#late.set(id, reached);
    };
    const witness = {
      reached: () => {
        if (this.#unread !== id) return;
        note(LATE_MS);
        this.#remember({ weighed, at: this.clock.monotonic() });
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

  /** Nothing of it was or will be written, so it may be admitted again. */
  forget(action: Pick<Action, 'id'>): void {
    this.#late.delete(action.id);
    this.#recent.delete(action.id);
    this.leave(action);
  }

  #remember(reached: Reached): void {
    for (const [id, { at }] of this.#recent) if (at < reached.at - FORGOTTEN_MS) this.#recent.delete(id);
    this.#recent.set(reached.weighed.action.id, reached);
  }

  async #moveLate(): Promise<void> {
    const run = await this.store.run();
    if (run !== this.#run) for (const [id, reached] of this.#recent) this.#late.set(id, this.#late.get(id) ?? reached);
    this.#run = run;
    for (const [id, { weighed, at }] of this.#late) {
      await this.store.reached(weighed.action, this.clock.monotonic() - at, weighed);
      if (this.#late.get(id)?.at === at) this.#late.delete(id);
    }
  }
}
