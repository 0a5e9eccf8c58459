import { describe, expect, it } from '@jest/globals';
import { selfId } from '@rookery/protocol';
import { bearerToken, TokenBook } from './token-book';

describe('TokenBook', () => {
  const sut = new TokenBook();
  sut.set(selfId('10001'), 'first-token-of-ours');
  sut.set(selfId('10002'), 'second-token-of-ours');

  it.each([
    ['10001', 'first-token-of-ours', 'accepted'],
    ['10002', 'second-token-of-ours', 'accepted'],
    ['10001', 'second-token-of-ours', 'account'],
    ['99999', 'first-token-of-ours', 'account'],
    ['__proto__', 'first-token-of-ours', 'account'],
    ['', 'first-token-of-ours', 'account'],
    ['10001', 'first-token-of-our', 'token'],
    ['10001', 'first-token-of-ours ', 'token'],
    ['10001', '', 'token'],
    ['10001', undefined, 'token'],
    ['99999', 'guess', 'token'],
    ['10001', 'x'.repeat(1_000_000), 'token'],
  ])('says of account %j with token %.30j: %s', (self, token, verdict) => {
    expect(sut.check(self, token)).toBe(verdict);
  });

  it('forgets the token of a removed account', () => {
    const book = new TokenBook();
    book.set(selfId('10003'), 'third-token-of-ours');
    book.delete(selfId('10003'));
    expect(book.find('10003')).toBeUndefined();
    expect(book.check('10003', 'third-token-of-ours')).toBe('token');
  });
});

describe('bearerToken', () => {
  it.each([
    ['Bearer abc', 'abc'],
    ['bearer  abc ', 'abc'],
    ['abc', 'abc'],
    ['Bearerabc', 'Bearerabc'],
    ['Bearer', undefined],
    ['Bearer ', undefined],
    ['', undefined],
    [undefined, undefined],
  ])('reads %j as %j', (header, token) => {
    expect(bearerToken(header)).toBe(token);
  });
});
