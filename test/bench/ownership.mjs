#!/usr/bin/env node
/**
 * Who holds an account, when connectors are killed, stopped for longer than their leases, and drained, and when Redis's clock jumps: the tests of
 * test/resilience at full size (some seven minutes), and a table of what they measured. Needs a build and a Redis. `--quick` runs
 * them at the size of CI; `--json FILE` writes figure → { value, unit, goal, ok }. Exits 1 when a figure misses its goal or a
 * test fails.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { Report } from './report.mjs';

const { values: options } = parseArgs({ options: { quick: { type: 'boolean' }, json: { type: 'string' } } });
const FULL = {
  RESILIENCE_ACCOUNTS: '200',
  RESILIENCE_DUAL_ACCOUNTS: '20',
  RESILIENCE_KILLS: '10',
  RESILIENCE_STOPS: '8',
  RESILIENCE_JUMPS: '5',
  RESILIENCE_DRAIN_RATE: '500',
};

const folder = mkdtempSync(join(tmpdir(), 'rookery-ownership-'));
const file = join(folder, 'figures');
const jest = [
  'node_modules/jest/bin/jest.js',
  '--selectProjects',
  'resilience',
  '--runInBand',
  '--forceExit',
  '--',
  'handover',
  'dual-attach',
  'lease-loss',
];
const { status } = spawnSync(process.execPath, jest, {
  cwd: fileURLToPath(new URL('../..', import.meta.url)),
  env: { ...process.env, ...(options.quick === true ? {} : FULL), RESILIENCE_FIGURES: file },
  stdio: 'inherit',
});
const lines = existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n') : [];
rmSync(folder, { recursive: true });

const report = new Report();
for (const { name, value, unit, goal } of lines.map((line) => JSON.parse(line))) {
  report.row({ figure: name, value: Number(value.toFixed(2)), unit });
  report.figure(name, value, unit, goal);
}
report.figure('tests that failed', status === 0 ? 0 : 1, '', { atMost: 0 });
report.end(options.json);
