import type { Asked, Outbox } from '@rookery/plugin-kit';
import type { RookeryError, Action, ActionResult, Clock } from '@rookery/protocol';
import type { Judge } from './plugin-rights';

/** The outbox as one plugin may use it: what it may not ask for ends as `refused` and goes nowhere. */
export class GuardedOutbox implements Outbox {
  constructor(
    private readonly outbox: Outbox,
    private readonly judge: Judge,
    private readonly clock: Clock,
  ) {}

  ask(action: Action, signal: AbortSignal, deadlineMs?: number): Asked {
    const error = this.judge(action);
    if (!error) return this.outbox.ask(action, signal, deadlineMs);
    return { queued: Promise.resolve(), result: Promise.resolve(this.#refused(action, error)) };
  }

  /** Rejects with ACTION_NOT_GRANTED. */
  post(action: Action, time: Pick<AbortSignal, 'aborted'>): Promise<void> {
    const error = this.judge(action);
    return error ? Promise.reject(error) : this.outbox.post(action, time);
  }

  #refused({ id, self }: Action, { code, message }: RookeryError): ActionResult {
    return { id, self, outcome: 'refused', error: { code, message }, endedAt: this.clock.now() };
  }
}
