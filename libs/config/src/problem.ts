import { RookeryError } from '@rookery/protocol';

export type KeyPath = readonly (string | number)[];

/** One thing that is wrong with the settings. `text` never holds the value: it may be a token. */
export interface Problem {
  /** File or variable that holds the setting. */
  readonly place: string;
  /** 1-based; absent where no line can be named. */
  readonly line?: number | undefined;
  readonly path: KeyPath;
  readonly text: string;
}

/** `accounts[0].token`: the form in which people write a place in a configuration. */
function formatPath(path: KeyPath): string {
  let text = '';
  for (const part of path) {
    if (typeof part === 'number') text += `[${part}]`;
    else text += text === '' ? part : `.${part}`;
  }
  return text;
}

function format({ place, line, path, text }: Problem): string {
  const where = line === undefined ? place : `${place}:${line}`;
  return `  ${where}  ${path.length === 0 ? '' : `${formatPath(path)}: `}${text}`;
}

/** All problems in one error, so that nobody has to start five times to mend five lines. */
export function configInvalid(problems: readonly Problem[]): RookeryError {
  const count = problems.length === 1 ? 'one problem' : `${problems.length} problems`;
  const lines = problems.map(format).join('\n');
  return new RookeryError(
    'CONFIG_INVALID',
    `the configuration has ${count}:\n${lines}\nEvery key is explained in rookery.example.yaml.`,
  );
}
