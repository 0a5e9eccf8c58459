import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { loadConfig } from '@rookery/config';
import { lookAtAdapters } from '../doctor/look-at-adapters';
import { writeCompose, type ComposeOptions } from './write-compose';

const DEPLOY = join(__dirname, '../../../../deploy');
const DEFAULTS = {
  image: 'mlikiowa/napcat-docker:v4.18.19',
  reverseUrl: 'ws://connector:6199/onebot/v11/ws',
  webPort: 6100,
};

let out: string;
beforeEach(() => {
  out = mkdtempSync(join(tmpdir(), 'rookery-compose-'));
});
afterEach(() => rmSync(out, { recursive: true, force: true }));

/** Returns what was said. */
function write(csv: string, options: Partial<ComposeOptions> = {}): string {
  const accounts = join(out, 'accounts.csv');
  writeFileSync(accounts, csv);
  let count = 0;
  const notes: string[] = [];
  writeCompose(
    { ...DEFAULTS, accounts, out, ...options },
    { newToken: () => `token-number-${(count += 1)}-of-this-run`, note: (text) => notes.push(text) },
  );
  return notes.join('\n');
}

const read = (path: string) => readFileSync(join(out, path), 'utf8');
const THREE = readFileSync(join(DEPLOY, 'compose/accounts.example.csv'), 'utf8');

describe('rookery compose', () => {
  it('writes accounts that Rookery takes and settings of NapCat that fit them', () => {
    write(THREE);
    const config = loadConfig({ ROOKERY_FLEET: join(out, 'accounts.yaml'), ROOKERY_CONFIG: written('locale: zh') });
    expect(config.accounts).toMatchObject([
      { selfId: '10001', mode: 'reverse', pool: 'default' },
      { selfId: '10002', mode: 'forward', url: 'ws://napcat-10002:3001', since: '2026-01-31' },
      { selfId: '10003', mode: 'reverse', pool: 'support' },
    ]);
    expect(new Set(config.accounts.map(({ token }) => token?.reveal())).size).toBe(3);
    expect(lookAtAdapters([join(out, 'napcat')], config)).toEqual([]);
  });

  it('gives each NapCat a service of its own in the profile, on loopback, with its own port, address and folders', () => {
    write(THREE);
    const { services } = parse(read('napcat.yaml')) as {
      services: Record<string, { ports: string[]; mac_address: string }>;
    };
    const napcats = Object.entries(services).filter(([name]) => name.startsWith('napcat-'));
    expect(napcats.map(([name, { ports }]) => [name, ports])).toEqual([
      ['napcat-10001', ['127.0.0.1:6100:6099']],
      ['napcat-10002', ['127.0.0.1:6101:6099']],
      ['napcat-10003', ['127.0.0.1:6102:6099']],
    ]);
    expect(services['napcat-10001']).toMatchObject({
      image: DEFAULTS.image,
      profiles: ['napcat'],
      volumes: ['./compose/napcat/10001/config:/app/napcat/config', './compose/napcat/10001/qq:/app/.config/QQ'],
    });
    expect(new Set(napcats.map(([, { mac_address: address }]) => address)).size).toBe(3);
    for (const [, { mac_address: address }] of napcats) expect(address).toMatch(/^02(?::[0-9a-f]{2}){5}$/);
    for (const role of ['connector', 'worker', 'console']) expect(services).toHaveProperty(role);
  });

  it('agrees with the example that is shipped', () => {
    write(THREE);
    expect(parse(readFileSync(join(DEPLOY, 'compose/napcat.example.yaml'), 'utf8'))).toEqual(
      parse(read('napcat.yaml')),
    );
  });

  it('prints no token, and writes tokens where this user alone reads them', () => {
    const said = write(THREE);
    for (const self of ['10001', '10002', '10003']) {
      const files = [`secrets/accounts/${self}.token`, `napcat/${self}/config/onebot11_${self}.json`];
      for (const file of files) expect(statSync(join(out, file)).mode & 0o077).toBe(0);
    }
    for (const text of [said, read('napcat.yaml'), read('accounts.yaml')]) expect(text).not.toContain('of-this-run');
  });

  it('keeps tokens and settings at a second run, and follows a changed list', () => {
    write(THREE);
    const [token, settings] = [read('secrets/accounts/10001.token'), read('napcat/10001/config/onebot11_10001.json')];
    expect(write('account\n10001\n10004\n')).toContain('1 accounts had settings');
    expect([read('secrets/accounts/10001.token'), read('napcat/10001/config/onebot11_10001.json')]).toEqual([
      token,
      settings,
    ]);
    expect(read('accounts.yaml')).toContain('10004');
    expect(read('accounts.yaml')).not.toContain('10002');
  });

  it('reads what spreadsheets write', () => {
    write('\uFEFF"account", "mode"\r\n"10001","forward"\r\n\r\n,\r\n10002\r\n');
    expect(read('accounts.yaml').match(/selfId: "(\d+)"/g)).toHaveLength(2);
  });

  it.each([
    ['no header', '10001,reverse\n', ':1  unknown column "10001"'],
    ['nothing', '', ':1  the first line must name'],
    ['a header alone', 'account\n', ':1  no account is listed'],
    ['a name for a number', 'account\nbob\n', ':2  "bob" is no QQ number'],
    ['zero', 'account\n0\n', ':2  "0" is no QQ number'],
    ['one twice', 'account\n10001\n\n10001\n', ':4  account 10001 is already in line 2'],
    ['another mode', 'account,mode\n10001,both\n', ':2  mode must be'],
    ['an odd pool', 'account,pool\n10001,a b\n', ':2  pool must be'],
    ['no such day', 'account,since\n10001,2026-02-30\n', ':2  since must be'],
    ['too many fields', 'account\n10001,reverse\n', ':2  has 2 fields'],
    ['an unknown column', 'account,tokn\n10001,x\n', ':1  unknown column "tokn"'],
    [
      'more than are taken',
      `account\n${Array.from({ length: 10_001 }, (_, n) => n + 1).join('\n')}`,
      ':10002  at most 10000',
    ],
  ])('refuses %s with its line, and writes nothing', (_, csv, expected) => {
    expect(() => write(csv)).toThrow(expected);
    expect(existsSync(join(out, 'accounts.yaml'))).toBe(false);
    expect(existsSync(join(out, 'secrets'))).toBe(false);
  });

  it('tells all problems at once', () => {
    expect(() => write('account,mode\nbob,x\n10001\n10001\n')).toThrow(/:2 .*\n.*:2 .*\n.*:4 /);
  });

  it('refuses a list that cannot be read or is too large, and more accounts than ports', () => {
    expect(() => write(THREE, { accounts: join(out, 'none.csv') })).toThrow('cannot be read');
    expect(() => write(`account\n${'1'.repeat(1024 * 1024)}`)).toThrow('bytes');
    expect(() => write(THREE, { webPort: 65_534 })).toThrow('1 ports too few');
  });
});

function written(yaml: string): string {
  const path = join(out, 'rookery.yaml');
  writeFileSync(path, yaml);
  return path;
}
