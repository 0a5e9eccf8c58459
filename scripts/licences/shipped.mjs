// What of package-lock.json an installation without development tools contains, and what is wrong with it.
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** Licences that allow use, change and distribution without more than naming the author. */
export const ALLOWED = ['0BSD', 'Apache-2.0', 'BlueOak-1.0.0', 'BSD-2-Clause', 'BSD-3-Clause', 'ISC', 'MIT', 'MIT-0'];

/** Packages of which two majors ship, and why. */
export const TWO_MAJORS = {
  'media-typer': 'multer, which Nest’s Express adapter brings along, uses that of Express 4',
  'mime-types': 'as media-typer',
  'type-is': 'as media-typer',
};

/** Every package that ships, by name and version: `{ name, version, licence, kB, script, platform, optional }`. */
export function shipped(root) {
  const { packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'));
  return Object.entries(packages)
    .filter(([path, { dev }]) => path !== '' && dev !== true)
    .map(([path, entry]) => {
      const platform = entry.os !== undefined || entry.cpu !== undefined;
      return {
        name: path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length),
        version: entry.version,
        licence: entry.license ?? installedLicence(join(root, path)),
        // What differs from machine to machine has no size of its own here.
        kB: platform ? undefined : Math.ceil(bytesOf(join(root, path)) / 1000),
        script: entry.hasInstallScript === true,
        platform,
        optional: entry.optional === true,
      };
    })
    .toSorted((a, b) => (a.name === b.name ? compare(a.version, b.version) : compare(a.name, b.name)));
}

/** One sentence for everything that may not ship; `allowScripts` as in package.json: false for scripts that never run. */
export function objections(packages, allowScripts = {}) {
  const found = packages.flatMap(({ name, version, licence, script }) => [
    ...(isAllowed(licence)
      ? []
      : [`${name} ${version}: the licence ${licence ?? '(none said)'} is not on the list of scripts/licences`]),
    ...(script && allowScripts[name] !== false
      ? [
          `${name} ${version}: runs a script when it is installed; switch it off in "allowScripts" of package.json or do without it`,
        ]
      : []),
  ]);
  const majors = new Map();
  for (const { name, version } of packages)
    majors.set(name, (majors.get(name) ?? new Set()).add(version.split('.')[0]));
  for (const [name, versions] of majors) {
    if (versions.size > 1 && !(name in TWO_MAJORS))
      found.push(`${name}: ships in ${versions.size} majors (${[...versions].join(', ')})`);
    if (versions.size === 1 && name in TWO_MAJORS)
      found.push(`${name}: ships in one major now; take it off the list of scripts/licences`);
  }
  return found;
}

/** `MIT`, `(MIT OR GPL-2.0)` when one of them is allowed, `MIT AND ISC` when all are. */
export function isAllowed(licence) {
  if (typeof licence !== 'string') return false;
  const text = licence.replace(/^\((.*)\)$/, '$1');
  if (/[()]/.test(text)) return false;
  return text.split(' OR ').some((all) => all.split(' AND ').every((one) => ALLOWED.includes(one)));
}

/** Some old packages say it in a list, which the lock file does not repeat. */
function installedLicence(folder) {
  if (!existsSync(join(folder, 'package.json'))) return undefined;
  const { license, licenses } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  return license ?? licenses?.map(({ type }) => type).join(' OR ');
}

/** Without what lies in it as packages of their own. */
function bytesOf(folder) {
  if (!existsSync(folder)) return 0;
  let sum = 0;
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (entry.name === 'node_modules') continue;
    const path = join(folder, entry.name);
    sum += entry.isDirectory() ? bytesOf(path) : statSync(path).size;
  }
  return sum;
}

const compare = (a, b) => (a < b ? -1 : a > b ? 1 : 0);
