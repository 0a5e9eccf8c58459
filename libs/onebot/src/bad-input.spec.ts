import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';

const ROOT = join(__dirname, '../../..');
const page = readFileSync(join(ROOT, 'docs/bad-input.md'), 'utf8');
const rows = page
  .split('\n')
  .filter((line) => line.startsWith('|') && !/^\|(?: input|[-|: ]+$)/.test(line))
  .map((line) =>
    [...line.matchAll(/`([^`]+\.spec\.ts)`: "([^"]+)"/g)].map(([, file = '', title = '']) => ({ file, title })),
  );

describe('the page on bad input', () => {
  it('names a test for every row', () => {
    expect(rows.length).toBeGreaterThan(60);
    expect(rows.filter((tests) => tests.length === 0)).toEqual([]);
  });

  it.each(rows.flat().map(({ file, title }) => [file, title] as const))('in %s: "%s" is there', (file, title) => {
    const path = join(ROOT, file);
    expect(existsSync(path)).toBe(true);
    expect(readFileSync(path, 'utf8')).toContain(title);
  });
});
