import { assertNever, RookeryError } from '@rookery/protocol';
import type { DeadLetter, DeadLetterFilter, DeadLetters, Retries } from '@rookery/redis';
import { CommandFailure } from '../failure';

export interface DeadLetterContext {
  readonly letters: Pick<DeadLetters, 'list' | 'find' | 'drop' | 'count'>;
  readonly retries: Pick<Retries, 'put'>;
  readonly print: (text: string) => void;
}

/** Which letters a command is about: those named, or those that pass the filter. */
export interface Selection {
  readonly ids: readonly string[];
  readonly filter: DeadLetterFilter;
  readonly limit: number;
}

export interface ListOptions {
  readonly json?: boolean;
}

/** Replays begin this far apart: they share the workers and the accounts with what happens now. */
const PACE_MS = 100;

/** What can be done about dead letters. Each resolves with the exit code. */
export class DeadLetterCommands {
  constructor(private readonly context: DeadLetterContext) {}

  async list({ filter, limit }: Selection, { json }: ListOptions): Promise<number> {
    const { letters, print } = this.context;
    const found = await letters.list(filter, limit);
    if (json) print(`${JSON.stringify(found.map(summary))}\n`);
    else {
      for (const letter of found) print(`${line(letter)}\n`);
      print(`${found.length} of ${await letters.count()} dead letters / 死信\n`);
    }
    return 0;
  }

  async show(id: string): Promise<number> {
    this.context.print(`${JSON.stringify(await this.#letter(id), null, 2)}\n`);
    return 0;
  }

  /**
   * Hands them to the workers again, in order of age and paced. What an earlier attempt has sent, or may have sent, is not sent
   * again: the handler is given that outcome. The letter leaves only when the handling is stored elsewhere; one that another replay
   * has handed over meanwhile is passed over.
   */
  async replay(selection: Selection): Promise<number> {
    const { retries, letters, print } = this.context;
    let replayed = 0;
    for (const { error: _, at: __, ...failed } of [...(await this.#selected(selection))].reverse()) {
      if (!(await letters.find(failed.id))) continue;
      if (!(await retries.put(failed, replayed * PACE_MS))) {
        throw new CommandFailure(
          `${replayed} were handed over; there is no room for more now, try again later\n队列已满，请稍后再试。`,
        );
      }
      await letters.drop(failed.id);
      replayed += 1;
    }
    print(`${replayed} handed to the workers again / 已重新投递\n`);
    return replayed === 0 ? 1 : 0;
  }

  async drop(selection: Selection): Promise<number> {
    let dropped = 0;
    for (const { id } of await this.#selected(selection)) {
      if (await this.context.letters.drop(id)) dropped += 1;
    }
    this.context.print(`${dropped} dropped / 已删除\n`);
    return dropped === 0 ? 1 : 0;
  }

  /** Newest first. */
  async #selected({ ids, filter, limit }: Selection): Promise<readonly DeadLetter[]> {
    if (ids.length > 0) return Promise.all(ids.map((id) => this.#letter(id)));
    if (Object.keys(filter).length === 0) {
      throw new CommandFailure(
        'name the ids, or choose by --plugin, --code, --account or --since; --since 1970-01-01 means all\n' +
          '请给出 id，或用 --plugin、--code、--account、--since 选择。',
      );
    }
    return this.context.letters.list(filter, limit);
  }

  async #letter(id: string): Promise<DeadLetter> {
    const letter = await this.context.letters.find(id);
    if (letter) return letter;
    throw new RookeryError(
      'DEAD_LETTER_UNKNOWN',
      `there is no dead letter ${id}; see \`rookery dead-letters list\`\n没有这条死信。`,
    );
  }
}

function summary({ id, plugin, handler, event, attempts, error, at }: DeadLetter) {
  const { code, message } = error;
  return { id, plugin, handler, account: event.self, conversation: event.conversation, attempts, code, message, at };
}

function line(letter: DeadLetter): string {
  const { id, attempts, error, event } = letter;
  const at = new Date(letter.at).toISOString();
  return `${at}  ${id}  ${error.code}  ${attempts}×  ${event.conversation}  ${what(letter)}`;
}

/** A few words of what happened, without control characters. */
function what({ event }: DeadLetter): string {
  switch (event.type) {
    case 'message':
      return event.text.slice(0, 40).replaceAll(/\p{C}/gu, ' ');
    case 'notice':
    case 'request':
    case 'meta':
    case 'schedule':
    case 'unknown':
      return `${event.type} ${event.kind}`;
    default:
      return assertNever(event);
  }
}
