import { existsSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';

/** Where a plugin's code is, and what rookery.yaml says about its configuration. */
export interface ListedPlugin {
  /** In the file: a path relative to it, or the name of an npm package. */
  readonly module: string;
  readonly config: Readonly<Record<string, unknown>>;
  /** What it runs in. Plugins that are not listed have threads. */
  readonly isolation: 'thread' | 'process';
}

const SCRIPT = /^[^.].*\.(?:js|cjs|mjs)$/;
const TEST = /\.(?:spec|test)\.[cm]?js$/;

/**
 * The plugins of a configuration: those that the file lists, then what lies in the `plugins` folder beside it, sorted by name and
 * without what is listed already. What cannot be found stays as it is: the worker reports it with the others that do not load.
 */
export function pluginSources(folder: string, listed: readonly ListedPlugin[]): readonly ListedPlugin[] {
  const named = listed.map((plugin) => ({ ...plugin, module: pathOf(folder, plugin.module) }));
  const known = new Set(named.map(({ module }) => module));
  const lying = inFolder(join(folder, 'plugins')).filter((module) => !known.has(module));
  return [...named, ...lying.map((module) => ({ module, config: {}, isolation: 'thread' as const }))];
}

function pathOf(folder: string, module: string): string {
  const path = resolve(folder, module);
  if (module.startsWith('.') || existsSync(path)) return path;
  try {
    return createRequire(join(resolve(folder), 'rookery.yaml')).resolve(module);
  } catch {
    return path;
  }
}

/** Scripts, and folders with an index.js. Tests and hidden files are none. */
function inFolder(folder: string): readonly string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true })
    .flatMap((entry) => {
      const path = join(folder, entry.name);
      if (!entry.isDirectory()) return SCRIPT.test(entry.name) && !TEST.test(entry.name) ? [path] : [];
      const index = join(path, 'index.js');
      return existsSync(index) ? [index] : [];
    })
    .sort();
}
