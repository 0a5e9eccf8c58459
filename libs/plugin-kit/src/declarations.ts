import type { LocalText } from './local-text';

export interface HandlerOptions {
  /** After so many milliseconds the handler has failed and its conversation goes on. 30 s unless the worker says otherwise. */
  readonly deadlineMs?: number;
}

export interface CommandOptions extends HandlerOptions {
  readonly alias?: string | readonly string[];
  /** One line for help. */
  readonly summary: LocalText;
}

/** What the decorators wrote down about a class, not yet checked: a mistake must not break the import of the file. */
export interface Declarations {
  plugin?: { readonly id: string; readonly title?: LocalText };
  readonly commands: { readonly method: string; readonly pattern: string; readonly options: CommandOptions }[];
  readonly listeners: { readonly method: string; readonly selector: string; readonly options: HandlerOptions }[];
}

/** Kept on the class under a registered symbol, so that it is found when two copies of this library are loaded. */
const KEY = Symbol.for('rookery.plugin');

/** Those of the class itself: a subclass does not inherit the handlers of its parent. */
export function declarationsOf(plugin: object): Declarations {
  const known = findDeclarations(plugin);
  if (known) return known;
  const declarations: Declarations = { commands: [], listeners: [] };
  Object.defineProperty(plugin, KEY, { value: declarations });
  return declarations;
}

export function findDeclarations(plugin: object): Declarations | undefined {
  return Object.getOwnPropertyDescriptor(plugin, KEY)?.value as Declarations | undefined;
}
