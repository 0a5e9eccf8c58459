import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { z } from 'zod';
import { variable, type Environment } from '@rookery/config';
import { CommandFailure } from '../failure';
import { folderFiles, packageFiles, type NewPlugin, type PluginFiles } from './plugin-files';

export interface NewPluginOptions {
  /** As an npm package in the current folder, in place of the `plugins` folder. */
  readonly package?: boolean;
}

export interface NewPluginContext {
  readonly env: Environment;
  /** Absolute: where the person is. */
  readonly cwd: string;
  /** Absolute: the folder of our package.json. */
  readonly root: string;
  /** Writes our declarations when this is a clone that has none yet. */
  readonly makeTypes: () => Promise<void>;
}

/** As in `@BotPlugin`; the worker would refuse others. */
const ID = /^[a-z][a-z0-9-]{0,31}$/;
/** What a plugin imports of us. */
const KIT = 'rookery/plugin-kit';

const packageFile = z.object({
  version: z.string(),
  devDependencies: z.object({ typescript: z.string(), '@types/node': z.string() }),
});

/**
 * Writes a plugin with settings, test and pages in both languages. Returns what to do next. Throws CommandFailure when the
 * name cannot be one or is taken; nothing is written then.
 */
export async function newPlugin(
  id: string,
  options: NewPluginOptions,
  context: NewPluginContext,
): Promise<readonly string[]> {
  if (!ID.test(id)) {
    throw new CommandFailure(
      `"${id}" cannot name a plugin: lower-case letters, digits and dashes, a letter first, at most 32`,
    );
  }
  const { cwd, root } = context;
  const asPackage = options.package === true;
  const folder = asPackage ? join(cwd, `rookery-plugin-${id}`) : join(configFolder(context), 'plugins', id);
  if (existsSync(folder))
    throw new CommandFailure(`${folder} is there already; choose another name, or remove it first`);
  const plugin: NewPlugin = { id, needs: needs(root) };
  write(folder, asPackage ? packageFiles(plugin) : folderFiles(plugin));
  await context.makeTypes();
  const go = `cd ${relative(cwd, folder) || '.'}`;
  if (asPackage)
    return steps(
      folder,
      [go, 'npm install', 'npm test'],
      `list it in rookery.yaml: plugins: [{ module: rookery-plugin-${id} }]`,
    );
  return steps(
    folder,
    [...install(dirname(dirname(folder)), folder, context), go, 'npx tsc && node --test index.test.js'],
    'start Rookery again, or keep `rookery dev` running: it is loaded from there',
  );
}

/** What the folder of rookery.yaml lacks for TypeScript and tests; nothing in a clone of Rookery, which is one itself. */
function install(prefix: string, folder: string, { cwd, root }: NewPluginContext): readonly string[] {
  const { rookery, ...others } = needs(root);
  const wanted = { [KIT]: rookery.startsWith('file:') ? root : `rookery@${rookery}`, ...mapped(others) };
  const missing = Object.entries(wanted).flatMap(([name, spec]) => (isVisible(name, folder) ? [] : [spec]));
  if (missing.length === 0) return [];
  return [`npm install --save-dev --prefix ${relative(cwd, prefix) || '.'} ${missing.join(' ')}`];
}

function mapped(versions: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(versions).map(([name, version]) => [`${name}/package.json`, `${name}@${version}`]),
  );
}

function configFolder({ env, cwd }: NewPluginContext): string {
  return dirname(resolve(cwd, variable(env, 'ROOKERY_CONFIG') ?? 'rookery.yaml'));
}

/** A clone is linked to: it is not in the registry. */
function needs(root: string): NewPlugin['needs'] {
  const { version, devDependencies } = packageFile.parse(JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')));
  const isInstalled = root.split(sep).includes('node_modules');
  return { rookery: isInstalled ? `^${version}` : `file:${root}`, ...devDependencies };
}

function write(folder: string, files: PluginFiles): void {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text, { flag: 'wx' });
  }
}

function isVisible(name: string, folder: string): boolean {
  try {
    createRequire(join(folder, 'index.js')).resolve(name);
    return true;
  } catch {
    return false;
  }
}

function steps(folder: string, commands: readonly string[], then: string): readonly string[] {
  return [
    `made ${folder}`,
    '',
    'its tests pass: / 运行测试：',
    ...commands.map((line) => `  ${line}`),
    '',
    `then ${then}`,
  ];
}
