import { editDistance } from '@rookery/protocol';
import { VALUE_KINDS, type Argument, type OptionSpec, type Pattern, type ValueKind, type ValueType } from './pattern';
import { readWord } from './read-word';

const NAME_WORD = /^[^\s<>[\]-][^\s<>[\]]*$/;
const ARGUMENT_NAME = /^[\p{L}_][\p{L}\p{N}_-]{0,31}$/u;
const OPTION = /^(?:--[\p{L}][\p{L}\p{N}-]{0,31}|-[A-Za-z])$/u;
const BRACKET = /^(?:<([^<>[\]]+)>|\[([^<>[\]]+)\])$/;
const RANGE = /^([a-z]+)\(([^()]*)\.\.([^()]*)\)$/;
const RANGED: readonly string[] = ['int', 'number', 'duration'];

export type ParsedPattern =
  | { readonly ok: true; readonly pattern: Pattern }
  | { readonly ok: false; readonly problems: readonly string[] };

/**
 * Reads `roll [sides:int(2..1000)=6] <who:at> [note:text...] --secret|-s --times|-n <count:int=1>`. Words first, then
 * arguments, then options; an option that is followed by a bracket takes a value. All problems at once.
 */
export function parsePattern(text: string): ParsedPattern {
  const reader = new PatternReader(text);
  return reader.problems.length > 0 ? { ok: false, problems: reader.problems } : { ok: true, pattern: reader.pattern };
}

class PatternReader {
  readonly problems: string[] = [];
  readonly pattern: Pattern;
  readonly #names = new Set<string>();

  constructor(text: string) {
    const words = text.split(' ');
    const first = words.findIndex((word) => /^[<[-]/.test(word));
    const named = first === -1 ? words : words.slice(0, first);
    if (named.length === 0 || !named.every((word) => NAME_WORD.test(word))) {
      this.problems.push('it must look like "name", "name <needed> [optional]", with single blanks between');
    }
    const args: Argument[] = [];
    const options: OptionSpec[] = [];
    for (let at = named.length; at < words.length; at++) {
      const word = words[at] ?? '';
      if (word.startsWith('-')) {
        const value = BRACKET.test(words[at + 1] ?? '') ? this.#argument(words[++at] ?? '') : undefined;
        options.push(this.#option(word, value));
      } else if (options.length > 0)
        this.problems.push(`"${word}" stands after an option; arguments go before the options`);
      else {
        const argument = this.#argument(word);
        if (!argument) continue;
        this.#claim(argument.name);
        args.push(argument);
      }
    }
    this.#checkOrder(args);
    this.pattern = { name: named.join(' '), arguments: args, options };
  }

  #option(word: string, value: Argument | undefined): OptionSpec {
    const names = word.split('|');
    for (const name of names) {
      if (!OPTION.test(name)) this.problems.push(`the option "${name}" must look like --name or -n`);
    }
    if (value?.type.kind === 'text' || value?.many) this.problems.push(`the option "${word}" can take one value only`);
    const name = (names[0] ?? '').replace(/^--?/, '');
    this.#claim(name);
    return { name, names, ...(value && { value }) };
  }

  #argument(word: string): Argument | undefined {
    const [, needed, optional] = BRACKET.exec(word) ?? [];
    const body = needed ?? optional;
    if (body === undefined) {
      this.problems.push(
        `"${word}" must look like <name>, [name], <name:type> or [name:type=default], without blanks inside`,
      );
      return undefined;
    }
    const many = body.endsWith('...');
    const [declared, preset] = split(many ? body.slice(0, -3) : body, '=');
    const [name, typeText] = split(declared, ':');
    if (!ARGUMENT_NAME.test(name)) this.problems.push(`"${name}" in ${word} is no name: letters, digits, _ and -`);
    const type = this.#type(word, typeText ?? (many ? 'text' : 'string'));
    if (!type) return undefined;
    if (type.kind === 'text' && !many)
      this.problems.push(`${word}: text takes the rest of the message; write ${name}:text...`);
    if (many && preset !== undefined) this.problems.push(`${word}: what takes the rest cannot have a default`);
    const value = preset === undefined ? undefined : this.#preset(word, type, preset);
    const required = needed !== undefined && value === undefined;
    return { name, type, required, ...(many && { many }), ...(value !== undefined && { default: value }) };
  }

  #type(word: string, text: string): ValueType | undefined {
    if (text.includes('|')) {
      const choices = text.split('|');
      if (choices.includes('') || new Set(choices).size < choices.length) {
        this.problems.push(`${word}: the choices must differ, and none may be empty`);
      }
      return { kind: 'choice', choices };
    }
    const [, ranged = text, low, high] = RANGE.exec(text) ?? [];
    const kind = VALUE_KINDS.find((known) => known === ranged);
    if (kind === undefined) {
      this.problems.push(`${word}: there is no type "${ranged}"; ${hint(ranged)}`);
      return undefined;
    }
    if (low === undefined || high === undefined) return { kind };
    const min = this.#bound(word, kind, low);
    const max = this.#bound(word, kind, high);
    if (min !== undefined && max !== undefined && min > max)
      this.problems.push(`${word}: the range ${low}..${high} is empty`);
    return { kind, ...(min !== undefined && { min }), ...(max !== undefined && { max }) };
  }

  #bound(word: string, kind: ValueKind, text: string): number | undefined {
    if (text === '') return undefined;
    const read = RANGED.includes(kind) ? readWord({ kind }, text) : undefined;
    if (read?.ok && typeof read.value === 'number') return read.value;
    this.problems.push(`${word}: "${text}" cannot limit a value of type ${kind}; int, number and duration have ranges`);
    return undefined;
  }

  #preset(word: string, type: ValueType, text: string) {
    const read = readWord(type, text);
    if (read.ok && typeof read.value !== 'object') return read.value;
    this.problems.push(`${word}: the default "${text}" is no value of its own type`);
    return undefined;
  }

  /** Neither two arguments nor an argument and an option share a name: handlers see them side by side. */
  #claim(name: string): void {
    if (this.#names.has(name)) this.problems.push(`"${name}" is declared twice`);
    this.#names.add(name);
  }

  #checkOrder(args: readonly Argument[]): void {
    const lastRequired = args.findLastIndex(({ required }) => required);
    for (const [place, { name, type, required, many }] of args.entries()) {
      if (many && place < args.length - 1)
        this.problems.push(`"${name}..." takes the rest, so nothing can stand after it`);
      else if (place < lastRequired && !required && type.kind === 'string') {
        this.problems.push(`[${name}] would take what is typed for the needed argument after it; give it another type`);
      }
    }
  }
}

/** At the first separator. */
function split(text: string, by: string): [string, string | undefined] {
  const at = text.indexOf(by);
  return at === -1 ? [text, undefined] : [text.slice(0, at), text.slice(at + by.length)];
}

function hint(unknown: string): string {
  const near = VALUE_KINDS.find((kind) => editDistance(kind, unknown) <= 2);
  return near === undefined ? `known are ${VALUE_KINDS.join(', ')} and choices like on|off` : `did you mean ${near}?`;
}
