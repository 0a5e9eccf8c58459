import {
  pause,
  SECOND,
  toError,
  type Action,
  type ActionResult,
  type Clock,
  type Random,
  type SelfId,
} from '@rookery/protocol';
import type { NextTry } from '@rookery/redis';
import { anotherTry } from './another-try';
import { expiredEnd } from './expiry';
import { Media, type Caller, type MediaProgress } from './media';
import type { Claims, Ending, Taken } from './ports';

export interface ExecutionOptions {
  readonly self: SelfId;
  readonly claims: Claims;
  readonly caller: Caller;
  /** Under which this node may act for the account now; undefined while it may not. */
  readonly epoch: () => number | undefined;
  readonly clock: Clock;
  readonly random: Random;
  readonly onEnded: (action: Action, result: ActionResult) => void;
  /** A newer holder of the account is known; the action was left to it. */
  readonly onStale: (action: Action) => void;
  /** A reply after its time limit has decided what was `unknown`; whoever waited had been told so. */
  readonly onLate: (action: Action, result: ActionResult) => void;
  /** It was tried in vain and has changed nothing: it is tried again. */
  readonly onRetried: (action: Action, end: Ending, next: NextTry) => void;
  readonly onProgress: (progress: MediaProgress) => void;
  readonly onTrouble: (error: Error) => void;
}

/** A busy Redis may take longer than we wait for its answer; keeping the same outcome again changes nothing. */
const RECORD_TRIES = 5;
const RECORD_AGAIN_MS = SECOND;

/** What whoever took the action has to know of its execution. */
export interface Watcher {
  /** False when nothing more may be begun. */
  readonly mayAct: () => boolean;
  /** The limits have decided, and the frame is on its way. */
  readonly onCalling: () => void;
  /** NapCat has answered, or will not: what came of it is on its way to be kept. Not of what is put back. */
  readonly onAnswered: () => void;
}

/**
 * Carries out one action that was taken from its queue: claimed, then written. A crash between claim and record leaves "outcome unknown",
 * never a second execution.
 */
export class Execution {
  readonly #media: Media;

  constructor(private readonly options: ExecutionOptions) {
    this.#media = new Media(options.caller, options.clock, options.onProgress);
  }

  /**
   * Ends the action or puts it back. `stale`: a newer holder of the account is known. Rejects when Redis failed us; the action is
   * put back then, or its claim stays open.
   */
  async run(taken: Taken, watcher: Watcher): Promise<'done' | 'stale'> {
    const { action } = taken;
    const { clock } = this.options;
    if (!watcher.mayAct()) return await this.#putBack(taken);
    if (taken.isExpired ?? clock.now() >= action.expiresAt) return await this.expire(taken);
    if (taken.refusal) return await this.#endUnbegun(taken, taken.refusal);
    // Before the claim, so that nothing comes between the limits' yes and the frame. An upload that is repeated does no harm.
    const readied = await this.#media.ready(action);
    if (readied.kind === 'failed') return await this.#endUnbegun(taken, readied.end);
    const epoch = this.options.epoch();
    if (readied.kind === 'down' || !watcher.mayAct() || epoch === undefined) return await this.#putBack(taken);
    const claim = await this.#claim(taken, epoch);
    switch (claim.kind) {
      case 'wait':
        return await this.#putBack(taken);
      case 'stale':
        this.options.onStale(action);
        await this.#putBack(taken);
        return 'stale';
      case 'ended':
        return await this.#finish(taken, claim.result);
      case 'open':
        return await this.#end(taken, begunBefore(action));
      case 'taken':
    }
    // The process may have been stopped for long while Redis answered.
    if (this.options.epoch() !== epoch) return await this.#giveBack(taken, epoch);
    const { witness } = claim;
    const calling = this.#media.call(action, readied, {
      onLate: (late) => void this.#settleLate(taken, late),
      ...(witness && { onRead: () => witness.reached() }),
    });
    watcher.onCalling();
    const end = await calling;
    witness?.ended();
    if ('kind' in end) return await this.#giveBack(taken, epoch);
    const next = anotherTry(end, taken.tries, this.options.random);
    if (next === undefined) {
      const ended = this.#end(taken, end, 1);
      watcher.onAnswered();
      return await ended;
    }
    await this.#giveBack(taken, epoch, next);
    this.options.onRetried(action, end, next);
    return 'done';
  }

  /** Ends an action whose time is over; nothing of it is sent. */
  async expire(taken: Taken): Promise<'done'> {
    return await this.#endUnbegun(taken, expiredEnd(taken.action, taken.tries));
  }

  /** The record is corrected for whoever asks again; nobody is told a second outcome. */
  async #settleLate(taken: Taken, end: Ending): Promise<void> {
    if (end.outcome === 'unknown') return;
    const result = this.#result(taken, end, 1);
    try {
      await this.options.claims.record(result);
      this.options.onLate(taken.action, result);
    } catch (error) {
      this.options.onTrouble(toError(error));
    }
  }

  /** `now`: tries in this run of it. */
  #result({ action, tries }: Taken, end: Ending, now: number): ActionResult {
    const { id, self } = action;
    return { id, self, ...end, ...(tries > 0 && { tries: tries + now }), endedAt: this.options.clock.now() };
  }

  /** Whoever held the account before may have begun it and not lived to tell: then it is not known whether it was sent. */
  async #endUnbegun(taken: Taken, end: Ending): Promise<'done'> {
    const { action } = taken;
    try {
      const stands = await this.options.claims.endUnbegun(this.#result(taken, end, 0));
      return await (stands === undefined ? this.#end(taken, begunBefore(action)) : this.#finish(taken, stands));
    } catch (thrown) {
      await this.#putBack(taken);
      throw thrown;
    }
  }

  /** Without a claim nothing may be sent, so an action that cannot be claimed goes back. */
  async #claim(taken: Taken, epoch: number): ReturnType<Claims['claim']> {
    try {
      return await this.options.claims.claim(taken.action, epoch);
    } catch (error) {
      await this.#putBack(taken);
      throw error;
    }
  }

  /** Nothing was sent. Should the claim not be ours any more, whoever looks next finds what has become of it. */
  async #giveBack(taken: Taken, epoch: number, next?: NextTry): Promise<'done'> {
    const isOurs = await this.options.claims.release(taken.action, epoch);
    return await this.#putBack(taken, isOurs ? next : undefined);
  }

  async #putBack(taken: Taken, next?: NextTry): Promise<'done'> {
    const problem = await taken.putBack(next);
    if (problem) this.options.onTrouble(problem);
    return 'done';
  }

  async #end(taken: Taken, end: Ending, tries = 0): Promise<'done'> {
    return await this.#finish(taken, await this.#record(this.#result(taken, end, tries)));
  }

  /** Where Redis does not take it for long, the claim stays open: should the job come again, it ends as unknown instead of being executed twice. */
  async #record(result: ActionResult): Promise<ActionResult> {
    for (let tries = 1; ; tries++) {
      try {
        return await this.options.claims.record(result);
      } catch (thrown) {
        if (tries === RECORD_TRIES) {
          this.options.onTrouble(toError(thrown));
          return result;
        }
        await pause(this.options.clock, RECORD_AGAIN_MS);
      }
    }
  }

  async #finish(taken: Taken, result: ActionResult): Promise<'done'> {
    this.options.onEnded(taken.action, result);
    const problem = await taken.done();
    if (problem) this.options.onTrouble(problem);
    return 'done';
  }
}

function begunBefore({ name }: Action): Ending {
  const message = `${name} was begun before by a process that did not live to tell; it is not sent again`;
  return { outcome: 'unknown', error: { code: 'ACTION_OUTCOME_UNKNOWN', message } };
}
