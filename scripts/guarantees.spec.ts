import { describe, expect, it } from '@jest/globals';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(__dirname, '..');
const textOf = (page: string) => readFileSync(join(ROOT, 'docs', page), 'utf8');

/** The tests that each row of a page's tables names. */
function rowsOf(page: string): { file: string; title: string }[][] {
  return textOf(page)
    .split('\n')
    .filter((line) => line.startsWith('|') && !/^\|(?: promise| input|[-|: ]+$)/.test(line))
    .map((line) =>
      [...line.matchAll(/`([^`]+\.ts)`: "([^"]+)"/g)].map(([, file = '', title = '']) => ({ file, title })),
    );
}

describe.each([
  ['guarantees.md', 60],
  ['bad-input.md', 100],
])('the page %s', (page, fewest) => {
  const rows = rowsOf(page);

  it('names a test in every row', () => {
    expect(rows.length).toBeGreaterThan(fewest);
    expect(rows.filter((tests) => tests.length === 0)).toEqual([]);
  });

  it.each(rows.flat().map(({ file, title }) => [file, title] as const))('in %s: "%s" is there', (file, title) => {
    const path = join(ROOT, file);
    expect(existsSync(path)).toBe(true);
    expect(readFileSync(path, 'utf8')).toContain(title);
  });

  it('names commands that there are', () => {
    const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { scripts: object };
    const commands = [...textOf(page).matchAll(/`npm run ([a-z:]+)/g)].map(([, name = '']) => name);
    expect(commands.filter((name) => !(name in scripts))).toEqual([]);
  });
});
