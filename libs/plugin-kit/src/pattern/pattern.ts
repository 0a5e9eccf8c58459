/** What a value is read as. `text` takes the rest of the message exactly as typed. */
export const VALUE_KINDS = [
  'int',
  'number',
  'string',
  'text',
  'bool',
  'at',
  'user',
  'group',
  'image',
  'duration',
] as const;
export type ValueKind = (typeof VALUE_KINDS)[number];

/** The type of one argument, as data: it crosses from a plugin's thread to the worker's main thread. */
export type ValueType =
  | { readonly kind: ValueKind; readonly min?: number; readonly max?: number }
  | { readonly kind: 'choice'; readonly choices: readonly string[] };

export interface Argument {
  readonly name: string;
  readonly type: ValueType;
  readonly required: boolean;
  /** Takes every value that is left. */
  readonly many?: true;
  readonly default?: ArgumentValue;
}

export interface OptionSpec {
  /** Known by this one: the first of its names, without dashes. */
  readonly name: string;
  /** As typed, dashes included. */
  readonly names: readonly string[];
  /** Absent: it is given or not. */
  readonly value?: Argument;
}

/** A command's pattern, read and checked. */
export interface Pattern {
  /** One word or several, as typed after the prefix. */
  readonly name: string;
  readonly arguments: readonly Argument[];
  readonly options: readonly OptionSpec[];
}

export type ArgumentValue = string | number | boolean;

/** What to type after the prefix, for people: names and defaults without types. */
export function usageOf({ name, arguments: args, options }: Pattern): string {
  return [name, ...args.map(argumentUsage), ...options.map(optionUsage)].join(' ');
}

function argumentUsage(argument: Argument): string {
  const { required } = argument;
  return required ? `<${inner(argument)}>` : `[${inner(argument)}]`;
}

function inner({ name, type, many, default: preset }: Argument): string {
  const shown = type.kind === 'choice' ? type.choices.join('|') : name;
  return `${shown}${many ? '...' : ''}${preset === undefined ? '' : `=${presetText(type, preset)}`}`;
}

function presetText(type: ValueType, preset: ArgumentValue): string {
  return type.kind === 'duration' ? durationText(Number(preset)) : String(preset);
}

function optionUsage({ names, value }: OptionSpec): string {
  const shown = names.join('|');
  return value === undefined ? `[${shown}]` : `[${shown} <${inner(value)}>]`;
}

const UNITS = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1_000],
] as const;

/** `90000` → `1m30s`, as it can be typed. */
export function durationText(ms: number): string {
  let rest = Math.max(0, Math.round(ms / 1_000)) * 1_000;
  let text = '';
  for (const [unit, size] of UNITS) {
    const count = Math.floor(rest / size);
    if (count > 0) text += `${count}${unit}`;
    rest -= count * size;
  }
  return text === '' ? '0s' : text;
}
