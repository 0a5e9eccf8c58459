#!/usr/bin/env node
/**
 * Writes what is derived from the fact tables in test/fixtures/protocol: the typed action table in libs/protocol and
 * docs/protocol.md. `--check` writes nothing and exits 1 when a committed file differs.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { format } from 'oxfmt';
import { actionSources } from './protocol/action-sources.mjs';
import { docsPage } from './protocol/docs-page.mjs';

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..');
const table = (name) => JSON.parse(readFileSync(join(ROOT, 'test/fixtures/protocol', name), 'utf8'));
const style = JSON.parse(readFileSync(join(ROOT, '.oxfmtrc.json'), 'utf8'));

const files = new Map();
for (const [name, text] of actionSources(table('actions.json'))) {
  files.set(`libs/protocol/src/actions/generated/${name}`, await formatted(name, text));
}
const page = docsPage({
  actions: table('actions.json'),
  events: table('events.json'),
  segments: table('segments.json'),
  normalized: table('normalized.json'),
});
files.set('docs/protocol.md', page);

const stale = [];
for (const [path, text] of files) {
  const file = join(ROOT, path);
  if (process.argv.includes('--check')) {
    if (readOrEmpty(file) !== text) stale.push(path);
  } else {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
}
if (stale.length > 0) {
  console.error(`not current, run node scripts/generate-protocol.mjs: ${stale.join(', ')}`);
  process.exitCode = 1;
}

async function formatted(name, text) {
  const { code, errors } = await format(name, text, { printWidth: style.printWidth, singleQuote: style.singleQuote });
  if (errors.length > 0) throw new Error(`${name}: ${errors.map((error) => error.message).join('; ')}`);
  return code;
}

function readOrEmpty(file) {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if (error.code === 'ENOENT') return '';
    throw error;
  }
}
