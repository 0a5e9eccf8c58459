import { isText, type MessageEvent, type Segment } from '@rookery/protocol';

/** Something that can be called by typing. */
export interface Named<Route> {
  readonly name: string;
  readonly route: Route;
}

export interface CommandMatch<Route> {
  readonly route: Route;
  /** What follows the command and the one white-space character that ends it. */
  readonly rest: readonly Segment[];
}

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
    commands: readonly Named<Route>[],
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

  match({ segments }: MessageEvent): CommandMatch<Route> | undefined {
    const index = segments.findIndex((segment) => !this.#isLeading(segment));
    const segment = segments[index];
    if (!segment || !isText(segment)) return undefined;
    const text = segment.data.text.trimStart();
    for (const prefix of this.#prefixes) {
      if (!text.startsWith(prefix)) continue;
      const found = this.#find(text.slice(prefix.length));
      if (!found) continue;
      const args = text.slice(prefix.length + found.name.length + 1);
      const others = segments.slice(index + 1);
      return { route: found.route, rest: args === '' ? others : [{ type: 'text', data: { text: args } }, ...others] };
    }
    return undefined;
  }

  #find(body: string): Named<Route> | undefined {
    const [word = ''] = body.slice(0, this.#longestWord + 1).split(/\s/, 1);
    const entries = this.#byFirstWord.get(word);
    return entries?.find(({ name }) => body.startsWith(name) && /^\s?$/.test(body.charAt(name.length)));
  }

  /** QQ puts the quotation first, and with it a mention of the quoted person, each followed by a blank. */
  #isLeading(segment: Segment): boolean {
    if (segment.type === 'reply') return true;
    if (segment.type === 'at') return this.fleet.has(String(segment.data['qq']));
    return isText(segment) && segment.data.text.trim() === '';
  }
}
