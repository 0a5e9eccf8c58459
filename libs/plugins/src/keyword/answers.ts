import { linearRegex, linearRegexProblem, type LinearRegex, type LocalText } from '@rookery/plugin-kit';

/** How a message is compared with the word. */
export type Comparison = 'exact' | 'contains' | 'regex';

/** What is said when somebody says something; as it is stored. */
export type StoredAnswer = {
  readonly word: string;
  readonly by: Comparison;
  readonly text: string;
};

export const WORD_MAX = 100;
export const TEXT_MAX = 1_000;
/** Of one group, or of one pool. */
export const ANSWERS_MAX = 100;
/** Each expression looks at each message. */
const REGEX_MAX = 20;
const REGEX_SIZE_MAX = 200;
/** Characters of a message that are looked at. */
const LOOKED_AT = 500;

/** Why the answer cannot be added to these, if it cannot. */
export function answerProblem(
  { word, by, text }: StoredAnswer,
  others: readonly StoredAnswer[],
): LocalText | undefined {
  if (word === '') return { zh: '关键词不能为空。', en: 'The word is empty.' };
  if (word.length > WORD_MAX || text.length > TEXT_MAX) {
    return {
      zh: `关键词最多 ${WORD_MAX} 字，回答最多 ${TEXT_MAX} 字。`,
      en: `A word has at most ${WORD_MAX} characters and an answer ${TEXT_MAX}.`,
    };
  }
  if (others.length >= ANSWERS_MAX) {
    return {
      zh: `已有 ${ANSWERS_MAX} 个关键词，请先删除一些。`,
      en: `There are ${ANSWERS_MAX} words already; remove some first.`,
    };
  }
  return by === 'regex' ? regexProblem(word, others) : undefined;
}

function regexProblem(source: string, others: readonly StoredAnswer[]): LocalText | undefined {
  if (others.filter(({ by }) => by === 'regex').length >= REGEX_MAX) {
    return {
      zh: `已有 ${REGEX_MAX} 个正则表达式，请先删除一些。`,
      en: `There are ${REGEX_MAX} expressions already; remove some first.`,
    };
  }
  const problem = linearRegexProblem(source);
  if (problem !== undefined) {
    return {
      zh: `不能使用这个正则表达式（RE2 语法）：${problem}`,
      en: `This expression cannot be used (syntax of RE2): ${problem}`,
    };
  }
  const regex = linearRegex(source, true);
  if (regex.find('') !== undefined) {
    return { zh: '这个正则表达式会匹配任何消息。', en: 'This expression is found in every message.' };
  }
  if (regex.size <= REGEX_SIZE_MAX) return undefined;
  return { zh: '这个正则表达式太复杂，请减少重复次数。', en: 'This expression is too large; repeat less in it.' };
}

/** The same word in another letter case is the same word. */
export const isSameWord = (a: string, b: string): boolean => normal(a) === normal(b);

/** Answers made ready to be found: of one place, whole messages first, then what is contained in them, then expressions. */
export class AnswerBook {
  readonly #exact = new Map<string, StoredAnswer>();
  readonly #contained: { readonly part: string; readonly answer: StoredAnswer }[] = [];
  readonly #regexes: { readonly regex: LinearRegex; readonly answer: StoredAnswer }[] = [];

  constructor(readonly answers: readonly StoredAnswer[]) {
    for (const answer of answers) {
      if (answer.by === 'exact') this.#exact.set(normal(answer.word), answer);
      else if (answer.by === 'contains') this.#contained.push({ part: normal(answer.word), answer });
      else this.#regexes.push({ regex: linearRegex(answer.word, true), answer });
    }
    // What is longer says more.
    this.#contained.sort((a, b) => b.part.length - a.part.length);
  }

  find(message: string): StoredAnswer | undefined {
    const text = message.slice(0, LOOKED_AT);
    const whole = normal(text);
    return (
      (message.length <= LOOKED_AT ? this.#exact.get(whole) : undefined) ??
      this.#contained.find(({ part }) => whole.includes(part))?.answer ??
      this.#regexes.find(({ regex }) => regex.find(text) !== undefined)?.answer
    );
  }
}

const normal = (text: string): string => text.trim().toLowerCase();
