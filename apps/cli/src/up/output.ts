import picocolors from 'picocolors';
import type { Clock } from '@rookery/protocol';

type Level = 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal';
type Fields = Readonly<Record<string, unknown>>;
type Painter = (text: string) => string;
export type Colours = ReturnType<typeof picocolors.createColors>;

/** Where log lines of the children and our own words go. */
export interface Output {
  /** A line that a child printed. */
  line(app: string, text: string): void;
  say(level: Level, message: string, fields?: Fields): void;
  /** Several lines for people, once. */
  notice(lines: readonly string[]): void;
}

/** For files, pipes and log collectors: one JSON object per line, whoever speaks. */
export class JsonOutput implements Output {
  constructor(
    private readonly write: (text: string) => void,
    private readonly clock: Clock,
  ) {}

  line(app: string, text: string): void {
    const record = parseRecord(text);
    if (record === undefined) this.#print('error', app, text);
    else if (!isAnnounced(record)) this.write(`${text}\n`);
  }

  say(level: Level, message: string, fields: Fields = {}): void {
    this.#print(level, 'rookery', message, fields);
  }

  notice(lines: readonly string[]): void {
    this.#print('info', 'rookery', lines.find((line) => line !== '') ?? '', { notice: lines });
  }

  #print(level: Level, app: string, msg: string, fields: Fields = {}): void {
    this.write(`${JSON.stringify({ level, time: this.clock.now(), app, ...fields, msg })}\n`);
  }
}

const APP_WIDTH = 9;
const MAX_VALUE = 160;
/** What every record has and nobody reads on a terminal. */
const HIDDEN = new Set(['level', 'time', 'app', 'msg', 'stack', 'pid', 'hostname']);

/** For a terminal: `app │ message  field=value`, coloured where the terminal can. */
export class TerminalOutput implements Output {
  readonly #apps: Readonly<Record<string, Painter>>;

  constructor(
    private readonly write: (text: string) => void,
    private readonly colours: Colours,
  ) {
    const { blue, cyan, green, magenta } = colours;
    this.#apps = { connector: cyan, worker: green, console: blue, simulator: magenta };
  }

  line(app: string, text: string): void {
    const record = parseRecord(text);
    if (record === undefined) this.#print('error', app, text);
    else if (!isAnnounced(record)) {
      const { level, msg } = record;
      this.#print(isLevel(level) ? level : 'info', app, typeof msg === 'string' ? msg : '', record);
    }
  }

  say(level: Level, message: string, fields: Fields = {}): void {
    this.#print(level, 'rookery', message, fields);
  }

  notice(lines: readonly string[]): void {
    this.write(`\n${lines.join('\n')}\n\n`);
  }

  #print(level: Level, app: string, message: string, fields: Fields = {}): void {
    const { dim, bold } = this.colours;
    const prefix = `${(this.#apps[app] ?? bold)(app.padEnd(APP_WIDTH))} ${dim('│')} `;
    const shown = Object.entries(fields)
      .filter(([name]) => !HIDDEN.has(name))
      .map(([name, value]) => dim(`${name}=${printable(valueText(value)).slice(0, MAX_VALUE)}`));
    const [first = '', ...rest] = message.split('\n').map(printable);
    const stack = typeof fields['stack'] === 'string' ? fields['stack'].split('\n').map(printable) : [];
    this.write(`${prefix}${this.#mark(level, first)}${shown.map((text) => `  ${text}`).join('')}\n`);
    for (const line of [...rest, ...stack]) this.write(`${prefix}${line}\n`);
  }

  #mark(level: Level, text: string): string {
    const { bold, dim, red, yellow } = this.colours;
    switch (level) {
      case 'trace':
      case 'debug':
        return dim(text);
      case 'info':
        return text;
      case 'warn':
        return yellow(`! ${text}`);
      case 'error':
        return red(`✗ ${text}`);
      case 'fatal':
        return bold(red(`✗ ${text}`));
    }
  }
}

const LEVELS: readonly string[] = ['trace', 'debug', 'info', 'warn', 'error', 'fatal'] satisfies Level[];
const isLevel = (value: unknown): value is Level => typeof value === 'string' && LEVELS.includes(value);

/** Undefined for what is no log record: a warning of Node, a stack on stderr. */
function parseRecord(text: string): Fields | undefined {
  if (!text.startsWith('{')) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Fields) : undefined;
  } catch {
    return undefined; // printed as plain text
  }
}

/** A child that fails to start says so over IPC too, and we pass that on: one clear message instead of two. */
const isAnnounced = (record: Fields) => record['level'] === 'fatal' && typeof record['code'] === 'string';

function valueText(value: unknown): string {
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? '');
}

/** What people write on QQ must not steer the terminal. */
function printable(text: string): string {
  return text.replaceAll(/[\p{Cc}\u2028\u2029\u202A-\u202E\u2066-\u2069]/gu, (character) => {
    return `\\u${(character.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`;
  });
}
