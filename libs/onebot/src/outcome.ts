import { actionSpec, type ErrorCode, type Outcome } from '@rookery/protocol';
import type { CallEnd } from './calls';
import type { Reply } from './frame';
import { printable } from './printable';
import { refusalCode } from './refusal';

export interface Classified {
  readonly outcome: Outcome;
  /** Only with `sent`, and where the action returns something. */
  readonly data?: unknown;
  /** Present unless `sent`. The message holds the text of the implementation, shortened and fit for logs. */
  readonly error?: { readonly code: ErrorCode; readonly message: string; readonly retcode?: number };
}

const TEXT_MAX = 300;

/** What the end of a call means for the action. Only certain knowledge is called `sent`, `refused` or `not_sent`. */
export function classify(action: string, end: CallEnd): Classified {
  switch (end.kind) {
    case 'replied':
      return fromReply(action, end.reply);
    case 'timed_out':
      return uncertain(action, 'no reply within the time limit');
    case 'closed':
      // What only reads can be asked again on another connection.
      if (end.written && !onlyReads(action)) return uncertain(action, 'the connection was lost before the reply');
      if (end.written) return failed('not_sent', 'LINK_DOWN', `${action}: the connection was lost before the reply`);
      return failed('not_sent', 'LINK_DOWN', `${action}: the connection was lost before the action was written`);
  }
}

function fromReply(action: string, reply: Reply): Classified {
  const { status, retcode, data } = reply;
  if (status === 'ok' && retcode === 0) {
    return data === undefined || data === null ? { outcome: 'sent' } : { outcome: 'sent', data };
  }
  const text = printable(reply.message, TEXT_MAX) || 'no reason given';
  if (status === 'async' || retcode === 1) return uncertain(action, 'accepted, to be carried out later', retcode);
  if (status !== 'failed')
    return uncertain(action, `the reply is malformed (status ${printable(status, 20)})`, retcode);
  // Often delivered, often swallowed by risk control: the text is the same.
  if (retcode === 1200 && /timeout|超时/i.test(text)) return uncertain(action, text, retcode);
  return failed('refused', refusalCode(retcode, text), `${action}: ${text}`, retcode);
}

/** An action that only reads has changed nothing, whatever became of it. */
function uncertain(action: string, what: string, retcode?: number): Classified {
  if (onlyReads(action)) return failed('not_sent', 'ACTION_NO_REPLY', `${action}: ${what}`, retcode);
  return failed('unknown', 'ACTION_OUTCOME_UNKNOWN', `${action}: ${what}; it may have taken effect`, retcode);
}

const onlyReads = (action: string): boolean => actionSpec(action)?.kind === 'read';

function failed(outcome: Outcome, code: ErrorCode, message: string, retcode?: number): Classified {
  return { outcome, error: { code, message, ...(retcode !== undefined && { retcode }) } };
}
