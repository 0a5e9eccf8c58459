import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import { loadConfig } from '@rookery/config';
import { importNekoBot, type ImportOptions } from './import';

let folder: string;
let printed: string;
let notes: string[];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'rookery-import-'));
  printed = '';
  notes = [];
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const config = () => join(folder, 'rookery.yaml');
const source = (content: unknown) => {
  const path = join(folder, 'platforms_sources.json');
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
  return path;
};
const run = (content: unknown, options: Partial<ImportOptions> = {}) =>
  importNekoBot(
    source(content),
    { qq: {}, ...options },
    {
      env: { ROOKERY_CONFIG: config() },
      print: (text) => (printed += text),
      note: (text) => notes.push(text),
    },
  );
const entry = (id: string, fields: object = {}) => ({
  type: 'aiocqhttp',
  enable: true,
  id,
  ws_host: '127.0.0.1',
  ws_port: 6299,
  command_prefix: '/',
  ...fields,
});

describe('importNekoBot', () => {
  it('prints a configuration that is valid as it stands', () => {
    expect(run({ a: entry('10001'), b: entry('10002') })).toBe(2);
    writeFileSync(config(), printed);
    const loaded = loadConfig({ ROOKERY_CONFIG: config() });
    expect(loaded.accounts.map(({ selfId, mode }) => [selfId, mode])).toEqual([
      ['10001', 'reverse'],
      ['10002', 'reverse'],
    ]);
    expect(loaded.reverse).toEqual({ host: '127.0.0.1', port: 6299, path: '/ws' });
    const tokens = loaded.accounts.map(({ token }) => token?.reveal());
    expect(new Set(tokens).size).toBe(2);
    expect(tokens.every((token) => /^[0-9a-f]{32}$/.test(token ?? ''))).toBe(true);
    expect(notes.at(-1)).toContain('Enter each account’s token in its NapCat');
  });

  it('makes the file, for this user only', () => {
    expect(run([entry('10001')], { write: true })).toBe(1);
    expect(statSync(config()).mode & 0o077).toBe(0);
    expect(printed).toBe('');
  });

  it('adds to a file and keeps what it says, with its comments', () => {
    writeFileSync(config(), '# mine\ncommandPrefix: ["!"]\nreverse: { port: 7000 }\naccounts: []\n');
    run([entry('10001')], { write: true });
    const text = readFileSync(config(), 'utf8');
    expect(text).toContain('# mine');
    expect(parse(text)).toMatchObject({
      commandPrefix: ['!'],
      reverse: { port: 7000 },
      accounts: [{ selfId: '10001' }],
    });
    expect(notes).toEqual(
      expect.arrayContaining([
        'commandPrefix stays as it is; NekoBot had ["/"]',
        'reverse stays as it is; change the URL in NapCat, which dials port 6299, path /ws',
      ]),
    );
  });

  it('leaves a file as it is when the result would not be valid', () => {
    const before = 'accounts: [{ selfId: "10001", mode: reverse, token: t }]\n';
    writeFileSync(config(), before);
    expect(() => run([entry('10001')], { write: true })).toThrow(
      /rookery\.yaml stays as it was: [^]*account 10001 is already in/,
    );
    expect(readFileSync(config(), 'utf8')).toBe(before);
    expect(readdirSync(folder).sort()).toEqual(['platforms_sources.json', 'rookery.yaml']);
  });

  it('does not touch a file that is no YAML', () => {
    writeFileSync(config(), 'a: [');
    expect(() => run([entry('10001')], { write: true })).toThrow('is not valid YAML');
  });

  it('says so when nothing could be taken', () => {
    expect(run([entry('main')], { write: true })).toBe(0);
    expect(notes).toEqual([
      expect.stringContaining('--qq main='),
      expect.stringContaining('nothing could be imported'),
    ]);
    expect(existsSync(config())).toBe(false);
  });

  it.each<[string, unknown, RegExp]>([
    ['is no JSON', '{', /cannot be read as JSON/],
    ['is too large', `"${'x'.repeat(1024 * 1024)}"`, /has more than 1048576 bytes/],
  ])('says so when the file %s', (_, content, message) => {
    expect(() => run(content)).toThrow(message);
  });

  it('says so when the file is missing', () => {
    const context = { env: {}, print: () => undefined, note: () => undefined };
    expect(() => importNekoBot(join(folder, 'none.json'), { qq: {} }, context)).toThrow(/none\.json cannot be read/);
  });
});
