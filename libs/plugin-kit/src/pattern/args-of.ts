import type { GroupId, Segment, UserId } from '@rookery/protocol';

/**
 * The types of a command's arguments, read off its pattern by the compiler. `parse-pattern.ts` reads the same grammar at run
 * time; `args-of.spec.ts` holds the two together.
 */

/** What stands in for the type of an argument whose declaration makes no sense; nothing a handler wants is assignable from it. */
interface PatternError<Text extends string> {
  readonly patternError: Text;
}

interface Types {
  int: number;
  number: number;
  string: string;
  bool: boolean;
  at: UserId;
  user: UserId;
  group: GroupId;
  image: Segment;
  /** Milliseconds. */
  duration: number;
}

type Split<S extends string, By extends string> = S extends `${infer Head}${By}${infer Tail}`
  ? [Head, ...Split<Tail, By>]
  : [S];

type Value<T extends string> = T extends keyof Types
  ? Types[T]
  : T extends `${infer Kind}(${string})`
    ? Value<Kind>
    : T extends `${string}|${string}`
      ? Split<T, '|'>[number]
      : PatternError<`there is no type "${T}"`>;

/** One bracket without its brackets, as `[name, type]`. `Missing` is what the value is when nothing was given and there is no default. */
type Declared<Body extends string, Missing> = Body extends `${infer Name}...`
  ? Name extends `${infer N}:${infer T}`
    ? [N, T extends 'text' ? string : readonly Value<T>[]]
    : [Name, string]
  : Body extends `${infer Name}:${infer Rest}`
    ? Rest extends `${infer T}=${string}`
      ? [Name, Value<T>]
      : [Name, Value<Rest> | Missing]
    : Body extends `${infer Name}=${string}`
      ? [Name, string]
      : [Body, string | Missing];

/** `--times|-n` is known by its first name. */
type OptionName<Word extends string> = Word extends `${infer First}|${string}`
  ? OptionName<First>
  : Word extends `--${infer Long}`
    ? Long
    : Word extends `-${infer Short}`
      ? Short
      : never;

type Declarations<Words extends readonly string[]> = Words extends [
  infer Word extends string,
  ...infer Rest extends string[],
]
  ? Word extends `-${string}`
    ? Rest extends [infer Next extends string, ...infer After extends string[]]
      ? Next extends `<${infer Body}>` | `[${infer Body}]`
        ? [[OptionName<Word>, Declared<Body, undefined>[1]], ...Declarations<After>]
        : [[OptionName<Word>, boolean], ...Declarations<Rest>]
      : [[OptionName<Word>, boolean]]
    : Word extends `<${infer Body}>`
      ? [Declared<Body, never>, ...Declarations<Rest>]
      : Word extends `[${infer Body}]`
        ? [Declared<Body, undefined>, ...Declarations<Rest>]
        : Declarations<Rest>
  : [];

type DeclarationsOf<Pattern extends string> = Declarations<Split<Pattern, ' '>>;

type ValuesIn<D extends readonly unknown[]> = D extends [[string, infer V], ...infer Rest]
  ? [V, ...ValuesIn<Rest>]
  : [];

type NamesIn<D extends readonly unknown[]> = D extends [[infer N extends string, unknown], ...infer Rest]
  ? N | NamesIn<Rest>
  : never;

/** The arguments and options of a pattern by name: `{ readonly sides: number }` for `roll [sides:int=6]`. */
export type ArgsOf<Pattern extends string> = string extends Pattern
  ? Readonly<Record<string, unknown>>
  : { readonly [Entry in DeclarationsOf<Pattern>[number] as Entry[0]]: Entry[1] };

/** The same in the order of the pattern, options after arguments. */
export type ValuesOf<Pattern extends string> = ValuesIn<DeclarationsOf<Pattern>>;

/** The names of a pattern's arguments and options. */
export type ArgNames<Pattern extends string> = string extends Pattern ? string : NamesIn<DeclarationsOf<Pattern>>;
