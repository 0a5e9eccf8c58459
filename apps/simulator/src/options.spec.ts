import { describe, expect, it } from '@jest/globals';
import { RookeryError } from '@rookery/protocol';
import { readOptions } from './options';

describe('readOptions', () => {
  it('has a default for everything', () => {
    expect(readOptions([])).toEqual({
      accounts: 3,
      groups: 2,
      rate: 2,
      port: 0,
      healthPort: 0,
      seed: 1,
      logLevel: 'info',
    });
  });

  it('takes what is given', () => {
    const given = {
      accounts: 9,
      groups: 4,
      rate: 0.5,
      reverseUrl: 'ws://127.0.0.1:6199/onebot/v11/ws',
      token: 't',
      port: 1,
    };
    expect(readOptions(['--options', JSON.stringify(given)])).toMatchObject(given);
  });

  it.each([
    ['no JSON', '{accounts:3', 'not JSON'],
    ['nothing after the flag', undefined, 'not JSON'],
    ['an unknown name', '{"acounts":3}', 'acounts'],
    ['a number out of range', '{"accounts":0}', 'accounts'],
    ['a web address', '{"reverseUrl":"http://127.0.0.1"}', 'reverseUrl'],
    ['an empty token', '{"token":""}', 'token'],
  ])('refuses %s and names it', (_, text, named) => {
    const read = () => readOptions(text === undefined ? ['--options'] : ['--options', text]);
    expect(read).toThrow(RookeryError);
    expect(read).toThrow(named);
  });
});
