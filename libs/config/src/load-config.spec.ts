import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RookeryError } from '@rookery/protocol';
import { loadConfig, type RookeryConfig } from './load-config';
import type { Environment } from './environment';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'rookery-config-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const file = (name: string, content: string) => {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
};
const load = (yaml: string, env: Environment = {}): RookeryConfig =>
  loadConfig({ ...env, ROOKERY_CONFIG: file('rookery.yaml', yaml) });

function refusal(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (error instanceof RookeryError && error.code === 'CONFIG_INVALID') return error.message.replaceAll(folder, '');
    throw error;
  }
  throw new Error('the configuration was accepted');
}

describe('loadConfig', () => {
  it('gives the defaults for a file that changes nothing', () => {
    const config = load('{}');
    expect(config).toMatchObject({
      commandPrefix: ['/'],
      accounts: [],
      reverse: { host: '127.0.0.1', port: 6199, path: '/onebot/v11/ws' },
      limits: { profile: 'default' },
      partitions: 32,
      console: { host: '127.0.0.1' },
      connector: { host: '127.0.0.1' },
      worker: { host: '127.0.0.1' },
      log: { level: 'info' },
    });
    expect(config.dataDir).toBe(join(folder, 'data'));
    expect(config.file).toBe(join(folder, 'rookery.yaml'));
  });

  it('reads forward and reverse accounts', () => {
    const config = load(
      `accounts:
  - { selfId: "10001", mode: forward, url: "ws://127.0.0.1:3001", token: "\${NAPCAT_TOKEN}", pool: night }
  - { selfId: "10002", mode: reverse, token: "\${file:10002.token}" }
  - { selfId: "10003", mode: forward, url: "ws://127.0.0.1:3003", token: "\${NAPCAT_TOKEN}" }
commandPrefix: ["/", ""]`,
      (file('10002.token', 'from-file\n'), { NAPCAT_TOKEN: 'from-env' }),
    );
    expect(config.commandPrefix).toEqual(['/', '']);
    expect(config.accounts).toMatchObject([
      { selfId: '10001', mode: 'forward', url: 'ws://127.0.0.1:3001', pool: 'night' },
      { selfId: '10002', mode: 'reverse', pool: 'default' },
      { selfId: '10003', mode: 'forward' },
    ]);
    expect(config.accounts.map(({ token }) => token?.reveal())).toEqual(['from-env', 'from-file', 'from-env']);
    expect(JSON.stringify(config)).not.toContain('from-');
  });

  it('adds the accounts of the fleet file', () => {
    const fleet = file('fleet.yaml', '{ "accounts": [{ "selfId": "20001", "mode": "reverse", "token": "t" }] }');
    const config = load('accounts: [{ selfId: "10001", mode: forward, url: "ws://h:1" }]', { ROOKERY_FLEET: fleet });
    expect(config.accounts.map(({ selfId }) => selfId)).toEqual(['10001', '20001']);
  });

  it('lists all problems of all files at once, with file, line and key', () => {
    const fleet = file('fleet.yaml', 'accounts:\n  - { selfId: "10001", mode: reverse, token: "t" }\nlog: {}');
    const text = refusal(() =>
      load(
        `accounts:
  - { selfId: "10001", mode: forward, url: "ws://127.0.0.1:3001" }
  - { selfId: "10002", mode: reverse, tokn: "x" }
  - { selfId: "10001", mode: reverse, token: "t" }
reverse:
  port: 70000
colour: red`,
        { ROOKERY_FLEET: fleet },
      ),
    );
    expect(text.split('\n')).toEqual([
      'the configuration has 7 problems:',
      '  /rookery.yaml:3  accounts[1].tokn: unknown key; did you mean `token`?',
      '  /rookery.yaml:6  reverse.port: must be from 0 to 65535 (0: any free port)',
      expect.stringContaining('  /rookery.yaml:7  colour: unknown key; valid here: commandPrefix, locale, accounts, '),
      '  /fleet.yaml:3  log: unknown key; valid here: accounts',
      '  /rookery.yaml:4  accounts[2].selfId: account 10001 is already in accounts[0] of /rookery.yaml',
      '  /fleet.yaml:2  accounts[0].selfId: account 10001 is already in accounts[0] of /rookery.yaml',
      '  /fleet.yaml:2  accounts[0].token: is also the token of accounts[2] of /rookery.yaml; each reverse account needs its own',
      'Every key is explained in rookery.example.yaml.',
    ]);
  });

  const forward = (extra: string) => `accounts: [{ selfId: "1", mode: forward, url: "ws://h:1", ${extra} }]`;
  const strong = 'k3J9x0Qm2ZpL8vTf';
  it.each<[string, string, string]>([
    ['an empty file', '', 'is empty; copy rookery.example.yaml'],
    ['a file of comments only', '# nothing', 'is empty; copy rookery.example.yaml'],
    ['invalid YAML, with its line', 'log:\n  level: "info', '/rookery.yaml:2  is not valid YAML'],
    ['two documents', 'log: {}\n---\nlog: {}', 'is not valid YAML: it has several documents'],
    ['a token that begins with *', forward('token: *SEKRET'), 'a value that begins with * needs quotes'],
    ['a token that begins with !', forward('token: !SEKRET'), 'a value that begins with ! needs quotes'],
    ['text behind quotes', 'log: { level: "info" SEKRET }', 'is not valid YAML: '],
    ['text behind a token', 'metrics:\n  token: |SEKRET\n', 'is not valid YAML: this cannot stand here'],
    ['a mapping as a key', '? { SEKRET: 1 }\n: 1', 'is not valid YAML'],
    ['a key twice, deep inside', 'accounts:\n- log: 1\n  log: 1', '/rookery.yaml:3  is not valid YAML: Map keys must'],
    ['a key twice', 'log: {}\nlog: {}', '/rookery.yaml:2  is not valid YAML: Map keys must be unique'],
    ['an unresolved tag', 'log: !!js/function x', 'is not valid YAML'],
    ['a list instead of keys', '- a', '/rookery.yaml  must be a mapping'],
    ['plain text', 'hello', 'must be a mapping'],
    ['a known key with a dash', 'command-prefix: ["/"]', 'did you mean `commandPrefix`?'],
    ['an unknown key in a section', 'log: { leve: info }', 'log.leve: unknown key; did you mean `level`?'],
    ['the key __proto__', '__proto__: { a: 1 }', '__proto__: unknown key'],
    ['a token that a line break has made a key', 'log: {}\nSEKRET7q2Zx: 1', '  ?: unknown key; valid here: '],
    ['text for a number', 'partitions: "10"', 'partitions: must be a number, without quotes'],
    ['a negative number', 'partitions: -1', 'partitions: must be from 1 to 1024'],
    ['a fraction', 'partitions: 1.5', 'partitions: must be a whole number'],
    ['not a number', 'partitions: .nan', 'partitions: must be a finite number'],
    ['a number beyond all', 'partitions: 1e999', 'partitions: must be a finite number'],
    ['null for a section', 'log: ~', 'log: must be a mapping'],
    ['a word for a list', 'commandPrefix: "/"', 'commandPrefix: must be a list'],
    ['no prefix at all', 'commandPrefix: []', 'commandPrefix: must have an entry'],
    [
      'a permission that is none',
      'permissions: { dice: [mention_all] }',
      'permissions.dice[0]: is no permission: did you mean',
    ],
    ['permissions of what can be no plugin', 'permissions: { Dice: [moderate] }', 'must be the id of a plugin'],
    ['an unknown level', 'log: { level: loud }', 'log.level: must be one of fatal, error'],
    ['an unknown profile', 'limits: { profile: 3 }', 'limits.profile: must be one of default, cautious, unlimited'],
    ['a port beyond the range', 'worker: { port: 65536 }', 'worker.port: must be from 0 to 65535'],
    ['a path without slash', 'reverse: { path: ws }', 'reverse.path: must start with /'],
    ['an impossible host', 'reverse: { host: "a b" }', 'reverse.host: must be a host name'],
    ['a foreign Redis address', 'redis: { url: "http://h" }', 'redis.url: must be redis://host:port'],
    ['a relative socket path', 'redis: { url: "unix://run/r.sock" }', 'redis.url: must be redis://host:port'],
    ['an empty data folder', 'dataDir: ""', 'dataDir: must not be empty'],
    [
      'a bare QQ number',
      'accounts: [{ selfId: 10001, mode: reverse, token: t }]',
      'selfId: must be text: put the number',
    ],
    ['a QQ number with letters', 'accounts: [{ selfId: "1x", mode: reverse, token: t }]', 'must be a QQ number'],
    ['the QQ number 0', 'accounts: [{ selfId: "0", mode: reverse, token: t }]', 'must be a QQ number'],
    ['an account without mode', 'accounts: [{ selfId: "1" }]', 'accounts[0].mode: must be one of forward, reverse'],
    ['an unknown mode', 'accounts: [{ selfId: "1", mode: both }]', 'accounts[0].mode: must be one of'],
    ['forward without url', 'accounts: [{ selfId: "1", mode: forward }]', 'accounts[0].url: is missing'],
    [
      'reverse with url',
      'accounts: [{ selfId: "1", mode: reverse, token: t, url: "ws://h" }]',
      'belongs to mode: forward',
    ],
    [
      'reverse with two connectors',
      'accounts: [{ selfId: "1", mode: reverse, token: t, attach: dual }]',
      'accounts[0].attach: dual belongs to mode: forward',
    ],
    ['a gap of days', 'backfill: { maxAgeMinutes: 1441 }', 'backfill.maxAgeMinutes: must be from 1 to 1440'],
    ['reverse without token', 'accounts: [{ selfId: "1", mode: reverse }]', 'accounts[0].token: is missing'],
    ['an empty token', forward('token: ""'), 'accounts[0].token: must not be empty'],
    ['a token with a space', forward('token: "a b"'), 'accounts[0].token: must consist of printable'],
    ['a pool with a space', forward('pool: "a b"'), 'accounts[0].pool: must be 1 to 64'],
    ['a web address', 'accounts: [{ selfId: "1", mode: forward, url: "http://h" }]', 'url: must look like ws://'],
    [
      'a token in the url',
      'accounts: [{ selfId: "1", mode: forward, url: "ws://h/?access_token=SEKRET" }]',
      'must not hold a token',
    ],
    [
      'a variable that is not set',
      forward('token: "${NOPE}"'),
      'accounts[0].token: the environment variable NOPE is not set',
    ],
    ['a variable that is empty', forward('token: "${EMPTY}"'), 'EMPTY is not set or empty'],
    ['a secret file that is missing', forward('token: "${file:nope}"'), '/nope cannot be read (ENOENT)'],
    ['a secret file that is empty', forward('token: "${file:blank}"'), '/blank is empty'],
    ['a secret file that is a folder', forward('token: "${file:.}"'), 'is not a file of at most'],
    ['an odd reference', forward('token: "${a b}"'), 'neither ${NAME} nor ${file:path}'],
    ['a public console without token', 'console: { host: 0.0.0.0 }', 'console.token: is missing'],
    [
      'a short token of a public console',
      'console: { host: "::", token: changeme }',
      'console.token: needs at least 16',
    ],
    [
      'a short reading token of a public console',
      'console: { host: 0.0.0.0, token: long-enough-secret, readToken: x }',
      'console.readToken: needs at least 16',
    ],
    [
      'a token to read where none is needed to change',
      'console: { readToken: reader }',
      'console.readToken: needs `console.token`',
    ],
    [
      'one token for both roles',
      'console: { token: one, readToken: one }',
      'console.readToken: must not be `console.token`',
    ],
    ['a repeated word as public token', 'console: { host: "::", token: changemechangeme }', 'is easy to guess'],
    ['one repeated letter as public token', 'console: { host: "::", token: aaaaaaaaaaaaaaaaaaaa }', 'is easy to guess'],
    ['public metrics', 'worker: { host: 0.0.0.0 }', 'metrics.token: is missing: worker.host can be reached'],
    [
      'a short token for public metrics',
      'worker: { host: 0.0.0.0 }\nmetrics: { token: abc }',
      'metrics.token: needs at least 16 characters, since /metrics is reachable',
    ],
    [
      'a short token on a public reverse address',
      `reverse: { host: 0.0.0.0 }\naccounts: [{ selfId: "1", mode: reverse, token: "123456" }, { selfId: "2", mode: reverse, token: ${strong} }]`,
      '/rookery.yaml:2  accounts[0].token: needs at least 16 characters, since reverse.host',
    ],
    ['anchors that multiply', bomb(), 'its anchors (&, *) cannot be resolved'],
    ['an anchor that contains itself', 'commandPrefix: &a [*a]', 'its anchors (&, *) cannot be resolved'],
    ['more than 1 MiB', `# ${'x'.repeat(1024 * 1024)}`, 'at most 1048576 are accepted'],
  ])('refuses %s', (_, yaml, expected) => {
    file('blank', ' \n');
    const text = refusal(() => load(yaml, { EMPTY: '' }));
    expect(text).toContain(expected);
    expect(text).toContain('the configuration has one problem:');
    expect(text).not.toContain('SEKRET');
  });

  it('accepts public addresses with strong tokens', () => {
    const config = load(`reverse: { host: 0.0.0.0 }
console: { host: 0.0.0.0, token: ${strong} }
accounts: [{ selfId: "1", mode: reverse, token: ${strong}2 }, { selfId: "2", mode: forward, url: "ws://h", token: x }]`);
    expect(config.reverse.host).toBe('0.0.0.0');
  });

  it('checks the tokens of the fleet file against the public reverse address', () => {
    const fleet = file('fleet.yaml', 'accounts: [{ selfId: "2", mode: reverse, token: short }]');
    const text = refusal(() => load('reverse: { host: 0.0.0.0 }', { ROOKERY_FLEET: fleet }));
    expect(text).toContain('/fleet.yaml:1  accounts[0].token: needs at least 16 characters');
  });

  it('says what is wrong with the path of a file', () => {
    mkdirSync(join(folder, 'sub'));
    expect(refusal(() => loadConfig({ ROOKERY_CONFIG: join(folder, 'none.yaml') }))).toContain(
      '/none.yaml  does not exist',
    );
    expect(refusal(() => loadConfig({ ROOKERY_CONFIG: join(folder, 'sub') }))).toContain('/sub  is not a file');
    expect(refusal(() => load('{}', { ROOKERY_FLEET: join(folder, 'none') }))).toContain('/none  does not exist');
    const below = { ROOKERY_CONFIG: join(folder, 'rookery.yaml', 'x') };
    expect(refusal(() => loadConfig(below))).toContain('/rookery.yaml/x  cannot be read (ENOTDIR)');
  });
});

function bomb(): string {
  const levels = Array.from({ length: 8 }, (_, i) => `  - &a${i + 1} [${Array(8).fill(`*a${i}`).join(', ')}]`);
  return `commandPrefix:\n  - &a0 ["x"]\n${levels.join('\n')}`;
}
