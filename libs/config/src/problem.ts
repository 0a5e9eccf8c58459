import { RookeryError } from '@rookery/protocol';

const MAX_SHOWN = 100;
const MAX_KEY = 80;

export type KeyPath = readonly (string | number)[];

/** One thing that is wrong with the settings. `text` never holds the value: it may be a token. */
export interface Problem {
  /** File or variable that holds the setting. */
  readonly place: string;
  /** 1-based; absent where no line can be named. */
  readonly line?: number | undefined;
  readonly path: KeyPath;
  readonly text: string;
  /** The last key is shown as `?`. */
  readonly isHidden?: boolean;
}

/** `accounts[0].token`: the form in which people write a place in a configuration. */
function formatPath(path: KeyPath): string {
  let text = '';
  for (const part of path) {
    if (typeof part === 'number') text += `[${part}]`;
    else text += text === '' ? keyText(part) : `.${keyText(part)}`;
  }
  return text;
}

/** A key that somebody wrote by mistake may be of any length and hold line breaks. */
function keyText(key: string): string {
  const line = key.replace(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, '?');
  return line.length > MAX_KEY ? `${line.slice(0, MAX_KEY)}…` : line;
}

function format({ place, line, path: keys, text, isHidden }: Problem): string {
  const path = isHidden === true ? [...keys.slice(0, -1), '?'] : keys;
  const where = line === undefined ? place : `${place}:${line}`;
  return `  ${where}  ${path.length === 0 ? '' : `${formatPath(path)}: `}${text}`;
}

/** All problems in one error, so that nobody has to start five times to mend five lines. */
export function configInvalid(problems: readonly Problem[]): RookeryError {
  const count = problems.length === 1 ? 'one problem' : `${problems.length} problems`;
  const shown = problems.slice(0, MAX_SHOWN).map(format);
  if (problems.length > MAX_SHOWN) shown.push(`  … and ${problems.length - MAX_SHOWN} more`);
  const lines = shown.join('\n');
  return new RookeryError(
    'CONFIG_INVALID',
    `the configuration has ${count}:\n${lines}\nEvery key is explained in rookery.example.yaml.`,
  );
}

/**
 * What a process exits with that cannot start: 78, EX_CONFIG of sysexits.h, when its settings are wrong, which starting it again does
 * not mend; 1 otherwise.
 */
export function exitCodeOf(error: unknown): number {
  return error instanceof RookeryError && error.code === 'CONFIG_INVALID' ? 78 : 1;
}
