import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { errorPage } from './error-page';
import { ERRORS } from './errors';

describe('the page of error codes', () => {
  it('is the one that is generated from the table', () => {
    expect(readFileSync(join(__dirname, '../../../docs/errors.md'), 'utf8')).toBe(errorPage());
  });

  it('tells for every code what happened and what to do, and breaks no table', () => {
    for (const [code, { what, next }] of Object.entries(ERRORS)) {
      expect(errorPage()).toContain(`| \`${code}\` | ${what} | ${next} |`);
      expect(`${what}${next}`).not.toMatch(/[|\n]/);
    }
  });
});
