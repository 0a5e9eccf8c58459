import { RookeryError, type AnswerRecord } from '@rookery/protocol';
import { userOf } from '../storage/scopes';
import type { Handling, Wanted } from './handling';

/**
 * How a handler waits for an answer. It is not kept: what it did so far goes into the store, then the question goes out, and the
 * run ends there. With the answer it is run again; the journal then holds the answer at this step, and it goes on. In that
 * order, since an answer must find the one who waits for it, and the question is asked again under its id should the worker
 * end in between.
 */
export class Suspending {
  /** Resolves when the handler waits and this run of it is over. */
  readonly suspended: Promise<void>;
  #waiting = false;
  #onSuspended: () => void = () => undefined;

  constructor(private readonly handling: Handling) {
    this.suspended = new Promise((resolve) => (this.#onSuspended = resolve));
  }

  /** Without a question, the one that was asked before stays, and what came was no answer to it. */
  wait(question: Wanted | undefined, withinMs: number): Promise<AnswerRecord> {
    const { handling } = this;
    if (this.#waiting)
      return Promise.reject(new RookeryError('ASK_REFUSED', 'a handler can ask one question at a time'));
    const send = question && handling.reserve(question);
    this.#waiting = true;
    const answered = handling.step('ask', () => this.#suspend(send, withinMs));
    return answered.then((answer) => this.#goOn(answer));
  }

  async #suspend(send: (() => Promise<void>) | undefined, withinMs: number): Promise<AnswerRecord> {
    const { event, journal, services } = this.handling;
    const step = journal.begun;
    const user = userOf(event);
    if (user === undefined || !/^(?:group|private|guild):/.test(event.conversation)) {
      throw new RookeryError(
        'ASK_REFUSED',
        `an event of type ${event.type} in ${event.conversation} leaves nobody to ask`,
      );
    }
    // Actions need not have ended, only to be stored; whatever else the handler began is waited for.
    await this.handling.queued();
    await journal.othersEnded(step);
    const entries = journal.entries().filter(({ n }) => n !== step);
    await services.backing.suspend({
      journal: entries,
      step,
      conversation: event.conversation,
      user,
      withinMs,
      ...(send === undefined && { declined: true }),
    });
    await send?.();
    this.handling.close();
    this.#onSuspended();
    return new Promise(() => undefined);
  }

  #goOn(answer: AnswerRecord): AnswerRecord {
    const { handling } = this;
    this.#waiting = false;
    handling.now = answer.at;
    if (answer.kind === 'answer') handling.self = answer.self;
    return answer;
  }
}
