import { MINUTE, RookeryError, SECOND, type AnswerRecord, type MessageLike, type Segment } from '@rookery/protocol';
import { milliseconds, type Duration } from '../duration';
import { textIn, type LocalText } from '../local-text';
import { answerOf, Unfit, type AnswerParser } from './answer';

export interface AskOptions<T = string> {
  /** Makes a value of the answer. Without it, the answer's text. */
  readonly parse?: AnswerParser<T>;
  /** How long an answer is waited for, from 1 second to 1 day. Default 60 s. */
  readonly within?: Duration;
  /** How often an answer that does not fit is asked for again. Default 2. */
  readonly retries?: number;
}

/**
 * A question ended without an answer, and the person was told so. A handler that does not catch it ends there, which is no
 * failure.
 */
export class AskEnded extends Error {
  override readonly name = 'AskEnded';

  constructor(readonly reason: 'timeout' | 'cancelled' | 'unfit') {
    super(`the question ended without an answer: ${reason}`);
  }
}

/** What a question needs of the handling that it is asked in. */
export interface Asking {
  readonly locale: 'zh' | 'en';
  /** Suspends the handler until it is answered; without a message, what is asked stays as it is. */
  wait(message: MessageLike | undefined, withinMs: number): Promise<AnswerRecord>;
  /** Says something that is part of the handling. */
  say(message: MessageLike): Promise<unknown>;
}

const WITHIN = { default: '60s', leastMs: SECOND, mostMs: 24 * 60 * MINUTE } as const;
const RETRIES = 2;
const CANCEL = ['取消', 'cancel'];

const SAY = {
  again: { zh: '（发送“取消”可结束）', en: ' (send "cancel" to stop)' },
  unfit: {
    zh: '还是没看懂，先到这里吧；需要时请重新发送命令。',
    en: 'I still could not read that, so let us leave it; start again when you like.',
  },
  timeout: { zh: '没有等到回答，已结束。', en: 'No answer came in time, so I stopped waiting.' },
  cancelled: { zh: '好的，已取消。', en: 'All right, cancelled.' },
} as const satisfies Record<string, LocalText>;

/** Asks until an answer fits. Rejects with {@link AskEnded}. */
export async function ask<T>(asking: Asking, question: MessageLike, options: AskOptions<T>): Promise<T | string> {
  const withinMs = within(options.within ?? WITHIN.default);
  let answer = await asking.wait(question, withinMs);
  for (let left = options.retries ?? RETRIES; ; left -= 1) {
    if (answer.kind === 'timeout') return end(asking, 'timeout', []);
    const { text, segments } = answerOf(answer.segments);
    const quotation = quotationOf(answer);
    if (CANCEL.includes(text.toLowerCase())) return end(asking, 'cancelled', quotation);
    const value = options.parse ? options.parse({ text, segments }) : text;
    if (!(value instanceof Unfit)) return value;
    if (answer.command) answer = await asking.wait(undefined, withinMs);
    else if (left <= 0) return end(asking, 'unfit', quotation);
    else
      answer = await asking.wait(
        [...quotation, `${textIn(asking.locale, value.hint)}${say(asking, 'again')}`],
        withinMs,
      );
  }
}

async function end(asking: Asking, reason: AskEnded['reason'], quotation: readonly Segment[]): Promise<never> {
  await asking.say([...quotation, say(asking, reason)]);
  throw new AskEnded(reason);
}

function say({ locale }: Asking, what: keyof typeof SAY): string {
  return textIn(locale, SAY[what]);
}

function within(duration: Duration): number {
  const ms = milliseconds(duration);
  if (ms >= WITHIN.leastMs && ms <= WITHIN.mostMs) return ms;
  throw new RookeryError('ASK_REFUSED', `a question cannot wait for ${duration}; from 1 second to 1 day is possible`);
}

/** The sequence number wins: it is right for every account in the group, the message id only for the one that saw it. */
function quotationOf({ seq, messageId }: Extract<AnswerRecord, { kind: 'answer' }>): readonly Segment[] {
  if (seq !== undefined) return [{ type: 'reply', data: { seq } }];
  return messageId === undefined ? [] : [{ type: 'reply', data: { id: messageId } }];
}
