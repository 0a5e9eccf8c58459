import { hash } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

interface Seen {
  /** Time of change and size: while they stay, the file is not read again. */
  readonly stamp: string;
  readonly digest: string;
}

/** What the files looked like, by their paths. */
export type Snapshot = ReadonlyMap<string, Seen>;

const WATCHED = /\.(?:[cm]?js|json)$/;
const TEST = /\.(?:test|spec)\.[cm]?js$/;
/** A folder that holds more is none of plugins. */
const MAX_FILES = 5_000;

/**
 * The files whose change can change a plugin: scripts and JSON below folders, packages that they depend on left out. Looked at by their
 * times of change, which every file system and every editor tells in the same way; a few hundred files take a millisecond.
 */
export function snapshot(roots: readonly string[], before: Snapshot = new Map()): Snapshot {
  const found = new Map<string, Seen>();
  for (const root of roots) look(root, before, found);
  return found;
}

/** Paths that are new, gone, or hold something else than before: a compiler writes the same again. */
export function differences(before: Snapshot, after: Snapshot): readonly string[] {
  const paths = new Set([...before.keys(), ...after.keys()]);
  return [...paths].filter((path) => before.get(path)?.digest !== after.get(path)?.digest).sort();
}

/** Where the code of a plugin lies: the folder that `index.js` is the door of, else the file alone. */
export function rootOf(module: string): string {
  return basename(module).startsWith('index.') ? dirname(module) : module;
}

function look(path: string, before: Snapshot, found: Map<string, Seen>): void {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats === undefined || found.size >= MAX_FILES) return;
  if (!stats.isDirectory()) {
    const stamp = `${stats.mtimeMs} ${stats.size}`;
    const known = before.get(path);
    found.set(path, known?.stamp === stamp ? known : { stamp, digest: digestOf(path) });
    return;
  }
  for (const name of orNothing(() => readdirSync(path))) {
    if (name === 'node_modules' || name.startsWith('.')) continue;
    const inner = join(path, name);
    const isWatched = WATCHED.test(name) && !TEST.test(name);
    if (isWatched || statSync(inner, { throwIfNoEntry: false })?.isDirectory()) look(inner, before, found);
  }
}

function digestOf(path: string): string {
  return orNothing(() => [hash('sha256', readFileSync(path))]).join('');
}

/** What is gone between two looks, or may not be read, holds nothing. */
function orNothing(read: () => readonly string[]): readonly string[] {
  try {
    return read();
  } catch {
    return [];
  }
}
