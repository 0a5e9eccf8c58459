import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { RookeryError } from '@rookery/protocol';
import { fuzzing, JSON_SPLINTERS, mutated } from '@rookery/testing';
import fc from 'fast-check';
import { parse, stringify } from 'yaml';
import { loadConfig, type RookeryConfig } from './load-config';
import { Secret } from './secret';

const CANARY = 'cAnArY7q2Zx9Lm4';
const SETTINGS = {
  commandPrefix: ['/', ''],
  accounts: [
    { selfId: '10001', mode: 'forward', url: 'ws://127.0.0.1:3001/a', token: CANARY, pool: 'night', attach: 'dual' },
    { selfId: '10002', mode: 'reverse', token: `${CANARY}-2`, since: '2026-01-31', limits: { perDay: 50 } },
  ],
  reverse: { host: '127.0.0.1', port: 6199, path: '/onebot/v11/ws' },
  limits: { profile: 'cautious', account: [{ sends: 15, seconds: 60 }], gapSeconds: 1.2 },
  redis: { url: `redis://:${CANARY}@127.0.0.1:6379` },
  partitions: 32,
  console: { host: '127.0.0.1', port: 9300, token: CANARY, allowedHosts: ['bots.example.org'] },
  pools: { default: { policy: 'sticky', graceMs: 1500, assign: { '700000001': '10001' } } },
  plugins: [{ module: './plugins/weather.js', config: { city: '杭州', key: CANARY } }],
  encryptionKey: `${CANARY}${'k'.repeat(32)}`,
  alerts: {
    webhook: { url: `https://example.org/hook/${CANARY}`, token: CANARY },
    mail: {
      host: 'smtp.example.org',
      port: 465,
      user: 'bot',
      password: CANARY,
      from: 'a@b.example',
      to: ['c@d.example'],
    },
  },
  telemetry: { otlp: { url: 'http://127.0.0.1:4318', headers: { authorization: `Bearer ${CANARY}` } } },
  metrics: { accountSeries: 100, token: CANARY },
  log: { level: 'info' },
  dataDir: '/data',
};
const example = readFileSync(join(__dirname, '../../../rookery.example.yaml'), 'utf8');
const small =
  'log: { level: debug } # all of it\npartitions: 8\ncommandPrefix: ["#", "!"]\nworker:\n  host: "127.0.0.1"\n';
const samples = [stringify(SETTINGS), JSON.stringify(SETTINGS, null, 1), example, small, small];
/** What YAML has beyond JSON. */
const SPLINTERS = [
  ...JSON_SPLINTERS,
  ...['\n', ' ', '  ', '\t', '- ', '? ', ': ', '#', '|', '>', '*a', '&a ', '!!x ', '<<: ', '---\n', '...', '%'],
  ...['5', 'info', '"10003"', '# ', '\n\n', 'locale: en\n', '\nlocale: zh'],
  ...["'", '`', '@', '~', '.nan', '.inf', '0x10', '0o17', '1_000', 'yes', '2026-01-31', '${NOPE}', '${file:.}', '\r'],
];

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'rookery-config-'));
  file = join(folder, 'rookery.yaml');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** The settings, or the text of the one error that there may be. Everything else is thrown on. */
function load(text: string | Uint8Array): RookeryConfig | string {
  writeFileSync(file, text);
  try {
    return loadConfig({ ROOKERY_CONFIG: file });
  } catch (error) {
    if (error instanceof RookeryError && error.code === 'CONFIG_INVALID') return error.message;
    throw error;
  }
}

/** With what secrets hide. */
const whole = (config: RookeryConfig): string =>
  JSON.stringify(config, (_key, value: unknown) => (value instanceof Secret ? value.reveal() : value));

/** Throws when the outcome is neither of the two that there may be. */
function check(text: string | Uint8Array): 'accepted' | 'refused' {
  const loaded = load(text);
  if (typeof loaded === 'string') {
    // Readable whatever was in the file: a place in every line, and bounded.
    const isReadable = /^the configuration has (?:one problem|\d+ problems):\n {2}.*rookery\.yaml/.test(loaded);
    if (!isReadable || loaded.length > 64 * 1024) throw new Error(`not readable: ${loaded.slice(0, 1_000)}`);
    return 'refused';
  }
  // What is accepted means the same when it is written down in the plainest way.
  const again = load(JSON.stringify(parse(String(text))));
  if (typeof again === 'string') throw new Error(`refused as JSON: ${again}`);
  if (whole(again) !== whole(loaded)) throw new Error(`means something else as JSON: ${whole(loaded)} ${whole(again)}`);
  return 'accepted';
}

describe('configuration files under fuzzing', () => {
  it('are accepted as they are before anything is broken', () => {
    expect(new Set(samples.map(check))).toEqual(new Set(['accepted']));
  });

  it('broken at up to three places: the settings that they say, or one error with places', () => {
    const seen = { accepted: 0, refused: 0 };
    const property = fc.property(mutated(samples, SPLINTERS), (text) => void (seen[check(text)] += 1));
    fc.assert(property, fuzzing(300));
    expect(Math.min(seen.accepted, seen.refused)).toBeGreaterThan(10);
  });

  it('of any text, any bytes and any JSON', () => {
    const bytes = fc.uint8Array({ maxLength: 200 });
    const yamlish = fc.array(fc.constantFrom(...SPLINTERS, 'accounts', 'log', 'a'), { maxLength: 30 });
    const texts = fc.oneof(
      bytes,
      fc.string({ unit: 'binary' }),
      fc.json(),
      yamlish.map((parts) => parts.join('')),
    );
    const property = fc.property(texts, (text) => expect(['accepted', 'refused']).toContain(check(text)));
    fc.assert(property, fuzzing(200));
  });

  it.each([
    ['lists', '['.repeat(500_000)],
    ['closed lists', `commandPrefix: ${'['.repeat(5_000)}${']'.repeat(5_000)}`],
    ['mappings', '{a: '.repeat(100_000)],
    ['dashes', '- '.repeat(200_000)],
    ['keys', 'a: '.repeat(200_000)],
    ['questions', '? '.repeat(200_000)],
    ['indented keys', Array.from({ length: 1_000 }, (_, depth) => `${' '.repeat(depth)}a:`).join('\n')],
  ])('with %s nested very deeply are refused before the stack is used up', (_what, text) => {
    expect(load(text)).toContain('more than 100 lists and mappings lie within each other');
  });

  it.each([
    ['10,000 unknown keys', Array.from({ length: 10_000 }, (_, key) => `k${key}: 1`).join('\n')],
    ['a key of half a megabyte', `${'k'.repeat(1_000)}: 1\n? ${'k'.repeat(500_000)}\n: 1`],
    ['a key with line breaks', '"a\\nb\\u2028c\\e[31m": 1'],
  ])('with %s are refused in a message that people can read', (_what, text) => {
    expect(check(text)).toBe('refused');
    expect(load(text)).not.toMatch(/[^\P{Cc}\n]/u);
  });

  it('never have a secret quoted, whatever stands in its place or around it', () => {
    const places = [...stringify(SETTINGS).matchAll(/: .*cAnArY.*/g)].map(({ index }) => index + 2);
    const unquoted = fc.tuple(fc.constantFrom(...places), fc.constantFrom(...SPLINTERS), fc.constantFrom(...SPLINTERS));
    const property = fc.property(unquoted, ([place, before, behind]) => {
      const text = stringify(SETTINGS);
      const end = text.indexOf('\n', place);
      const said = load(`${text.slice(0, place)}${before}${text.slice(place, end)}${behind}${text.slice(end)}`);
      expect(typeof said === 'string' ? said : '').not.toContain(CANARY);
    });
    fc.assert(property, fuzzing(300));
  });
});
