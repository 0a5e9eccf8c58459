import { toError } from '@rookery/protocol';
import { Execution, type ExecutionOptions } from './execution';
import type { Gate, Taken, Waiting } from './ports';

export interface AccountDeliveryOptions extends ExecutionOptions {
  readonly waiting: Waiting;
  /** Undefined for reads, which are not paced. */
  readonly pace: Gate | undefined;
  /** Actions under way at a time. Of one chat in one lane there is never more than one. */
  readonly inFlight: number;
}

/** After Redis failed us, before we ask it again. */
const TROUBLE_PAUSE_MS = 500;
/** So much too early a timer may go off, by the clock of Redis. */
const EARLY_MS = 50;

/**
 * Executes the waiting actions of one queue of one account.
 *
 * closed   the link is down, `open` was not called yet, or this node does not hold the account now. Nothing is taken; what waits
 *          stays in Redis.
 * idle     open, and the queue was found empty. Left by `wake`.
 * pacing   open, something may wait, but the pace forbids a send now. Left by its timer, or by `wake`, which asks the pace anew.
 * working  open, taking and executing. Left when the queue is empty, the pace closes or the link goes down.
 *
 * An action is taken from its queue only when it may be sent at once.
 */
export class AccountDelivery {
  #open = false;
  #stopping = false;
  #isLooking = false;
  /** Taken, and not answered yet. */
  #active = 0;
  /** Of these, paced ones whose limits have not decided yet. */
  #deciding = 0;
  /** Also those whose outcome is not kept yet. */
  #unfinished = 0;
  /** Something may wait that was not looked for yet. */
  #pending = false;
  #cancelTimer: (() => void) | undefined;
  /** The timer is the pace's, and not the pause after trouble. */
  #isPaced = false;
  #onIdle: (() => void) | undefined;
  readonly #execution: Execution;

  constructor(private readonly options: AccountDeliveryOptions) {
    this.#execution = new Execution({
      ...options,
      onRetried: (action, end, next) => {
        options.onRetried(action, end, next);
        options.clock.after(next.ms + EARLY_MS, () => this.wake());
      },
    });
  }

  /** The link is up. */
  open(): void {
    this.#open = true;
    this.wake();
  }

  /** The link is down: take nothing more. What is under way ends as its call ends. */
  close(): void {
    this.#open = false;
    this.#stopWaiting();
  }

  /** Something may wait. */
  wake(): void {
    this.#pending = true;
    // The pace may have changed since this wait began, and it may be for an hour.
    if (this.#isPaced) this.#stopWaiting();
    this.#fill();
  }

  /** Takes nothing more and resolves when what is under way has ended. */
  async stop(): Promise<void> {
    this.#stopping = true;
    this.close();
    if (this.#isLooking || this.#unfinished > 0) await new Promise<void>((resolve) => (this.#onIdle = resolve));
  }

  /** Ends an action whose time is over, whether or not the account may act now. */
  async expire(taken: Taken): Promise<void> {
    await this.#execution.expire(taken);
  }

  /** One look at a time; of what is paced, only when the limits have decided about all that was taken before. */
  #fill(): void {
    const free = this.options.inFlight - this.#active;
    if (!this.#pending || this.#isLooking || this.#deciding > 0 || this.#cancelTimer || free <= 0) return;
    const epoch = this.#epoch();
    if (epoch === undefined) return;
    const waitMs = this.options.pace?.waitMs() ?? 0;
    if (waitMs > 0) {
      this.#fillAfter(waitMs);
      this.#isPaced = true;
      return;
    }
    this.#pending = false;
    this.#isLooking = true;
    void this.#look(free, epoch);
  }

  /** Undefined while nothing may be begun. */
  #epoch(): number | undefined {
    return this.#open && !this.#stopping ? this.options.epoch() : undefined;
  }

  #fillAfter(ms: number): void {
    this.#cancelTimer = this.options.clock.after(ms, () => {
      this.#stopWaiting();
      this.#pending = true;
      this.#fill();
    });
  }

  #stopWaiting(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    this.#isPaced = false;
  }

  #rest(): void {
    if (!this.#isLooking && this.#unfinished === 0) this.#onIdle?.();
  }

  async #look(most: number, epoch: number): Promise<void> {
    try {
      const taken = await this.options.waiting.take(most, epoch);
      if (taken.length > 0) this.#pending = true;
      for (const one of taken) void this.#execute(one);
    } catch (thrown) {
      this.#trouble(thrown);
    } finally {
      this.#isLooking = false;
      this.#fill();
      this.#rest();
    }
  }

  /** A place is free again as soon as NapCat has answered: the next look travels with the outcome. */
  async #execute(taken: Taken): Promise<void> {
    let isDeciding = this.options.pace !== undefined;
    let isActive = true;
    const decided = (): void => {
      if (isDeciding) this.#deciding -= 1;
      isDeciding = false;
    };
    const leave = (): void => {
      decided();
      if (isActive) this.#active -= 1;
      isActive = false;
    };
    this.#unfinished += 1;
    this.#active += 1;
    if (isDeciding) this.#deciding += 1;
    try {
      const end = await this.#execution.run(taken, {
        mayAct: () => this.#epoch() !== undefined,
        onCalling: () => {
          decided();
          this.#fill();
        },
        onAnswered: () => {
          leave();
          this.#pending = true;
          this.#fill();
        },
      });
      // A stale account is not looked for until somebody wakes us: by then its loss is known here too. Otherwise what waits behind
      // this action in its chat was passed over by whoever looked meanwhile.
      this.#pending = end !== 'stale';
    } catch (thrown) {
      this.#trouble(thrown);
    } finally {
      leave();
      this.#unfinished -= 1;
      this.#fill();
      this.#rest();
    }
  }

  #trouble(thrown: unknown): void {
    this.options.onTrouble(toError(thrown));
    if (this.#open && !this.#cancelTimer) this.#fillAfter(TROUBLE_PAUSE_MS);
  }
}
