import { createRequire } from 'node:module';
import { RookeryError } from '@rookery/protocol';
import type { PluginClass } from '../../../worker/src/testing';

/** The modules of this process by their files; every CommonJS module of Node is in it, whoever loaded it. */
const LOADED = createRequire(__filename).cache;

/**
 * The compiled files that export these plugins, in their order: workers load files, not classes. Throws PLUGIN_INVALID for a class that no
 * CommonJS module exports.
 */
export function modulesOf(plugins: readonly PluginClass[]): readonly string[] {
  return plugins.map((plugin) => {
    const found = Object.values(LOADED).find((module) => module !== undefined && isExporting(module.exports, plugin));
    if (found) return found.filename;
    throw new RookeryError(
      'PLUGIN_INVALID',
      `no CommonJS module exports ${plugin.name}, and a real fleet loads plugins from their files: export it from a module of its own, ` +
        "or name the compiled file: testFleet({ …, real: { modules: ['/…/dice.mjs'] } })",
    );
  });
}

function isExporting(exported: unknown, plugin: PluginClass): boolean {
  if (exported === plugin) return true;
  return typeof exported === 'object' && exported !== null && Object.values(exported).includes(plugin);
}
