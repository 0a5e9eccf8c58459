import { describe, expect, it } from '@jest/globals';
import { numberFrom } from './numbers';

describe('numberFrom', () => {
  it.each<[string, number]>([
    ['1', 1],
    ['5', 5],
  ])('accepts %s', (text, value) => {
    expect(numberFrom(1, 5, 'whole')(text)).toBe(value);
  });

  it('accepts a fraction where it may', () => {
    expect(numberFrom(0, 5, 'any')('0.5')).toBe(0.5);
  });

  it.each(['', '0', '6', '1.5', '-1', '1e0', '0x1', 'NaN', 'Infinity', ' 1'])('refuses %j', (text) => {
    expect(() => numberFrom(1, 5, 'whole')(text)).toThrow('It must be a whole number from 1 to 5.');
  });
});
