import { describe, expect, it } from '@jest/globals';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(__dirname, '..');
const page = readFileSync(join(ROOT, 'docs/guarantees.md'), 'utf8');
const rows = page
  .split('\n')
  .filter((line) => line.startsWith('|') && !/^\|(?: promise|[-|: ]+$)/.test(line))
  .map((line) =>
    [...line.matchAll(/`([^`]+spec\.ts)`: "([^"]+)"/g)].map(([, file = '', title = '']) => ({ file, title })),
  );
const commands = [...page.matchAll(/`npm run ([a-z:]+)`/g)].map(([, name = '']) => name);

describe('the page of guarantees', () => {
  it('names a test for every promise', () => {
    expect(rows.length).toBeGreaterThan(30);
    expect(rows.filter((tests) => tests.length === 0)).toEqual([]);
  });

  it.each(rows.flat().map(({ file, title }) => [file, title] as const))('in %s: "%s" is there', (file, title) => {
    const path = join(ROOT, file);
    expect(existsSync(path)).toBe(true);
    expect(readFileSync(path, 'utf8')).toContain(title);
  });

  it('names commands that there are', () => {
    const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { scripts: object };
    expect(commands.filter((name) => !(name in scripts))).toEqual([]);
  });
});
