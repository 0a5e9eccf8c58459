import type { Asked, Outbox } from '@rookery/plugin-kit';
import { RookeryError, SlotMap, type Action, type ActionResult } from '@rookery/protocol';
import type { Batch } from './batch';
import type { FromThread, Problem } from './messages';

interface Waiting {
  readonly queued: () => void;
  readonly result: (result: ActionResult) => void;
}

interface Posting {
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

/** The plugin's end of the outbox: each question goes to the main thread, which decides when waiting for it is over. */
export class RemoteOutbox {
  #asks = 0;
  readonly #waiting = new SlotMap<number, Waiting>();
  readonly #posting = new SlotMap<number, Posting>();

  constructor(private readonly batch: Batch<FromThread>) {}

  /** For the handler of one call. */
  forCall(call: number): Outbox {
    return {
      ask: (action, _signal, deadlineMs) => this.#ask(call, action, deadlineMs),
      post: (action) => this.#post(call, action),
      leave: (action) => this.batch.add({ type: 'leave', call, action: JSON.stringify(action) }),
    };
  }

  queued(ask: number): void {
    this.#waiting.get(ask)?.queued();
  }

  result(ask: number, result: ActionResult): void {
    const waiting = this.#waiting.get(ask);
    this.#waiting.delete(ask);
    waiting?.queued();
    waiting?.result(result);
  }

  posted(ask: number, error: Problem | undefined): void {
    const posting = this.#posting.get(ask);
    this.#posting.delete(ask);
    if (error === undefined) posting?.resolve();
    else posting?.reject(new RookeryError(error.code, error.message));
  }

  #ask(call: number, action: Action, deadlineMs: number | undefined): Asked {
    const ask = ++this.#asks;
    let queued = (): void => undefined;
    let result: Waiting['result'] = () => undefined;
    const asked = {
      queued: new Promise<void>((resolve) => (queued = resolve)),
      result: new Promise<ActionResult>((resolve) => (result = resolve)),
    };
    this.#waiting.set(ask, { queued, result });
    this.batch.add({
      type: 'ask',
      call,
      ask,
      action: JSON.stringify(action),
      ...(deadlineMs !== undefined && { deadlineMs }),
    });
    return asked;
  }

  #post(call: number, action: Action): Promise<void> {
    const ask = ++this.#asks;
    this.batch.add({ type: 'post', call, ask, action: JSON.stringify(action) });
    return new Promise((resolve, reject) => this.#posting.set(ask, { resolve, reject }));
  }
}
