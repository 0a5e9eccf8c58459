import { toError, type Action, type ActionResult, type Clock, type SelfId } from '@rookery/protocol';
import type { TakenAction } from '@rookery/queues';
import type { Claim } from '@rookery/redis';
import { Media, type Caller, type MediaProgress } from './media';

/**
 * An action in hand. `isExpired`: whether its time is over by the clock of Redis; without it our own clock says. `refusal`: how it ends
 * without being tried.
 */
export type Taken = TakenAction & { readonly isExpired?: boolean; readonly refusal?: Ending };

/** Where an account's waiting actions are taken from. */
export interface Waiting {
  take(): Promise<Taken | undefined>;
}

/** When the account may act again, as far as is known. */
export interface Gate {
  /** Milliseconds; 0 means now. */
  waitMs(): number;
}

/** The memory that keeps an action from being executed twice. */
export interface Claims {
  /** `wait`: its limits do not allow it now, and nothing was claimed. */
  claim(action: Action, epoch: number): Promise<Claim | { readonly kind: 'wait' }>;
  /** The frame was written, so many ms after the claim had been asked for. */
  left?(action: Action, ms: number): Promise<void>;
  /** Ends what nobody has begun; undefined when somebody has. */
  endUnbegun(result: ActionResult): Promise<ActionResult | undefined>;
  /** Resolves with the outcome that stands. */
  record(result: ActionResult): Promise<ActionResult>;
  release(action: Action, epoch: number): Promise<unknown>;
}

export interface AccountDeliveryOptions {
  readonly self: SelfId;
  readonly waiting: Waiting;
  readonly claims: Claims;
  readonly caller: Caller;
  /** Under which this node may act for the account now; undefined while it may not. */
  readonly epoch: () => number | undefined;
  /** Undefined for reads, which are not paced. */
  readonly pace: Gate | undefined;
  readonly clock: Clock;
  /** Actions under way at a time. Of one chat in one lane there is never more than one. */
  readonly inFlight: number;
  readonly onEnded: (action: Action, result: ActionResult) => void;
  /** A newer holder of the account is known; the action was left to it. */
  readonly onStale: (action: Action) => void;
  /** A reply after its time limit has decided what was `unknown`; whoever waited had been told so. */
  readonly onLate: (action: Action, result: ActionResult) => void;
  readonly onProgress: (progress: MediaProgress) => void;
  readonly onTrouble: (error: Error) => void;
}

export type Ending = Pick<ActionResult, 'outcome' | 'data' | 'error'>;

/** After Redis failed us, before we ask it again. */
const TROUBLE_PAUSE_MS = 1_000;

/**
 * Executes the waiting actions of one queue of one account.
 *
 * closed   the link is down, `open` was not called yet, or this node does not hold the account now. Nothing is taken; what waits
 *          stays in Redis.
 * idle     open, and the queue was found empty. Left by `wake`.
 * pacing   open, something may wait, but the pace forbids a send now. Left by its timer.
 * working  open, taking and executing. Left when the queue is empty, the pace closes or the link goes down.
 *
 * An action is taken from its queue only when it may be sent at once, then claimed, then written. A crash between claim and
 * record leaves "outcome unknown", never a second execution.
 */
export class AccountDelivery {
  #open = false;
  #stopping = false;
  #active = 0;
  /** Something may wait that was not looked for yet. */
  #pending = false;
  #cancelTimer: (() => void) | undefined;
  #onIdle: (() => void) | undefined;
  readonly #media: Media;

  constructor(private readonly options: AccountDeliveryOptions) {
    this.#media = new Media(options.caller, options.clock, options.onProgress);
  }

  /** The link is up. */
  open(): void {
    this.#open = true;
    this.wake();
  }

  /** The link is down: take nothing more. What is under way ends as its call ends. */
  close(): void {
    this.#open = false;
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
  }

  /** Something may wait. */
  wake(): void {
    this.#pending = true;
    this.#fill();
  }

  /** Takes nothing more and resolves when what is under way has ended. */
  async stop(): Promise<void> {
    this.#stopping = true;
    this.close();
    if (this.#active > 0) await new Promise<void>((resolve) => (this.#onIdle = resolve));
  }

  #fill(): void {
    while (this.#pending && this.#mayAct() && !this.#cancelTimer && this.#active < this.options.inFlight) {
      const waitMs = this.options.pace?.waitMs() ?? 0;
      if (waitMs > 0) {
        this.#fillAfter(waitMs);
        return;
      }
      this.#active += 1;
      void this.#step().finally(() => {
        this.#active -= 1;
        this.#fill();
        if (this.#active === 0) this.#onIdle?.();
      });
      // Only one look at the queue at a time: the next begins when this one found something.
      this.#pending = false;
    }
  }

  #mayAct(): boolean {
    return this.#open && !this.#stopping && this.options.epoch() !== undefined;
  }

  #fillAfter(ms: number): void {
    this.#cancelTimer = this.options.clock.after(ms, () => {
      this.#cancelTimer = undefined;
      this.#pending = true;
      this.#fill();
    });
  }

  async #step(): Promise<void> {
    try {
      const taken = await this.options.waiting.take();
      if (!taken) return;
      this.#pending = true;
      // What is paced looks for more only when the limits have decided about this one.
      if (this.options.inFlight > 1 && !this.options.pace) this.#fill();
      await this.#execute(taken);
    } catch (error) {
      this.options.onTrouble(toError(error));
      if (this.#open && !this.#cancelTimer) this.#fillAfter(TROUBLE_PAUSE_MS);
    }
  }

  async #execute(taken: Taken): Promise<void> {
    const { action } = taken;
    const { claims, clock } = this.options;
    if (!this.#mayAct()) {
      await this.#putBack(taken);
      return;
    }
    if (taken.isExpired ?? clock.now() >= action.expiresAt) {
      await this.expire(taken);
      return;
    }
    if (taken.refusal) {
      await this.#endUnbegun(taken, taken.refusal);
      return;
    }
    // Before the claim, so that nothing comes between the limits' yes and the frame. An upload that is repeated does no harm.
    const readied = await this.#media.ready(action);
    if (readied.kind === 'failed') {
      await this.#endUnbegun(taken, readied.end);
      return;
    }
    const epoch = this.options.epoch();
    if (readied.kind === 'down' || !this.#mayAct() || epoch === undefined) {
      await this.#putBack(taken);
      return;
    }
    const asked = clock.monotonic();
    const claim = await this.#claim(taken, epoch);
    if (claim === undefined) return;
    if (claim.kind === 'wait') {
      await this.#putBack(taken);
      this.#pending = true;
      return;
    }
    if (claim.kind === 'stale') {
      this.options.onStale(action);
      // Not looked for again until somebody wakes us: by then the loss of the account is known here too.
      this.#pending = false;
      await this.#putBack(taken);
      return;
    }
    if (claim.kind === 'ended') {
      await this.#finish(taken, claim.result);
      return;
    }
    if (claim.kind === 'open') {
      await this.#end(taken, begunBefore(action));
      return;
    }
    // The process may have been stopped for long while Redis answered.
    if (this.options.epoch() !== epoch) {
      await claims.release(action, epoch);
      await this.#putBack(taken);
      return;
    }
    const calling = this.#media.call(action, readied, (late) => void this.#settleLate(action, late));
    const left = claims.left?.(action, clock.monotonic() - asked);
    void left?.catch((thrown: unknown) => this.options.onTrouble(toError(thrown)));
    if (this.options.pace) this.#fill();
    const end = await calling;
    if ('kind' in end) {
      await claims.release(action, epoch);
      await this.#putBack(taken);
      return;
    }
    await this.#end(taken, end);
  }

  /** The record is corrected for whoever asks again; nobody is told a second outcome. */
  async #settleLate(action: Action, end: Ending): Promise<void> {
    if (end.outcome === 'unknown') return;
    const result = this.#result(action, end);
    try {
      await this.options.claims.record(result);
      this.options.onLate(action, result);
    } catch (error) {
      this.options.onTrouble(toError(error));
    }
  }

  #result(action: Action, end: Ending): ActionResult {
    return { id: action.id, self: action.self, ...end, endedAt: this.options.clock.now() };
  }

  /** Ends an action whose time is over; nothing of it is sent. */
  async expire(taken: Taken): Promise<void> {
    await this.#endUnbegun(taken, {
      outcome: 'not_sent',
      error: { code: 'ACTION_EXPIRED', message: `${taken.action.name} waited past its expiry; nothing was sent` },
    });
  }

  /** Whoever held the account before may have begun it and not lived to tell: then it is not known whether it was sent. */
  async #endUnbegun(taken: Taken, end: Ending): Promise<void> {
    const { action } = taken;
    try {
      const stands = await this.options.claims.endUnbegun(this.#result(action, end));
      if (stands === undefined) await this.#end(taken, begunBefore(action));
      else await this.#finish(taken, stands);
    } catch (thrown) {
      await this.#putBack(taken);
      throw thrown;
    }
  }

  /** Without a claim nothing may be sent, so an action that cannot be claimed goes back. */
  async #claim(taken: Taken, epoch: number): Promise<Awaited<ReturnType<Claims['claim']>> | undefined> {
    try {
      return await this.options.claims.claim(taken.action, epoch);
    } catch (error) {
      await this.#putBack(taken);
      throw error;
    }
  }

  async #putBack(taken: Taken): Promise<void> {
    const problem = await taken.putBack();
    if (problem) this.options.onTrouble(problem);
  }

  async #end(taken: Taken, end: Ending): Promise<void> {
    const { action } = taken;
    let result = this.#result(action, end);
    try {
      result = await this.options.claims.record(result);
    } catch (error) {
      // The claim stays open: should the job come again, it ends as unknown instead of being executed twice.
      this.options.onTrouble(toError(error));
    }
    await this.#finish(taken, result);
  }

  async #finish(taken: Taken, result: ActionResult): Promise<void> {
    this.options.onEnded(taken.action, result);
    const problem = await taken.done();
    if (problem) this.options.onTrouble(problem);
    // What waits behind it in its chat was passed over by whoever looked meanwhile.
    this.#pending = true;
  }
}

function begunBefore({ name }: Action): Ending {
  const message = `${name} was begun before by a process that did not live to tell; it is not sent again`;
  return { outcome: 'unknown', error: { code: 'ACTION_OUTCOME_UNKNOWN', message } };
}
