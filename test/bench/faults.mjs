/**
 * The tests of test/resilience as a run that measures: at full size, or with `--quick` at the size of CI, and a table of what they
 * measured. `--json FILE` writes figure → { value, unit, goal, ok }, `--only WORD` runs the files alone that have it in their name. Exits 1 when a figure misses its goal or a test fails.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { redisServer } from './redis-server.mjs';
import { Report } from './report.mjs';

/**
 * `tests`: names of test files, of this folder or among the units; `full`: what support/sizes.ts reads, at full size; `more`: further options of the command line, each
 * with what it sets of that.
 */
export function runFaults(tests, full, more = {}) {
  const further = Object.fromEntries(Object.keys(more).map((name) => [name, { type: 'string' }]));
  const options = optionsOf({
    quick: { type: 'boolean' },
    json: { type: 'string' },
    only: { type: 'string' },
    ...further,
  });
  const given = Object.entries(more).flatMap(([name, size]) =>
    options[name] === undefined ? [] : [[size, options[name]]],
  );
  const folder = mkdtempSync(join(tmpdir(), 'rookery-faults-'));
  const file = join(folder, 'figures');
  const jest = [
    'node_modules/jest/bin/jest.js',
    '--selectProjects',
    'resilience',
    'unit',
    '--runInBand',
    '--forceExit',
    '--',
    ...(options.only === undefined ? tests : tests.map((name) => `${name}.*${options.only}`)),
  ];
  const { status } = spawnSync(process.execPath, jest, {
    cwd: fileURLToPath(new URL('../..', import.meta.url)),
    env: {
      ...process.env,
      REDIS_SERVER_BIN: redisServer,
      ...(options.quick === true ? {} : full),
      ...Object.fromEntries(given),
      RESILIENCE_FIGURES: file,
    },
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
}

/** Says what there is when something else was given. */
function optionsOf(options) {
  try {
    return parseArgs({ options }).values;
  } catch (error) {
    const known = Object.entries(options).map(([name, { type }]) => (type === 'boolean' ? `--${name}` : `--${name} …`));
    console.error(`${error.message}\nOptions: ${known.join(', ')}. docs/resilience.md says what they mean.`);
    process.exit(2);
  }
}
