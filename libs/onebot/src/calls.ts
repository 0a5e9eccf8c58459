import { RookeryError, SlotMap, type Clock } from '@rookery/protocol';
import type { Reply } from './frame';
import { isLastFrame } from './stream';

/** How waiting for a reply ended. */
export type CallEnd =
  | { readonly kind: 'replied'; readonly reply: Reply }
  /** The time limit passed, or the caller stopped waiting. The request may have taken effect. */
  | { readonly kind: 'timed_out' }
  /** The account lost its sockets before the reply. `written`: whether the request may have reached NapCat. */
  | { readonly kind: 'closed'; readonly written: boolean };

export interface CallOptions {
  readonly action: string;
  readonly timeoutMs: number;
  /** Ends the waiting as `timed_out`; it cannot recall a request that was written. */
  readonly signal?: AbortSignal;
  /** Frames of a stream action before its last one. Each starts the time limit anew. */
  readonly onPart?: (part: Reply) => void;
  /** The reply that came after the call had ended otherwise, while the call is still remembered. At most once. */
  readonly onLate?: (reply: Reply) => void;
}

export interface Call {
  /** To be sent with the request. */
  readonly echo: string;
  readonly end: Promise<CallEnd>;
  /** Ends it as `closed`; `written` false only when nothing was handed to a socket. */
  cancel(written: boolean): void;
}

export type Settled = 'settled' | 'unknown_echo' | 'late' | 'duplicate';

interface Pending {
  readonly action: string;
  finish(end: CallEnd): void;
  part(reply: Reply): void;
}

interface Unanswered {
  readonly action: string;
  readonly onLate: CallOptions['onLate'];
}

/**
 * Calls that ended without a reply and are remembered, for one that comes late. Of an answered one nothing is kept: with it
 * its caller would be, and what he sent, of every account the last thousand.
 */
const REMEMBERED = 1024;

/**
 * The calls of one account that wait for a reply, over all of its sockets: NapCat answers out of order, and after a change
 * of its settings on another socket than the asking one. Replies are matched by echo alone; an echo that is not of this
 * process never resolves anything, least of all "the oldest".
 */
export class Calls {
  readonly #clock: Clock;
  readonly #prefix: string;
  readonly #pending = new SlotMap<string, Pending>();
  readonly #unanswered = new Map<string, Unanswered>();
  #opened = 0;

  /** `echoPrefix` must be unique per account and start of the process: replies to a predecessor may still arrive. */
  constructor(options: { clock: Clock; echoPrefix: string }) {
    this.#clock = options.clock;
    this.#prefix = `${options.echoPrefix}.`;
  }

  /** Number of calls that wait. */
  get size(): number {
    return this.#pending.size;
  }

  /** Starts to wait; to be called before the request is written. */
  open(options: CallOptions): Call {
    const { action, timeoutMs, signal, onPart, onLate } = options;
    const echo = this.#prefix + (this.#opened++).toString(36);
    let resolve: (end: CallEnd) => void = () => {};
    const promise = new Promise<CallEnd>((settle) => {
      resolve = settle;
    });
    const expire = () => finish({ kind: 'timed_out' });
    let cancelTimer = this.#clock.after(timeoutMs, expire);
    const finish = (end: CallEnd): void => {
      if (!this.#pending.delete(echo)) return;
      cancelTimer();
      signal?.removeEventListener('abort', expire);
      if (end.kind !== 'replied') this.#remember(echo, { action, onLate });
      resolve(end);
    };
    const part = (reply: Reply): void => {
      cancelTimer();
      cancelTimer = this.#clock.after(timeoutMs, expire);
      onPart?.(reply);
    };
    this.#pending.set(echo, { action, finish, part });
    if (signal?.aborted === true) expire();
    else signal?.addEventListener('abort', expire);
    return { echo, end: promise, cancel: (written) => finish({ kind: 'closed', written }) };
  }

  /** Hands a reply to the call that asked for it, and says what became of it. */
  settle(reply: Reply): Settled {
    const { echo } = reply;
    if (typeof echo !== 'string') return 'unknown_echo';
    const pending = this.#pending.get(echo);
    if (pending === undefined) return this.#isOurs(echo) ? this.#settleLate(echo, reply) : 'unknown_echo';
    if (isLastFrame(pending.action, reply)) pending.finish({ kind: 'replied', reply });
    else pending.part(reply);
    return 'settled';
  }

  /** Ends every call as `closed` with `written` true: the account has lost its sockets. */
  closeAll(): void {
    for (const pending of [...this.#pending.values()]) pending.finish({ kind: 'closed', written: true });
  }

  #isOurs(echo: string): boolean {
    if (!echo.startsWith(this.#prefix)) return false;
    const ordinal = echo.slice(this.#prefix.length);
    return /^[0-9a-z]{1,11}$/.test(ordinal) && Number.parseInt(ordinal, 36) < this.#opened;
  }

  #settleLate(echo: string, reply: Reply): Settled {
    const unanswered = this.#unanswered.get(echo);
    if (unanswered === undefined) return 'duplicate';
    if (isLastFrame(unanswered.action, reply)) {
      this.#unanswered.delete(echo);
      unanswered.onLate?.(reply);
    }
    return 'late';
  }

  #remember(echo: string, unanswered: Unanswered): void {
    this.#unanswered.set(echo, unanswered);
    if (this.#unanswered.size <= REMEMBERED) return;
    for (const oldest of this.#unanswered.keys()) {
      this.#unanswered.delete(oldest);
      return;
    }
  }
}

const SEPARATORS = /[\u2028\u2029]/g;

/**
 * The request frame as strict JSON, although NapCat reads JSON5: U+2028 and U+2029 are escaped, since its parser prints a
 * warning for each.
 */
export function encodeRequest(action: string, params: Readonly<Record<string, unknown>>, echo: string): string {
  try {
    const text = JSON.stringify({ action, params, echo });
    return text.replace(SEPARATORS, (character) => (character === '\u2028' ? '\\u2028' : '\\u2029'));
  } catch (error) {
    throw new RookeryError('ACTION_INVALID', `${action}: the parameters cannot be written as JSON; pass plain values`, {
      cause: error,
    });
  }
}
