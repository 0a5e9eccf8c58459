import { RookeryError, type PluginNeed } from '@rookery/protocol';
import { z } from 'zod';
import { parseCooldown, type Cooldown } from './cooldown';
import { findDeclarations, type Declarations, type HandlerOptions, type MessageOptions } from './declarations';
import { declarationProblems } from './declaration-problems';
import { and, type Guard } from './guard';
import type { LocalText } from './local-text';
import { parsePattern } from './pattern/parse-pattern';
import { usageOf, type Pattern } from './pattern/pattern';

/** What all handlers of a plugin have in common. */
export interface HandlerSpec {
  /** Name of the method. */
  readonly method: string;
  /** Milliseconds. */
  readonly deadlineMs?: number;
  readonly priority?: number;
  readonly stop?: true;
  /** Only where it is switched on. */
  readonly off?: true;
  readonly guard?: Guard;
}

interface MessageSpec extends HandlerSpec {
  readonly cooldown?: Cooldown;
}

export interface CommandSpec extends MessageSpec {
  /** One word or several, as typed after the prefix. */
  readonly name: string;
  /** Name, arguments and options as people read them. */
  readonly usage: string;
  readonly pattern: Pattern;
  readonly alias: readonly string[];
  readonly summary: LocalText;
}

export interface KeywordSpec extends MessageSpec {
  readonly words: readonly string[];
}

export interface RegexSpec extends MessageSpec {
  readonly source: string;
  readonly ignoreCase?: true;
}

export interface ListenerSpec extends HandlerSpec {
  readonly selector: string;
}

export interface ScheduleSpec extends HandlerSpec {
  readonly cron: string;
  /** IANA name. */
  readonly tz: string;
  readonly sender: string;
}

/** All that is known of a plugin without running any of its code; plain data. */
export interface PluginManifest {
  readonly id: string;
  readonly title?: LocalText;
  readonly commands: readonly CommandSpec[];
  readonly keywords: readonly KeywordSpec[];
  readonly regexes: readonly RegexSpec[];
  readonly listeners: readonly ListenerSpec[];
  readonly schedules: readonly ScheduleSpec[];
  /** What it does besides reading and sending. */
  readonly needs?: readonly PluginNeed[];
  /** JSON Schema of its settings. */
  readonly config?: Readonly<Record<string, unknown>>;
}

interface Claims {
  readonly id: string;
  readonly commands: readonly Pick<CommandSpec, 'name' | 'alias' | 'method'>[];
}

/** Reads and checks what the decorators of a class declare. Throws PLUGIN_INVALID with all that is wrong. */
export function manifestOf(plugin: abstract new (...args: never[]) => object): PluginManifest {
  const declared = findDeclarations(plugin);
  if (!declared?.plugin) throw invalid(plugin.name, ['it has no @BotPlugin({ id }); add it above the class']);
  const problems = declarationProblems(declared, plugin.prototype as object);
  if (problems.length > 0) throw invalid(plugin.name, problems);
  const { id, title, config, needs } = declared.plugin;
  const spec = (method: string, options: HandlerOptions & MessageOptions) => handlerSpec(declared, method, options);
  return {
    id,
    ...(title && { title }),
    commands: declared.commands.map(({ method, pattern: text, options }) => {
      const pattern = patternOf(text);
      const { summary, alias } = options;
      return {
        ...spec(method, options),
        name: pattern.name,
        usage: usageOf(pattern),
        pattern,
        alias: aliasesOf(alias),
        summary,
      };
    }),
    keywords: declared.keywords.map(({ method, words, options }) => ({ ...spec(method, options), words })),
    regexes: declared.regexes.map(({ method, source, options }) => ({
      ...spec(method, options),
      source,
      ...(options.ignoreCase && { ignoreCase: true as const }),
    })),
    listeners: declared.listeners.map(({ method, selector, options }) => ({ ...spec(method, options), selector })),
    schedules: declared.schedules.map(({ method, cron, options }) => ({
      ...spec(method, options.deadlineMs === undefined ? {} : { deadlineMs: options.deadlineMs }),
      cron,
      tz: options.tz ?? 'UTC',
      sender: options.sender,
    })),
    ...(needs && needs.length > 0 && { needs }),
    ...(config && { config: jsonSchemaOf(config) }),
  };
}

/** Throws PLUGIN_INVALID naming both sides wherever two plugins claim one id, or two handlers one command. */
export function checkManifests(manifests: readonly Claims[]): void {
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

function handlerSpec(declared: Declarations, method: string, options: HandlerOptions & MessageOptions) {
  const guard = guardOf(declared, method);
  const cooldown = options.cooldown === undefined ? undefined : parseCooldown(options.cooldown);
  return {
    method,
    ...(options.deadlineMs !== undefined && { deadlineMs: options.deadlineMs }),
    ...(options.priority !== undefined && { priority: options.priority }),
    ...(options.stop && { stop: true as const }),
    ...(options.off && { off: true as const }),
    ...(guard && { guard }),
    ...(cooldown && { cooldown }),
  };
}

/** Those of the class and those of the method; decorators run from the bottom up. */
function guardOf(declared: Declarations, method: string): Guard | undefined {
  const guards = declared.guards.filter((use) => use.method === undefined || use.method === method);
  const all = [...guards].reverse().flatMap((use) => use.guards);
  return all.length > 1 ? and(...all) : all[0];
}

function patternOf(text: string): Pattern {
  const parsed = parsePattern(text);
  if (!parsed.ok) throw new RookeryError('INTERNAL', `the pattern "${text}" passed the checks and is none`);
  return parsed.pattern;
}

/** What JSON Schema cannot say (refinements, transforms) is left out of it; the plugin's own schema has the last word. */
function jsonSchemaOf(schema: z.ZodType): Readonly<Record<string, unknown>> {
  return z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' });
}

function invalid(name: string, problems: readonly string[]): RookeryError {
  return new RookeryError('PLUGIN_INVALID', problems.map((problem) => `plugin class ${name}: ${problem}`).join('\n'));
}

function aliasesOf(alias: string | readonly string[] | undefined): readonly string[] {
  if (alias === undefined) return [];
  return typeof alias === 'string' ? [alias] : alias;
}
