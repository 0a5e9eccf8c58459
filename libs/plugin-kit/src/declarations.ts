import type { PluginNeed } from '@rookery/protocol';
import type { z } from 'zod';
import type { CooldownText } from './cooldown';
import type { Guard } from './guard';
import type { LocalText } from './local-text';

export interface PluginOptions {
  /** Its name in metrics, logs, settings and action ids: lower-case letters, digits and dashes. */
  readonly id: string;
  readonly title?: LocalText;
  /** What its settings must look like; `config(schema)` of a context gives those that hold where the event happened. */
  readonly config?: z.ZodType;
  /**
   * What it does besides reading and sending: `moderate` (kick, mute, recall, files and names of groups …), `account` (friends, profile,
   * leaving groups), or single actions by name. `mention-all` and `dangerous` (credentials, restarts, files of NapCat's machine, and what the
   * table of actions does not know) hold only where the operator grants them in `permissions` of rookery.yaml.
   */
  readonly needs?: readonly PluginNeed[];
}

export interface HandlerOptions {
  /** After so many milliseconds the handler has failed and its conversation goes on. 30 s unless the worker says otherwise. */
  readonly deadlineMs?: number;
  /** Higher goes first; default 0. Among equals: commands, then keywords and regular expressions, then listeners. */
  readonly priority?: number;
  /** Where this handler is called, those after it are not. */
  readonly stop?: boolean;
  /** Runs only where somebody has switched it on: an operator, an admin, or the plugin itself on their behalf. Costs nothing elsewhere. */
  readonly off?: boolean;
}

export interface MessageOptions extends HandlerOptions {
  readonly cooldown?: CooldownText;
}

export interface CommandOptions extends MessageOptions {
  readonly alias?: string | readonly string[];
  /** One line for help. */
  readonly summary: LocalText;
}

export interface RegexOptions extends MessageOptions {
  /** Upper and lower case are one. */
  readonly ignoreCase?: boolean;
}

export interface EveryOptions extends Pick<HandlerOptions, 'deadlineMs'> {
  /** IANA name, like `Asia/Shanghai`; the default is UTC. */
  readonly tz?: string;
  /** Whose context the handler gets: `account:10001`, or `pool:news` for an account of that pool that is online. */
  readonly sender: `pool:${string}` | `account:${string}`;
}

/** Where a parameter of a handler comes from. */
export type ParameterSource =
  | { readonly kind: 'arg' | 'option'; readonly name: string }
  | { readonly kind: 'context' | 'match' };

/** What the decorators wrote down about a class, not yet checked: a mistake must not break the import of the file. */
export interface Declarations {
  plugin?: PluginOptions;
  readonly commands: { readonly method: string; readonly pattern: string; readonly options: CommandOptions }[];
  readonly keywords: { readonly method: string; readonly words: readonly string[]; readonly options: MessageOptions }[];
  readonly regexes: { readonly method: string; readonly source: string; readonly options: RegexOptions }[];
  readonly listeners: { readonly method: string; readonly selector: string; readonly options: HandlerOptions }[];
  readonly schedules: { readonly method: string; readonly cron: string; readonly options: EveryOptions }[];
  /** Without a method: of every handler of the class. */
  readonly guards: { readonly method?: string; readonly guards: readonly Guard[] }[];
  readonly middleware: string[];
  readonly parameters: { readonly method: string; readonly index: number; readonly source: ParameterSource }[];
}

/** Kept on the class under a registered symbol, so that it is found when two copies of this library are loaded. */
const KEY = Symbol.for('rookery.plugin');

/** Those of the class itself: a subclass does not inherit the handlers of its parent. */
export function declarationsOf(plugin: object): Declarations {
  const known = findDeclarations(plugin);
  if (known) return known;
  const declarations = noDeclarations();
  Object.defineProperty(plugin, KEY, { value: declarations });
  return declarations;
}

/** The schema of a plugin's configuration, if it has one. */
export function configSchemaOf(plugin: object): z.ZodType | undefined {
  return findDeclarations(plugin)?.plugin?.config;
}

/** Kinds of declarations that another version of this library does not know are none. */
export function findDeclarations(plugin: object): Declarations | undefined {
  const found = Object.getOwnPropertyDescriptor(plugin, KEY)?.value as Partial<Declarations> | undefined;
  if (found && !KINDS.every((kind) => kind in found)) Object.assign(found, { ...noDeclarations(), ...found });
  return found as Declarations | undefined;
}

function noDeclarations(): Declarations {
  return {
    commands: [],
    keywords: [],
    regexes: [],
    listeners: [],
    schedules: [],
    guards: [],
    middleware: [],
    parameters: [],
  };
}

const KINDS = Object.keys(noDeclarations());
