import { Calls, encodeRequest, type CallEnd, type Reply } from '@rookery/onebot';
import { assertNever, type Clock } from '@rookery/protocol';
import type { FrameProblem } from './link-events';
import type { Session } from './session';

export interface CallRequest {
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
  /** Frames of a stream action before its last one. */
  readonly onPart?: (part: Reply) => void;
  /**
   * NapCat has read the request, or nobody will ever know: it was not written, or the connection ended. At least once, and after the call
   * has ended only when that was by its time limit.
   */
  readonly onRead?: () => void;
  /** The reply came after the call had ended otherwise. At most once. */
  readonly onLate?: (reply: Reply) => void;
}

/**
 * Writes the requests of one account and matches the replies, over all of its sockets: NapCat answers on its newest socket,
 * whichever one asked.
 */
export class ReplyDesk {
  readonly #calls: Calls;

  constructor(clock: Clock, echoPrefix: string) {
    this.#calls = new Calls({ clock, echoPrefix });
  }

  async request(
    session: Session,
    action: string,
    params: Readonly<Record<string, unknown>>,
    request: CallRequest,
  ): Promise<CallEnd> {
    const { onRead } = request;
    if (request.signal?.aborted === true) {
      onRead?.();
      return { kind: 'closed', written: false };
    }
    const call = this.#calls.open({ action, ...request });
    try {
      if (session.send(encodeRequest(action, params, call.echo)) === 'refused') call.cancel(false);
      else if (onRead) session.whenRead(onRead);
    } catch (error) {
      call.cancel(false);
      onRead?.();
      throw error;
    }
    const end = await call.end;
    if (end.kind !== 'timed_out') onRead?.();
    return end;
  }

  /** Returns undefined when the reply belonged to a call of ours. */
  settle(reply: Reply): FrameProblem | undefined {
    const settled = this.#calls.settle(reply);
    switch (settled) {
      case 'settled':
        return undefined;
      case 'unknown_echo':
        return 'unknown_echo';
      case 'late':
        return 'late_reply';
      case 'duplicate':
        return 'duplicate_reply';
      default:
        return assertNever(settled);
    }
  }

  /** The last socket is gone: whoever waits is told so. */
  closeAll(): void {
    this.#calls.closeAll();
  }
}
