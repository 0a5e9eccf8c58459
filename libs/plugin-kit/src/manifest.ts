import { RookeryError } from '@rookery/protocol';
import { findDeclarations, type Declarations } from './declarations';
import { isEventSelector } from './event-selector';
import type { LocalText } from './local-text';

interface HandlerSpec {
  /** Name of the method. */
  readonly method: string;
  /** Milliseconds. */
  readonly deadlineMs?: number;
}

interface CommandSpec extends HandlerSpec {
  /** One word or several, as typed after the prefix. */
  readonly name: string;
  /** Name and parameters. */
  readonly pattern: string;
  readonly alias: readonly string[];
  readonly summary: LocalText;
}

interface ListenerSpec extends HandlerSpec {
  readonly selector: string;
}

/** All that is known of a plugin without running any of its code. */
export interface PluginManifest {
  readonly id: string;
  readonly title?: LocalText;
  readonly commands: readonly CommandSpec[];
  readonly listeners: readonly ListenerSpec[];
}

const PLUGIN_ID = /^[a-z][a-z0-9-]{0,31}$/;
/** Becomes part of action ids, together with an event id of up to 120 characters; they hold at most 200. */
const METHOD = /^[A-Za-z_][A-Za-z0-9_]{0,39}$/;
const NAME = /^[^\s<>[\]]+(?: [^\s<>[\]]+)*$/;
const PATTERN = /^([^\s<>[\]]+(?: [^\s<>[\]]+)*)(?: (?:<[^<>[\]]+>|\[[^<>[\]]+\]))*$/;
const NAME_MAX = 64;
/** `setTimeout` fires at once beyond it. */
const DEADLINE_MAX_MS = 2 ** 31 - 1;

/** Reads and checks what the decorators of a class declare. Throws PLUGIN_INVALID with all that is wrong. */
export function manifestOf(plugin: abstract new (...args: never[]) => object): PluginManifest {
  const declared = findDeclarations(plugin);
  if (!declared?.plugin) throw invalid(plugin.name, ['it has no @BotPlugin({ id }); add it above the class']);
  const { id, title } = declared.plugin;
  const problems = [...pluginProblems(declared), ...handlerProblems(declared, plugin.prototype as object)];
  if (problems.length > 0) throw invalid(plugin.name, problems);
  return {
    id,
    ...(title && { title }),
    commands: declared.commands.map(({ method, pattern, options }) => ({
      method,
      pattern,
      name: nameOf(pattern),
      alias: aliasesOf(options.alias),
      summary: options.summary,
      ...deadline(options),
    })),
    listeners: declared.listeners.map(({ method, selector, options }) => ({ method, selector, ...deadline(options) })),
  };
}

/** Throws PLUGIN_INVALID naming both sides wherever two plugins claim one id, or two handlers one command. */
export function checkManifests(manifests: readonly PluginManifest[]): void {
  const problems: string[] = [];
  const ids = new Set<string>();
  const owners = new Map<string, string>();
  for (const { id, commands } of manifests) {
    if (ids.has(id)) problems.push(`two plugins have the id "${id}"; give one of them another`);
    ids.add(id);
    for (const { name, alias, method } of commands) {
      for (const word of [name, ...alias]) {
        const owner = owners.get(word);
        const claim = `${id}.${method}`;
        if (owner) problems.push(`the command "${word}" is declared by ${owner} and by ${claim}; rename one of them`);
        owners.set(word, claim);
      }
    }
  }
  if (problems.length > 0) throw new RookeryError('PLUGIN_INVALID', problems.join('\n'));
}

function pluginProblems({ plugin, commands, listeners }: Declarations): string[] {
  const problems: string[] = [];
  if (!PLUGIN_ID.test(plugin?.id ?? '')) {
    problems.push(`its id ${JSON.stringify(plugin?.id)} must be 1 to 32 lower-case letters, digits or dashes`);
  }
  if (commands.length + listeners.length === 0) {
    problems.push('it has no handler; put @Command or @On above one of its methods');
  }
  return problems;
}

function handlerProblems({ commands, listeners }: Declarations, prototype: object): string[] {
  const problems: string[] = [];
  for (const { method, options } of [...commands, ...listeners]) {
    const { deadlineMs } = options;
    if (!METHOD.test(method)) {
      problems.push(`method ${method}: its name must have at most 40 letters, digits or underscores`);
    }
    if (typeof (prototype as Record<string, unknown>)[method] !== 'function') {
      problems.push(`${method} is no method of its instances`);
    }
    if (deadlineMs !== undefined && !(deadlineMs > 0 && deadlineMs <= DEADLINE_MAX_MS)) {
      problems.push(`method ${method}: deadlineMs is ${deadlineMs}; it must be between 1 and ${DEADLINE_MAX_MS}`);
    }
  }
  for (const { method, pattern, options } of commands) {
    if (!PATTERN.test(pattern) || nameOf(pattern).length > NAME_MAX) {
      problems.push(`method ${method}: "${pattern}" must look like "name", "name <needed> [optional]"`);
    }
    for (const alias of aliasesOf(options.alias)) {
      if (!NAME.test(alias) || alias.length > NAME_MAX) {
        problems.push(`method ${method}: the alias "${alias}" must be one word or words with single blanks`);
      }
    }
  }
  for (const { method, selector } of listeners) {
    if (!isEventSelector(selector)) {
      problems.push(
        `method ${method}: there are no events "${selector}"; write a type like "message" or "notice.friend_add"`,
      );
    }
  }
  return problems;
}

function invalid(name: string, problems: readonly string[]): RookeryError {
  return new RookeryError('PLUGIN_INVALID', problems.map((problem) => `plugin class ${name}: ${problem}`).join('\n'));
}

function nameOf(pattern: string): string {
  return PATTERN.exec(pattern)?.[1] ?? '';
}

function aliasesOf(alias: string | readonly string[] | undefined): readonly string[] {
  if (alias === undefined) return [];
  return typeof alias === 'string' ? [alias] : alias;
}

function deadline({ deadlineMs }: { readonly deadlineMs?: number }): { readonly deadlineMs?: number } {
  return deadlineMs === undefined ? {} : { deadlineMs };
}
