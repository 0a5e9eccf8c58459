import { configSchemaOf, manifestOf, PluginConfig, type PluginManifest } from '@rookery/plugin-kit';
import { RookeryError, toError } from '@rookery/protocol';
import type { PluginSource } from './plugin-host';

export interface LoadedPlugin {
  readonly plugin: object;
  readonly manifest: PluginManifest;
  readonly config: PluginConfig;
}

type PluginClass = new (config?: unknown) => object;

/** What decorators leave on a class; a registered symbol, so that it is found whichever copy of the plugin kit wrote it. */
const DECLARED = Symbol.for('rookery.plugin');

/**
 * What a plugin declares, without an instance of it. Runs the module's code: only to be called for plugins of our own where
 * that is not a thread of the plugin. Throws PLUGIN_INVALID.
 */
export async function readManifest({ module, config }: PluginSource): Promise<PluginManifest> {
  const found = await importPlugin(module);
  const manifest = manifestOf(found);
  configOf(found, manifest.id, config, () => undefined);
  return manifest;
}

/** Runs the module's code: only to be called where a plugin may do what it likes. Throws PLUGIN_INVALID. */
export async function loadPlugin(
  { module, config: base }: PluginSource,
  onUnfit: (message: string) => void,
): Promise<LoadedPlugin> {
  const found = await importPlugin(module);
  const manifest = manifestOf(found);
  const config = configOf(found, manifest.id, base, onUnfit);
  try {
    return { plugin: new found(config.base), manifest, config };
  } catch (thrown) {
    throw new RookeryError(
      'PLUGIN_INVALID',
      `the constructor of plugin ${manifest.id} threw: ${toError(thrown).message}`,
      {
        cause: thrown,
      },
    );
  }
}

async function importPlugin(module: string): Promise<PluginClass> {
  let exported: Record<string, unknown>;
  try {
    exported = (await import(module)) as Record<string, unknown>;
  } catch (thrown) {
    throw new RookeryError('PLUGIN_INVALID', `${module} cannot be loaded: ${toError(thrown).message}`, {
      cause: thrown,
    });
  }
  const classes = new Set(Object.values(exported).filter(isPluginClass));
  const [found, ...others] = classes;
  if (!found || others.length > 0) {
    throw new RookeryError(
      'PLUGIN_INVALID',
      `${module} exports ${classes.size} classes with @BotPlugin; it must be one`,
    );
  }
  return found;
}

/** Throws PLUGIN_INVALID. */
export function configOf(plugin: object, id: string, base: unknown, onUnfit: (message: string) => void): PluginConfig {
  const values = (base ?? {}) as Readonly<Record<string, unknown>>;
  return new PluginConfig({ plugin: id, schema: configSchemaOf(plugin), base: values, onUnfit });
}

function isPluginClass(value: unknown): value is PluginClass {
  return typeof value === 'function' && Object.hasOwn(value, DECLARED);
}
