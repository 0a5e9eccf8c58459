import type { ErrorCode, Outcome } from '@rookery/protocol';
import type { CallEnd } from './calls';
import type { Reply } from './frame';
import { printable } from './printable';

export interface Classified {
  readonly outcome: Outcome;
  readonly data?: unknown;
  readonly error?: { readonly code: ErrorCode; readonly message: string; readonly retcode?: number };
}

const MESSAGE_MAX = 300;

/** What the end of a call means for the action. Only certain knowledge is called `sent`, `refused` or `not_sent`. */
export function classify(action: string, end: CallEnd): Classified {
  switch (end.kind) {
    case 'replied':
      return fromReply(action, end.reply);
    case 'timed_out':
      return unknown(`${action}: no reply within the time limit; it may have taken effect`);
    case 'closed':
      return end.written
        ? unknown(`${action}: the connection was lost before the reply; it may have taken effect`)
        : {
            outcome: 'not_sent',
            error: { code: 'LINK_DOWN', message: `${action}: the connection was lost before it was written` },
          };
  }
}

function fromReply(action: string, reply: Reply): Classified {
  const { status, retcode } = reply;
  if (status === 'ok' && retcode === 0) {
    return reply.data === undefined || reply.data === null
      ? { outcome: 'sent' }
      : { outcome: 'sent', data: reply.data };
  }
  const text = printable(reply.message, MESSAGE_MAX);
  if (status === 'async' || retcode === 1) return unknown(`${action}: accepted, but carried out later`, retcode);
  if (status !== 'failed')
    return unknown(`${action}: the reply is malformed (status ${printable(status, 20)}): ${text}`, retcode);
  if (/timeout/i.test(text) && retcode === 1200) return unknown(`${action}: ${text}`, retcode);
  return {
    outcome: 'refused',
    error: { code: refusal(retcode, text), message: `${action}: ${text}`, ...(retcode !== undefined && { retcode }) },
  };
}

function refusal(retcode: number | undefined, text: string): ErrorCode {
  if (retcode === 1403) return 'LINK_TOKEN_REFUSED';
  if (retcode === 1404) return 'ACTION_INVALID';
  return retcode === 1400 && !text.includes('packetBackend') ? 'ACTION_INVALID' : 'ACTION_REFUSED';
}

function unknown(message: string, retcode?: number): Classified {
  return {
    outcome: 'unknown',
    error: { code: 'ACTION_OUTCOME_UNKNOWN', message, ...(retcode !== undefined && { retcode }) },
  };
}
