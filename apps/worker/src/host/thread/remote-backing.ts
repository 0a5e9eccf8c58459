import type { Backing } from '@rookery/plugin-kit';
import { RookeryError, SlotMap } from '@rookery/protocol';
import type { Batch } from './batch';
import type { Answered, FromThread } from './messages';

interface Waiting {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: Error) => void;
}

/** The plugin's end of the backing: each request goes to the main thread, which answers it. */
export class RemoteBacking {
  #asks = 0;
  readonly #waiting = new SlotMap<number, Waiting>();

  constructor(private readonly batch: Batch<FromThread>) {}

  /** For the handler of one call. */
  forCall(call: number): Backing {
    return {
      storage: (request) => this.#request(call, 'storage', request),
      sender: (request) => this.#request(call, 'sender', request),
      broadcast: (order) => this.#request(call, 'broadcast', order),
      settings: (request) => this.#request(call, 'settings', request),
      fleet: () => this.#request(call, 'fleet', {}),
      superusers: () => this.#request(call, 'superusers', {}),
      usable: () => this.#request(call, 'usable', {}),
      suspend: (suspension) => this.#request(call, 'suspend', suspension),
    };
  }

  answered(ask: number, answer: Answered): void {
    const waiting = this.#waiting.get(ask);
    this.#waiting.delete(ask);
    if ('error' in answer) waiting?.reject(new RookeryError(answer.error.code, answer.error.message));
    else waiting?.resolve(answer.value);
  }

  /** What the main thread answers is trusted to be what its backing returned. */
  async #request<T>(call: number, method: keyof Backing, request: object): Promise<T> {
    const argument = JSON.stringify(request);
    const ask = ++this.#asks;
    this.batch.add({ type: 'request', call, ask, method, argument });
    const answered = new Promise<unknown>((resolve, reject) => this.#waiting.set(ask, { resolve, reject }));
    return (await answered) as T;
  }
}
