import { describe, expect, it } from '@jest/globals';
import { checkAccount } from './check-account';

const LOOPBACK = { host: '127.0.0.1', port: 6199, path: '/ws' };
const PUBLIC = { ...LOOPBACK, host: '0.0.0.0' };

describe('checkAccount', () => {
  it('gives the account as the file would, its token hidden', () => {
    const account = checkAccount({ selfId: '10001', mode: 'reverse', token: 'a-token' }, 'test', LOOPBACK);
    expect(account).toMatchObject({ selfId: '10001', mode: 'reverse', pool: 'default' });
    expect([JSON.stringify(account).includes('a-token'), account.token?.reveal()]).toEqual([false, 'a-token']);
  });

  it.each<[string, unknown, RegExp]>([
    ['nothing', undefined, /must be a mapping|is missing/],
    ['a forward account without url', { selfId: '1', mode: 'forward' }, /the body {2}url: is missing/],
    ['a reverse account without token', { selfId: '1', mode: 'reverse' }, /the body {2}token: is missing/],
    ['a reverse account with url', { selfId: '1', mode: 'reverse', url: 'ws://x', token: 't' }, /url: belongs to mode/],
    ['a number as text of something else', { selfId: '../1', mode: 'reverse' }, /selfId: must be a QQ number/],
    ['a number without quotes', { selfId: 1, mode: 'reverse' }, /put the number into quotes/],
    ['an unknown key', { selfId: '1', mode: 'reverse', tokn: 't' }, /did you mean `token`/],
    ['a token with spaces', { selfId: '1', mode: 'reverse', token: 'a b' }, /printable ASCII/],
  ])('refuses %s with the place of the mistake', (_name, value, expected) => {
    expect(() => checkAccount(value, 'the body', LOOPBACK)).toThrow(expected);
  });

  it('wants a token that is not guessed where NapCats dial in from other machines', () => {
    const weak = { selfId: '1', mode: 'reverse', token: 'short' };
    expect(checkAccount(weak, 'test', LOOPBACK).token?.reveal()).toBe('short');
    expect(() => checkAccount(weak, 'test', PUBLIC)).toThrow(/token: needs at least 16 characters/);
    expect(() => checkAccount({ ...weak, token: 'changemechangeme' }, 'test', PUBLIC)).toThrow(/easy to guess/);
  });

  it('never shows a value', () => {
    expect(() => checkAccount({ selfId: '1', mode: 'reverse', token: 'hunter2 hunter2' }, 'test', LOOPBACK)).toThrow(
      expect.objectContaining({ message: expect.not.stringContaining('hunter2') }),
    );
  });
});
