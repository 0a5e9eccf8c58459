import { describe, expect, it } from '@jest/globals';
import { age, table } from './table';

describe('table', () => {
  it('aligns by what is seen, not by colour codes', () => {
    const red = (text: string) => `\u001B[31m${text}\u001B[39m`;
    expect(table(['A', 'LONG', 'C'], [[{ text: 'x', paint: red }, { text: 'y' }, { text: 'z z' }]])).toBe(
      `A  LONG  C\n${red('x')}  y     z z\n`,
    );
  });
});

describe('age', () => {
  it.each([
    [0, '0 s'],
    [-5, '0 s'],
    [59_999, '59 s'],
    [60_000, '1 min'],
    [3_599_000, '59 min'],
    [7_200_000, '2 h'],
    [172_800_000, '2 d'],
  ])('%d ms is %s', (ms, text) => {
    expect(age(ms)).toBe(text);
  });
});
