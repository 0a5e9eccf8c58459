import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';

const SCRIPTS = __dirname;
const GOOD = { version: '1.0.0', license: 'MIT' };

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'rookery-licences-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

/** What the script says of another repository with these packages. */
function judged(packages: object, allowScripts: object = {}): string {
  for (const folder of ['docs', 'scripts', 'node_modules']) mkdirSync(join(root, folder));
  writeFileSync(join(root, 'package.json'), JSON.stringify({ dependencies: { a: '1.0.0' }, allowScripts }));
  writeFileSync(join(root, 'package-lock.json'), JSON.stringify({ packages: { '': {}, ...packages } }));
  const copy = `cp -r ${join(SCRIPTS, 'licences')} ${join(SCRIPTS, 'licences.mjs')} ${join(root, 'scripts')}`;
  expect(spawnSync('sh', ['-c', copy]).status).toBe(0);
  const { stderr, status } = spawnSync(process.execPath, [join(root, 'scripts/licences.mjs')], { encoding: 'utf8' });
  expect(status).toBe(stderr === '' ? 0 : 1);
  return stderr;
}

const BASE = {
  'node_modules/media-typer': GOOD,
  'node_modules/m/node_modules/media-typer': { ...GOOD, version: '2.0.0' },
  'node_modules/mime-types': GOOD,
  'node_modules/m/node_modules/mime-types': { ...GOOD, version: '2.0.0' },
  'node_modules/type-is': GOOD,
  'node_modules/m/node_modules/type-is': { ...GOOD, version: '2.0.0' },
};

describe('what ships', () => {
  it('is licensed, runs no scripts, comes in one major each, and stands in docs/dependencies.md as it is', () => {
    const { stdout, stderr, status } = spawnSync(process.execPath, [join(SCRIPTS, 'licences.mjs'), '--check'], {
      encoding: 'utf8',
    });
    expect([status, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/^\d{2,} packages ship, 0 objections/);
  });

  it.each<[string, object, object, string]>([
    ['a good package', { 'node_modules/a': GOOD }, {}, ''],
    ['a package for development', { 'node_modules/a': { ...GOOD, license: 'GPL-3.0', dev: true } }, {}, ''],
    ['one of two licences', { 'node_modules/a': { ...GOOD, license: '(MIT OR GPL-2.0)' } }, {}, ''],
    ['another licence', { 'node_modules/a': { ...GOOD, license: 'GPL-3.0' } }, {}, 'a 1.0.0: the licence GPL-3.0'],
    [
      'both of two licences',
      { 'node_modules/a': { ...GOOD, license: 'MIT AND GPL-2.0' } },
      {},
      'MIT AND GPL-2.0 is not',
    ],
    ['no licence', { 'node_modules/a': { version: '1.0.0' } }, {}, 'the licence (none said)'],
    ['an install script', { 'node_modules/a': { ...GOOD, hasInstallScript: true } }, {}, 'runs a script'],
    ['an install script that never runs', { 'node_modules/a': { ...GOOD, hasInstallScript: true } }, { a: false }, ''],
    [
      'two majors',
      { 'node_modules/a': GOOD, 'node_modules/b/node_modules/a': { ...GOOD, version: '2.1.0' } },
      {},
      'a: ships in 2 majors (1, 2)',
    ],
    ['two minors', { 'node_modules/a': GOOD, 'node_modules/b/node_modules/a': { ...GOOD, version: '1.1.0' } }, {}, ''],
    [
      'an exception that is none any more',
      { 'node_modules/m/node_modules/type-is': { ...GOOD, version: '1.2.0' } },
      {},
      'type-is: ships in one major now',
    ],
  ])('%s', (_what, packages, allowScripts, expected) => {
    const said = judged({ ...BASE, ...packages }, allowScripts);
    expect(said === '' ? said : said.includes(expected) && expected).toBe(expected);
  });
});
