import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** The version of the package that this file is part of: sources and build lie at different depths below it. */
function packageVersion(from: string): string {
  try {
    const { name, version } = JSON.parse(readFileSync(join(from, 'package.json'), 'utf8'));
    if (name === 'rookery') return String(version);
  } catch {
    // no package.json here: look one folder up
  }
  const parent = dirname(from);
  return parent === from ? 'unknown' : packageVersion(parent);
}

export const version = packageVersion(__dirname);
