import { isText, plainText, type Segment } from '@rookery/protocol';
import type { LocalText } from '../local-text';

/** What somebody said after a question. */
export interface Answer {
  /** Its text without blanks at the ends; quotations, mentions and pictures are not in it. */
  readonly text: string;
  readonly segments: readonly Segment[];
}

/** What a parser returns for an answer that does not fit: what the asked person is told before they are asked again. */
export class Unfit {
  constructor(readonly hint: LocalText) {}
}

export function unfit(hint: LocalText): Unfit {
  return new Unfit(hint);
}

/** Makes a value of an answer, or says why it cannot. */
export type AnswerParser<T> = (answer: Answer) => T | Unfit;

/** Any answer with text in it. */
export const words: AnswerParser<string> = ({ text }) =>
  text === '' ? unfit({ zh: '请用文字回答。', en: 'Please answer with text.' }) : text;

export const int: AnswerParser<number> = ({ text }) => {
  const value = Number(text);
  return /^[+-]?\d+$/.test(text) && Number.isSafeInteger(value)
    ? value
    : unfit({ zh: '请回答一个整数。', en: 'Please answer with a whole number.' });
};

/** Both ends fit. */
export function intBetween(from: number, to: number): AnswerParser<number> {
  return (answer) => {
    const value = int(answer);
    return typeof value === 'number' && value >= from && value <= to
      ? value
      : unfit({
          zh: `请回答 ${from} 到 ${to} 之间的整数。`,
          en: `Please answer with a whole number from ${from} to ${to}.`,
        });
  };
}

export const decimal: AnswerParser<number> = ({ text }) =>
  /^[+-]?\d+(?:\.\d+)?$/.test(text) && Number.isFinite(Number(text))
    ? Number(text)
    : unfit({ zh: '请回答一个数字。', en: 'Please answer with a number.' });

const YES = ['y', 'yes', 'ok', '是', '是的', '好', '好的', '对', '确认'];
const NO = ['n', 'no', '否', '不', '不是', '不要', '不用'];

export const yesNo: AnswerParser<boolean> = ({ text }) => {
  const word = text.toLowerCase();
  if (YES.includes(word)) return true;
  return NO.includes(word) ? false : unfit({ zh: '请回答“是”或“否”。', en: 'Please answer yes or no.' });
};

/** One of these words, whatever its letter case. */
export function oneOf<const Choice extends string>(...choices: readonly Choice[]): AnswerParser<Choice> {
  return ({ text }) =>
    choices.find((choice) => choice.toLowerCase() === text.toLowerCase()) ??
    unfit({ zh: `请回答其中之一：${choices.join('、')}。`, en: `Please answer with one of: ${choices.join(', ')}.` });
}

/** The first picture of the answer, as a segment. */
export const picture: AnswerParser<Segment> = ({ segments }) =>
  segments.find(({ type }) => type === 'image') ?? unfit({ zh: '请发一张图片。', en: 'Please send a picture.' });

/** Number of the first person whom the answer mentions. */
export const mentioned: AnswerParser<string> = ({ segments }) => {
  const number = segments.find(({ type, data }) => type === 'at' && data['qq'] !== 'all')?.data['qq'];
  return typeof number !== 'string' ? unfit({ zh: '请 @ 一个人。', en: 'Please mention somebody.' }) : number;
};

export function answerOf(segments: readonly Segment[]): Answer {
  return { text: plainText(segments.filter(isText)).trim(), segments };
}
