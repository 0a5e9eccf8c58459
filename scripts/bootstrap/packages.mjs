import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { BootstrapError, run, step } from './progress.mjs';

/**
 * True when node_modules holds what package-lock.json asks for. npm keeps its own list of what it unpacked, written when an
 * install is complete; optional packages of other systems are rightly missing from it.
 * @public for its tests, which run it as a module of its own.
 */
export function packagesAreCurrent(root) {
  const wanted = readPackages(join(root, 'package-lock.json'));
  const present = readPackages(join(root, 'node_modules/.package-lock.json'));
  if (wanted === undefined || present === undefined) return false;
  return Object.entries(wanted).every(([path, { version, optional, devOptional }]) => {
    if (path === '') return true;
    const found = present[path];
    return found === undefined ? optional === true || devOptional === true : found.version === version;
  });
}

function readPackages(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8')).packages;
  } catch {
    return undefined; // missing or torn: the install that follows says what is wrong, if anything is
  }
}

export async function installPackages(root) {
  if (packagesAreCurrent(root)) return;
  // NODE_ENV=production would leave out the compiler; npm_execpath is the very npm that runs us.
  const args = ['ci', '--include=dev', '--no-audit', '--no-fund', '--loglevel=error'];
  const npm = process.env.npm_execpath;
  const install = npm?.endsWith('.js') ? [process.execPath, [npm, ...args]] : ['npm', args];
  try {
    await step('Installing packages, about half a minute the first time', () =>
      run(...install, { cwd: root, shell: process.platform === 'win32' && !npm }),
    );
  } catch (error) {
    throw new BootstrapError(
      `${error.message}\nCheck the connection to the package registry, then run the command again.`,
    );
  }
}
