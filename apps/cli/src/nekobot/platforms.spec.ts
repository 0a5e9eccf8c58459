import { describe, expect, it } from '@jest/globals';
import { convertPlatforms, type Conversion } from './platforms';

const entry = (fields: object = {}) => ({
  type: 'aiocqhttp',
  enable: true,
  id: '10001',
  name: 'NekoBot',
  ws_host: '0.0.0.0',
  ws_port: 6299,
  command_prefix: '/',
  ...fields,
});

let tokens = 0;
const convert = (content: unknown, qq: Record<string, string> = {}): Conversion =>
  convertPlatforms(content, { qq, newToken: () => `token-${++tokens}` });

describe('convertPlatforms', () => {
  it('takes a map as NekoBot writes it', () => {
    tokens = 0;
    expect(convert({ main: entry(), second: entry({ id: 10002, command_prefix: '!', ws_port: 6300 }) })).toEqual({
      accounts: [
        { selfId: '10001', mode: 'reverse', token: 'token-1' },
        { selfId: '10002', mode: 'reverse', token: 'token-2' },
      ],
      commandPrefix: ['/', '!'],
      reverse: { host: '0.0.0.0', port: 6299, path: '/ws' },
      notes: ['second: its NapCat dials port 6300; all accounts share 6299 now, change the URL there'],
    });
  });

  it('takes a list, several prefixes, and NekoBot’s defaults', () => {
    const result = convert([{ type: 'OneBot_V11', id: '10001' }, entry({ id: '10002', command_prefix: ['', '#'] })]);
    expect(result.accounts).toHaveLength(2);
    expect(result.commandPrefix).toEqual(['/', '', '#']);
    expect(result.reverse).toEqual({ host: '0.0.0.0', port: 6299, path: '/ws' });
  });

  it('takes the QQ number from the key where the entry has no id', () => {
    const { id: _, ...rest } = entry();
    expect(convert({ '10005': rest }).accounts[0]?.selfId).toBe('10005');
  });

  it('takes the QQ number that is given for an id', () => {
    expect(convert({ aiocqhttp: entry({ id: 'aiocqhttp' }) }, { aiocqhttp: '10007' }).accounts[0]?.selfId).toBe(
      '10007',
    );
  });

  it.each(['onebot', 'napcat', 'NapCat', 'aiocqhttp', 'go-cqhttp', 'onebot.v11', 'LLOneBot'])(
    'knows %s as OneBot',
    (type) => {
      expect(convert([entry({ type })]).accounts).toHaveLength(1);
    },
  );

  it.each<[string, unknown, string]>([
    ['another platform', entry({ type: 'telegram' }), '[0]: left out, type telegram is not OneBot'],
    ['one that is switched off', entry({ enable: false }), '[0]: left out, it is switched off (enable: false)'],
    [
      'one without QQ number',
      entry({ id: 'main' }),
      '[0]: left out, the file does not hold its QQ number; repeat with --qq main=<QQ number>',
    ],
    ['a port that is none', entry({ ws_port: '6299' }), '[0]: left out, `ws_port`: '],
    ['no type', entry({ type: undefined }), '[0]: left out, `type`: '],
    ['no entry at all', 'hello', '[0]: left out, Invalid input: expected object, received string'],
  ])('leaves out %s and says so', (_, value, note) => {
    const result = convert([value]);
    expect(result.accounts).toEqual([]);
    expect(result.reverse).toBeUndefined();
    expect(result.notes).toEqual([expect.stringContaining(note)]);
  });

  it('refuses a given number that is none', () => {
    expect(convert([entry({ id: 'x' })], { x: 'abc' }).notes[0]).toBe(
      '[0]: left out, abc is not a QQ number; correct --qq x=…',
    );
  });

  it('takes an account once', () => {
    expect(convert([entry(), entry()]).notes).toEqual(['[1]: left out, account 10001 is in the file twice']);
  });

  it.each([null, 'text', 42, {}, []])('takes nothing from %j', (content) => {
    expect(convert(content)).toEqual({ accounts: [], commandPrefix: [], notes: [] });
  });
});
