import { editDistance, isText, MATCHED_TEXT_MAX, type MessageEvent, type Segment } from '@rookery/protocol';

/** Something that can be called by typing. */
export interface Named<Route> {
  readonly name: string;
  readonly route: Route;
}

export interface CommandMatch<Route> {
  readonly route: Route;
  /** The prefix that was typed. */
  readonly prefix: string;
  /** What follows the command and the one white-space character that ends it. */
  readonly rest: readonly Segment[];
}

/** Commands that may have been meant. `group`: what was typed is the first word of all of them. */
export interface NearMiss<Route> {
  readonly prefix: string;
  readonly typed: string;
  readonly kind: 'misspelt' | 'group';
  readonly commands: readonly Named<Route>[];
}

/** Words of other things that begin with a slash (paths, fractions, faces) are no commands that somebody misspelt. */
const TYPED_NAME = /^[\p{L}\p{N}_-]{2,32}$/u;

/**
 * Finds the command that a message calls: prefix, name, then white space, a segment that is no text, or the end. The first
 * word is looked up in a map, so a message that calls nothing costs one look-up per prefix that it begins with.
 */
export class CommandTable<Route> {
  readonly #byFirstWord = new Map<string, Named<Route>[]>();
  readonly #prefixes: readonly string[];
  #longestWord = 0;

  /** `fleet` holds the numbers of all our accounts: a message may mention any of them before the command. */
  constructor(
    private readonly commands: readonly Named<Route>[],
    prefixes: readonly string[],
    private readonly fleet: ReadonlySet<string>,
  ) {
    this.#prefixes = [...new Set(prefixes)].sort((a, b) => b.length - a.length);
    for (const command of [...commands].sort((a, b) => b.name.length - a.name.length)) {
      const word = command.name.split(' ', 1)[0] ?? command.name;
      const entries = this.#byFirstWord.get(word);
      if (entries) entries.push(command);
      else this.#byFirstWord.set(word, [command]);
      this.#longestWord = Math.max(this.#longestWord, word.length);
    }
  }

  /** False only where both {@link match} and {@link nearMiss} find nothing: for most texts, which begin with no prefix. */
  mayBeCalled(text: string): boolean {
    // The text of a message is cut somewhere there, and where the command is may be behind that.
    if (text.length >= MATCHED_TEXT_MAX - 1) return true;
    const begun = text.trimStart();
    for (const prefix of this.#prefixes) if (begun.startsWith(prefix)) return true;
    return false;
  }

  match({ segments }: MessageEvent): CommandMatch<Route> | undefined {
    const index = this.#beginning(segments);
    const segment = segments[index];
    if (!segment || !isText(segment)) return undefined;
    const text = segment.data.text.trimStart();
    for (const prefix of this.#prefixes) {
      if (!text.startsWith(prefix)) continue;
      const found = this.#find(text.slice(prefix.length));
      if (!found) continue;
      const args = text.slice(prefix.length + found.name.length + 1);
      const others = segments.slice(index + 1);
      const rest: readonly Segment[] = args === '' ? others : [{ type: 'text', data: { text: args } }, ...others];
      return { route: found.route, prefix, rest };
    }
    return undefined;
  }

  /**
   * What a message may have meant that calls nothing but begins with a prefix: the sub-commands of its first word, or the
   * commands whose name is nearly what was typed. Where no prefix is needed, nothing is a near miss.
   */
  nearMiss({ segments }: MessageEvent): NearMiss<Route> | undefined {
    const segment = segments[this.#beginning(segments)];
    if (!segment || !isText(segment)) return undefined;
    const text = segment.data.text.trimStart();
    const prefix = this.#prefixes.find((known) => known !== '' && text.startsWith(known));
    if (prefix === undefined) return undefined;
    const [typed = ''] = text.slice(prefix.length, prefix.length + 33).split(/\s/, 1);
    if (!TYPED_NAME.test(typed)) return undefined;
    const group = this.#byFirstWord.get(typed);
    if (group) return { prefix, typed, kind: 'group', commands: group };
    const commands = this.commands.filter(({ name }) => isNear(name, typed));
    return commands.length === 0 ? undefined : { prefix, typed, kind: 'misspelt', commands };
  }

  #find(body: string): Named<Route> | undefined {
    const [word = ''] = body.slice(0, this.#longestWord + 1).split(/\s/, 1);
    const entries = this.#byFirstWord.get(word);
    return entries?.find(({ name }) => body.startsWith(name) && /^\s?$/.test(body.charAt(name.length)));
  }

  #beginning(segments: readonly Segment[]): number {
    return segments.findIndex((segment) => !this.#isLeading(segment));
  }

  /** QQ puts the quotation first, and with it a mention of the quoted person, each followed by a blank. */
  #isLeading(segment: Segment): boolean {
    if (segment.type === 'reply') return true;
    if (segment.type === 'at') return this.fleet.has(String(segment.data['qq']));
    return isText(segment) && segment.data.text.trim() === '';
  }
}

/** One slip of the finger in a short name, two in a long one; names of one character are like everything. */
function isNear(name: string, typed: string): boolean {
  const allowed = name.length >= 6 ? 2 : 1;
  if (name.length < 2 || Math.abs(name.length - typed.length) > allowed) return false;
  // Two Latin letters of which one is wrong are another word.
  if (name.length < 3 && /^[\x20-\x7e]*$/.test(name)) return false;
  return editDistance(name.toLowerCase(), typed.toLowerCase()) <= allowed;
}
