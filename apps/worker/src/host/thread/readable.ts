import { existsSync, realpathSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

/** Folders that packages are built into: what the code reads besides lies beside them. */
const BUILT = new Set(['dist', 'lib', 'build', 'out']);

/**
 * What a plugin in a process of its own may read: its folder (that of `index.js`, or the package around its `dist`; else its file alone),
 * our code, and packages. Not the folder of rookery.yaml, which holds tokens.
 */
export function readable(script: string, module: string): readonly string[] {
  const real = existsSync(module) ? realpathSync(module) : module;
  const root = packageRoot(script);
  const found = [
    join(root, 'dist'),
    join(root, 'package.json'),
    ...packagesAbove(script),
    ...[module, real].flatMap((path) => [codeOf(path), ...packagesAbove(path)]),
  ];
  return [...new Set(found)];
}

function codeOf(module: string): string {
  if (!basename(module).startsWith('index.')) return module;
  const folder = dirname(module);
  return BUILT.has(basename(folder)) ? dirname(folder) : folder;
}

function packagesAbove(path: string): readonly string[] {
  return above(path)
    .map((folder) => join(folder, 'node_modules'))
    .filter((folder) => existsSync(folder));
}

/** The script lies in its `dist`. */
function packageRoot(script: string): string {
  return (
    above(script).find((folder) => basename(folder) !== 'dist' && existsSync(join(folder, 'package.json'))) ??
    dirname(script)
  );
}

function above(path: string): readonly string[] {
  const folder = dirname(path);
  return folder === path ? [] : [folder, ...above(folder)];
}
