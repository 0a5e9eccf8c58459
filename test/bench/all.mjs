#!/usr/bin/env node
/**
 * Runs every `bench:…` script of package.json, one after the other, and passes `--quick` on; in the end one table has the figures of
 * all. `--json FILE` writes them, each under the name of its bench. Exits 1 when one of them misses a goal.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

const { values: options } = parseArgs({ options: { quick: { type: 'boolean' }, json: { type: 'string' } } });
const { scripts } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
const names = Object.keys(scripts).filter((name) => name.startsWith('bench:'));

const dir = mkdtempSync(join(tmpdir(), 'rookery-benches-'));
const figures = {};
const failed = [];
for (const script of names) {
  const name = script.slice('bench:'.length);
  const file = join(dir, `${name}.json`);
  const flags = [...(options.quick === true ? ['--quick'] : []), '--json', file];
  console.log(`\n${name}`);
  const { status } = spawnSync('npm', ['run', '--silent', script, '--', ...flags], { stdio: 'inherit' });
  if (status !== 0) failed.push(name);
  if (!existsSync(file)) continue;
  const own = Object.entries(JSON.parse(readFileSync(file, 'utf8')));
  for (const [figure, value] of own) figures[`${name}_${figure}`] = value;
}
rmSync(dir, { recursive: true });

const verdict = ({ goal, ok }) => (goal === null ? '' : ok ? 'met' : 'MISSED');
const rows = Object.entries(figures).map(([figure, { value, unit, goal, ok }]) => {
  return { figure: figure.replaceAll('_', ' '), value, unit, goal: goal ?? '', verdict: verdict({ goal, ok }) };
});
console.log('\nall figures');
console.table(rows);
if (options.json !== undefined) writeFileSync(options.json, `${JSON.stringify(figures, null, 2)}\n`);
console.log(failed.length === 0 ? `\nall ${names.length} benches met their goals` : `\nmissed: ${failed.join(', ')}`);
process.exitCode = failed.length === 0 ? 0 : 1;
