import crypto from 'node:crypto';
import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { Secret } from '@rookery/config';
import { bears, borne } from './bearer';

const tokens = [new Secret('the-first-token'), new Secret('the-second-token')];
afterEach(() => void jest.restoreAllMocks());

describe('a bearer header', () => {
  it.each([
    ['the first', 'Bearer the-first-token', [true, false]],
    ['the second', 'Bearer the-second-token', [false, true]],
    ['a wrong one', 'Bearer wrong', [false, false]],
    ['one with more behind it', 'Bearer the-first-token ', [false, false]],
    ['an empty one', 'Bearer ', [false, false]],
    ['another scheme', 'Basic the-first-token', [false, false]],
    ['none', undefined, [false, false]],
    ['several', ['Bearer the-first-token'], [false, false]],
  ])('with %s costs the same comparisons as any other', (_what, header, expected) => {
    const compare = jest.spyOn(crypto, 'timingSafeEqual');
    expect(borne(header, tokens)).toEqual(expected);
    // Digests of one length: neither the length of what was given nor where it differs can be measured.
    expect(compare.mock.calls.map(([seen, own]) => [seen.byteLength, own.byteLength])).toEqual([
      [32, 32],
      [32, 32],
    ]);
  });

  it('with an empty token is none, also where ours would be empty', () => {
    expect(bears(undefined, new Secret(''))).toBe(false);
    expect(bears('Bearer x', new Secret('x'))).toBe(true);
  });
});
