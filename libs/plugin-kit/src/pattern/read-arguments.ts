import type { Segment } from '@rookery/protocol';
import type { Argument, ArgumentValue, OptionSpec, Pattern } from './pattern';
import { readSegment, readWord, type ReadValue, type ValueProblem } from './read-word';
import { TypedWords, type Typed } from './typed-words';

/** A value as a handler gets it. */
type Given = ArgumentValue | Segment;
/** Arguments and options by name; plain data. */
export type Arguments = Readonly<Record<string, Given | readonly Given[] | undefined>>;

/** Why what was typed does not fit the pattern. `given` is cut: it is shown to people. */
export type ArgumentProblem =
  | { readonly kind: 'missing'; readonly argument: Argument }
  | { readonly kind: 'unbalanced' }
  | { readonly kind: 'surplus'; readonly given: string }
  | { readonly kind: 'too_long'; readonly argument: Argument; readonly limit: number }
  | { readonly kind: 'unknown_option'; readonly given: string }
  | { readonly kind: 'value'; readonly argument: Argument; readonly given: string; readonly why: ValueProblem };

export type ReadArguments =
  | { readonly ok: true; readonly args: Arguments }
  | { readonly ok: false; readonly problem: ArgumentProblem };

/** Longest value of one word; only `text...` takes more. */
export const WORD_MAX = 1_000;
/** Most values of a `name:type...`. */
const MANY_MAX = 100;
const SHOWN_MAX = 20;

/**
 * Reads what follows a command by its pattern, in one pass over the text. A pattern without arguments and options takes whatever is
 * typed: its handler may read `args` of the context. Never throws.
 */
export function readArguments(pattern: Pattern, rest: readonly Segment[]): ReadArguments {
  if (pattern.arguments.length === 0 && pattern.options.length === 0) return { ok: true, args: {} };
  try {
    return { ok: true, args: new ArgumentReader(pattern, rest).read() };
  } catch (thrown) {
    if (thrown instanceof Unfit) return { ok: false, problem: thrown.problem };
    throw thrown;
  }
}

class Unfit extends Error {
  constructor(readonly problem: ArgumentProblem) {
    super(problem.kind);
  }
}

class ArgumentReader {
  readonly #words: TypedWords;
  readonly #args: Record<string, Given | readonly Given[] | undefined> = {};
  #optionsEnded: boolean;

  constructor(
    private readonly pattern: Pattern,
    rest: readonly Segment[],
  ) {
    this.#words = new TypedWords(rest);
    this.#optionsEnded = pattern.options.length === 0;
  }

  read(): Arguments {
    for (const { name, value } of this.pattern.options) this.#args[name] = value ? value.default : false;
    const lastRequired = this.pattern.arguments.findLastIndex(({ required }) => required);
    for (const [place, argument] of this.pattern.arguments.entries()) {
      this.#takeOptions();
      const isSkipped = place < lastRequired && !argument.required && !this.#fits(argument);
      this.#args[argument.name] = isSkipped ? argument.default : this.#argument(argument);
    }
    this.#takeOptions();
    const surplus = this.#words.next();
    if (surplus)
      throw new Unfit(
        surplus.kind === 'unbalanced' ? { kind: 'unbalanced' } : { kind: 'surplus', given: shown(surplus) },
      );
    return this.#args;
  }

  #argument(argument: Argument): Given | readonly Given[] | undefined {
    if (argument.type.kind === 'text') return this.#text(argument);
    if (argument.many) return this.#many(argument);
    const typed = this.#words.next();
    if (typed) return this.#value(argument, typed);
    if (argument.required) throw new Unfit({ kind: 'missing', argument });
    return argument.default;
  }

  /** What does not fit an argument that may be left out is for the needed one behind it. */
  #fits({ type }: Argument): boolean {
    const typed = this.#words.peek();
    if (typed?.kind === 'word') return typed.text.length <= WORD_MAX && readWord(type, typed.text).ok;
    return typed?.kind === 'segment' && readSegment(type, typed.segment).ok;
  }

  #text(argument: Argument): string {
    const text = this.#words.rest();
    if (argument.required && text.trim() === '') throw new Unfit({ kind: 'missing', argument });
    return text;
  }

  #many(argument: Argument): readonly Given[] {
    const values: Given[] = [];
    for (;;) {
      this.#takeOptions();
      const typed = this.#words.next();
      if (!typed) break;
      if (values.length === MANY_MAX) throw new Unfit({ kind: 'surplus', given: shown(typed) });
      values.push(this.#value(argument, typed));
    }
    if (argument.required && values.length === 0) throw new Unfit({ kind: 'missing', argument });
    return values;
  }

  #value(argument: Argument, typed: Typed): Given {
    if (typed.kind === 'unbalanced') throw new Unfit({ kind: 'unbalanced' });
    if (typed.kind === 'word' && typed.text.length > WORD_MAX) {
      throw new Unfit({ kind: 'too_long', argument, limit: WORD_MAX });
    }
    const { type } = argument;
    const read: ReadValue = typed.kind === 'word' ? readWord(type, typed.text) : readSegment(type, typed.segment);
    if (!read.ok) throw new Unfit({ kind: 'value', argument, given: shown(typed), why: read.problem });
    return read.value;
  }

  /** Options may stand anywhere before `--` and before a text that takes the rest. */
  #takeOptions(): void {
    while (!this.#optionsEnded) {
      const typed = this.#words.peek();
      if (typed?.kind !== 'word' || typed.quoted || !typed.text.startsWith('-')) return;
      if (typed.text === '--') {
        this.#words.next();
        this.#optionsEnded = true;
        return;
      }
      const [given, attached] = attachedValue(typed.text);
      const option = this.pattern.options.find(({ names }) => names.includes(given));
      // A single dash also begins negative numbers.
      if (!option && !given.startsWith('--')) return;
      if (!option) throw new Unfit({ kind: 'unknown_option', given: cut(given) });
      this.#words.next();
      this.#args[option.name] = this.#optionValue(option, attached);
    }
  }

  #optionValue({ value }: OptionSpec, attached: string | undefined): Given {
    if (!value) return true;
    const typed: Typed | undefined =
      attached === undefined ? this.#words.next() : { kind: 'word', text: attached, quoted: false };
    if (!typed) throw new Unfit({ kind: 'missing', argument: value });
    return this.#value(value, typed);
  }
}

/** `--times=3` */
function attachedValue(text: string): [string, string | undefined] {
  const at = text.startsWith('--') ? text.indexOf('=') : -1;
  return at === -1 ? [text, undefined] : [text.slice(0, at), text.slice(at + 1)];
}

function shown(typed: Typed): string {
  switch (typed.kind) {
    case 'word':
      return cut(typed.text);
    case 'segment':
      return `[${typed.segment.type}]`;
    case 'unbalanced':
      return '"';
  }
}

function cut(text: string): string {
  const chars = Array.from(text);
  return chars.length > SHOWN_MAX ? `${chars.slice(0, SHOWN_MAX).join('')}…` : text;
}
