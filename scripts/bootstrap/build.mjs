import { createHash } from 'node:crypto';
import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { BootstrapError, run, step } from './progress.mjs';

const FOLDERS = ['apps', 'libs'];
const SETTINGS = ['package-lock.json', 'nest-cli.json', 'tsconfig.json', 'tsconfig.build.json', '.swcrc'];
/** Lies in dist, so that it vanishes with what it vouches for; holds the digest of the sources of that build. */
const STAMP = 'dist/.sources';
const PROOF = 'dist/apps/cli/src/main.js';

/**
 * Digest of names and contents: sees deleted files and checkouts of older commits, which times of change do not.
 * @public for its tests, which run it as a module of its own.
 */
export function sourcesDigest(root) {
  const hash = createHash('sha256');
  for (const file of [...SETTINGS, ...FOLDERS.flatMap((folder) => sourcesIn(root, folder))]) {
    hash.update(`\0${file}\0`);
    if (existsSync(join(root, file))) hash.update(readFileSync(join(root, file)));
  }
  return hash.digest('hex');
}

function sourcesIn(root, folder) {
  const entries = readdirSync(join(root, folder), { withFileTypes: true, recursive: true });
  return entries
    .filter((entry) => entry.isFile() && !entry.name.endsWith('.spec.ts'))
    .map((entry) => join(entry.parentPath, entry.name).slice(root.length + 1))
    .sort();
}

/** @public for its tests, which run it as a module of its own. */
export function buildIsCurrent(root, digest = sourcesDigest(root)) {
  return existsSync(join(root, STAMP)) && readFileSync(join(root, STAMP), 'utf8') === digest;
}

export async function build(root) {
  const digest = sourcesDigest(root);
  if (buildIsCurrent(root, digest)) return;
  const output = await step('Building', () =>
    run(process.execPath, ['node_modules/@nestjs/cli/bin/nest.js', 'build'], { cwd: root }),
  );
  if (!existsSync(join(root, PROOF))) throw new BootstrapError(`The build made no ${PROOF}:\n${output}`);
  writeFileSync(join(root, STAMP), digest);
}
