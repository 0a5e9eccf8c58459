import {
  at,
  BotPlugin,
  Command,
  On,
  or,
  RoleAtLeast,
  SettingRefused,
  Superuser,
  texts,
  Use,
  type MessageContext,
  type Values,
} from '@rookery/plugin-kit';
import { groupOf, RookeryError, SECOND, type MessageLike, type SettingScope } from '@rookery/protocol';
import { filled } from '../filled';
import { AnswerBook, answerProblem, isSameWord, type Comparison, type StoredAnswer } from './answers';

const SAY = texts({
  added: { zh: '已添加关键词“{word}”。', en: 'Added "{word}".' },
  replaced: { zh: '已更新关键词“{word}”。', en: 'Changed "{word}".' },
  removed: { zh: '已删除关键词“{word}”。', en: 'Removed "{word}".' },
  unknown: { zh: '没有关键词“{word}”。', en: 'There is no "{word}".' },
  none: { zh: '还没有关键词。', en: 'There are no words yet.' },
  heading: { zh: '关键词：', en: 'Words:' },
  ofPool: { zh: '所有群共用：', en: 'In all groups:' },
  twoWays: { zh: '--exact 和 --regex 只能选一个。', en: 'Choose --exact or --regex, not both.' },
  noRoom: { zh: '存不下了，请先删除一些关键词。', en: 'There is no room for it; remove some words first.' },
});
const SIGN: Readonly<Record<Comparison, string>> = { exact: '=', contains: '', regex: '~' };
/** Another worker's change, and the time after a partition has moved, are seen at the latest then. */
const FRESH_MS = 10 * SECOND;
const BOOKS_MAX = 1_000;
const SHOWN_MAX = 20;

/** Where answers are kept: of one group, or of all groups of the pool. */
interface Place {
  readonly name: string;
  readonly scope: SettingScope;
  readonly values: Values;
}

/** Answers that admins set from chat. Messages come here only where there are answers: `hear` is switched on by the first of them. */
@BotPlugin({ id: 'keyword', title: { zh: '关键词回复', en: 'Keyword answers' } })
export class KeywordPlugin {
  readonly #books = new Map<string, { readonly book: AnswerBook; readonly readAt: number }>();

  @Command('keyword add <word> <answer:text...> --exact|-e --regex|-r --pool|-p', {
    alias: '添加关键词',
    summary: { zh: '设置关键词回复', en: 'Sets what is answered to a word' },
    stop: true,
  })
  @Use(or(RoleAtLeast('admin'), Superuser))
  async add(
    c: MessageContext,
    {
      word,
      answer,
      exact,
      regex,
      pool,
    }: { word: string; answer: string; exact: boolean; regex: boolean; pool: boolean },
  ): Promise<string> {
    if (exact && regex) return c.text(SAY.twoWays);
    const by = exact ? 'exact' : regex ? 'regex' : 'contains';
    const added: StoredAnswer = { word: word.trim(), by, text: answer.trim() };
    return this.#change(c, pool, (answers) => {
      const others = answers.filter((other) => !isSameWord(other.word, added.word));
      const problem = answerProblem(added, others);
      if (problem) return { say: c.text(problem) };
      const say = c.text(others.length < answers.length ? SAY.replaced : SAY.added, { word: added.word });
      return { answers: [...others, added], say };
    });
  }

  @Command('keyword remove <word> --pool|-p', {
    alias: '删除关键词',
    summary: { zh: '删除关键词', en: 'Removes a word' },
    stop: true,
  })
  @Use(or(RoleAtLeast('admin'), Superuser))
  remove(c: MessageContext, { word, pool }: { word: string; pool: boolean }): Promise<string> {
    return this.#change(c, pool, (answers) => {
      const others = answers.filter((other) => !isSameWord(other.word, word));
      return others.length < answers.length
        ? { answers: others, say: c.text(SAY.removed, { word }) }
        : { say: c.text(SAY.unknown, { word }) };
    });
  }

  @Command('keyword list', {
    alias: '关键词列表',
    summary: { zh: '列出关键词', en: 'Lists the words' },
    cooldown: '5s/group',
    stop: true,
  })
  async list(c: MessageContext): Promise<string> {
    const [here, pool] = await Promise.all(placesOf(c).map(({ values }) => read(values)));
    const [own, shared] = groupOf(c.event) === undefined ? [[], here ?? []] : [here ?? [], pool ?? []];
    const lines = [
      ...(own.length > 0 ? [c.text(SAY.heading), ...own.map(shown)] : []),
      ...(shared.length > 0 ? [c.text(SAY.ofPool), ...shared.map(shown)] : []),
    ];
    return lines.length > 0 ? lines.join('\n') : c.text(SAY.none);
  }

  @On('message', { off: true, priority: -10 })
  async hear(c: MessageContext): Promise<MessageLike | undefined> {
    for (const place of placesOf(c)) {
      const answer = (await this.#book(place, c.now)).find(c.event.text);
      if (answer) return isCommand(c) ? undefined : filled(answer.text, wordsOf(c));
    }
    return undefined;
  }

  /** First switches `hear`, which also finds out whether the person may; then stores. */
  async #change(
    c: MessageContext,
    pool: boolean,
    change: (answers: readonly StoredAnswer[]) => { readonly answers?: readonly StoredAnswer[]; readonly say: string },
  ): Promise<string> {
    const places = placesOf(c);
    const place = (pool ? places.at(-1) : places[0]) ?? placeOfPool(c);
    const hear = (on: boolean | undefined) => c.settings.switch('keyword', on, { handler: 'hear', scope: place.scope });
    let say = '';
    try {
      await hear(true);
      const left = await place.values.update<readonly StoredAnswer[]>('answers', (answers = []) => {
        const changed = change(answers);
        say = changed.say;
        const kept = changed.answers ?? answers;
        return kept.length > 0 ? kept : undefined;
      });
      if (!left) await hear(undefined);
      return say;
    } catch (thrown) {
      if (thrown instanceof SettingRefused) return c.text(thrown.why);
      if (thrown instanceof RookeryError && thrown.code === 'STATE_REFUSED') return c.text(SAY.noRoom);
      throw thrown;
    } finally {
      this.#books.delete(place.name);
    }
  }

  async #book({ name, values }: Place, now: number): Promise<AnswerBook> {
    const known = this.#books.get(name);
    if (known && now - known.readAt < FRESH_MS) return known.book;
    const book = new AnswerBook(await read(values));
    this.#books.delete(name);
    const [oldest] = this.#books.keys();
    if (oldest !== undefined && this.#books.size >= BOOKS_MAX) this.#books.delete(oldest);
    this.#books.set(name, { book, readAt: now });
    return book;
  }
}

/** In the order in which they are looked at. */
function placesOf(c: MessageContext): readonly Place[] {
  const group = groupOf(c.event);
  const pool = placeOfPool(c);
  if (group === undefined) return [pool];
  return [{ name: c.event.conversation, scope: `group:${group}`, values: c.storage.conversation }, pool];
}

function placeOfPool({ event, storage }: MessageContext): Place {
  const name = `pool:${event.pool}` as const;
  return { name, scope: name, values: storage.pool };
}

async function read(values: Values): Promise<readonly StoredAnswer[]> {
  return (await values.get<readonly StoredAnswer[]>('answers')) ?? [];
}

function shown({ word, by, text }: StoredAnswer): string {
  const chars = Array.from(text.replaceAll('\n', ' '));
  const begin = chars.length > SHOWN_MAX ? `${chars.slice(0, SHOWN_MAX).join('')}…` : chars.join('');
  return `${SIGN[by]}${word} → ${begin}`;
}

function wordsOf({ event }: MessageContext) {
  const { userId, nickname, card } = event.sender;
  return { at: at(userId), user: userId, name: card || nickname || userId };
}

/** What begins like a command was meant for another handler. */
function isCommand({ event, commands }: MessageContext): boolean {
  const text = event.text.trimStart();
  return commands.some(({ usage }) => {
    const words = usage.replace(/ [<[-].*$/, '');
    return text === words || text.startsWith(`${words} `);
  });
}
