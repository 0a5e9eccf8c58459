import { isKeyed, type Asked, type Outbox } from '@rookery/plugin-kit';
import { actionId, type Action, type ActionId, type ActionResult } from '@rookery/protocol';

/** What a handler's repetition is told instead of the data, when there was more of it. */
const DATA_MAX = 2_048;

/**
 * The outbox as one attempt of a handler sees it. What an earlier attempt has sent, or may have sent, is not sent again: the
 * handler is given the outcome of then. What certainly was not sent goes out under an id of this attempt, since the former one
 * stays taken.
 */
export class AttemptOutbox implements Outbox {
  readonly #done: Map<ActionId, ActionResult>;

  /** `attempts`: how many were made before; `done`: what {@link done} said after the last of them. */
  constructor(
    private readonly outbox: Outbox,
    private readonly attempts: number,
    done: readonly ActionResult[],
  ) {
    this.#done = new Map(done.map((result) => [result.id, result]));
  }

  /** What has happened or may have happened so far, by this attempt or one before, under the ids of the first attempt. */
  get done(): readonly ActionResult[] {
    return [...this.#done.values()];
  }

  ask(action: Action, signal: AbortSignal, deadlineMs?: number): Asked {
    const before = this.#done.get(action.id);
    if (before) return { queued: Promise.resolve(), result: Promise.resolve(before) };
    const { queued, result } = this.outbox.ask(this.#numbered(action), signal, deadlineMs);
    this.#open(action);
    return { queued, result: result.then((known) => this.#close(action, known)) };
  }

  async post(action: Action, time: Pick<AbortSignal, 'aborted'>): Promise<void> {
    if (this.#done.has(action.id)) return;
    await this.outbox.post(this.#numbered(action), time);
    this.#open(action);
  }

  /** An id that the plugin chose stays: asking again under it is to give the first outcome. */
  #numbered(action: Action): Action {
    return this.attempts === 0 || isKeyed(action.id)
      ? action
      : { ...action, id: actionId(`${action.id}.r${this.attempts}`) };
  }

  /** Reads may be repeated as often as wanted. */
  #open({ id, self, lane, name, createdAt }: Action): void {
    if (lane === 'read') return;
    const message = `${name} was asked by an earlier attempt of the handler, which did not wait for the outcome`;
    const error = { code: 'ACTION_OUTCOME_UNKNOWN' as const, message };
    this.#done.set(id, { id, self, outcome: 'unknown', error, endedAt: createdAt });
  }

  #close({ id, lane }: Action, known: ActionResult): ActionResult {
    const result = { ...known, id };
    if (lane === 'read') return result;
    if (known.outcome === 'sent' || known.outcome === 'unknown') this.#done.set(id, trimmed(result));
    else this.#done.delete(id);
    return result;
  }
}

function trimmed(result: ActionResult): ActionResult {
  const { data: _, ...rest } = result;
  return JSON.stringify(result.data ?? null).length > DATA_MAX ? rest : result;
}
