import type { Log } from '@rookery/plugin-kit';
import { RookeryError, SlotMap } from '@rookery/protocol';
import { handlerFailure } from '../handler-failure';
import type { Caller } from './requests';

/** A call whose code is through. */
export interface Leaver extends Caller {
  readonly where: string;
  readonly end: (end: { readonly kind: 'ended'; readonly error?: RookeryError }) => void;
  /** Monotonic, milliseconds: when its time is over. */
  readonly until: number;
  cancel: () => void;
}

/**
 * Calls of which only what their handlers returned is to be stored. They need their thread no more: what becomes of it is neither their fault nor
 * their loss, and it is told nothing of them.
 */
export class Leaving {
  readonly #calls = new SlotMap<number, Leaver>();

  constructor(private readonly log: Log) {}

  /** `stored`: rejects when what was returned could not be stored; then the call has failed, unless the plugin may not say it. */
  add(id: number, leaver: Leaver, stored: Promise<void>): void {
    this.#calls.set(id, leaver);
    stored.then(
      () => this.#end(id),
      (thrown: unknown) => this.#end(id, this.#failure(leaver, thrown)),
    );
  }

  /** Its time is over. */
  giveUp(id: number, error: RookeryError): void {
    this.#calls.get(id)?.deadline.abort(error);
    this.#end(id, error);
  }

  /** Gives all of them up. */
  interrupt(because: (leaver: Leaver) => RookeryError): void {
    for (const [id, leaver] of [...this.#calls]) this.giveUp(id, because(leaver));
  }

  get(id: number): Leaver | undefined {
    return this.#calls.get(id);
  }

  #failure({ where, call }: Leaver, thrown: unknown): RookeryError | undefined {
    if (!(thrown instanceof RookeryError) || thrown.code !== 'ACTION_NOT_GRANTED') return handlerFailure(where, thrown);
    const { code, message } = thrown;
    this.log.warn({ code, handler: call.handler, event: call.event.id }, `refused: ${message}`);
    return undefined;
  }

  #end(id: number, error?: RookeryError): void {
    const leaver = this.#calls.get(id);
    if (!leaver) return;
    this.#calls.delete(id);
    leaver.cancel();
    leaver.end({ kind: 'ended', ...(error && { error }) });
  }
}
