import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import { loadConfig } from './load-config';
import { configSchema } from './schema';

const EXAMPLE = join(__dirname, '../../../rookery.example.yaml');

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'rookery-example-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** The example with every switched-off setting switched on, in place of the default of the same key. */
function switchedOn(): string {
  const text = readFileSync(EXAMPLE, 'utf8').replaceAll(/^#(?=\S| {2})/gm, '');
  return text
    .replace(/^accounts: \[\]$/m, '')
    .replace(/^redis: \{\}$/m, '')
    .replace(/^pools: \{\}$/m, '')
    .replace(/^media: \{\}$/m, '')
    .replace(/^telemetry: \{\}$/m, '')
    .replace(/^plugins: \[\]$/m, '')
    .replace(/^permissions: \{\}$/m, '');
}

const load = (name: string, text: string, env = {}) => {
  const path = join(folder, name);
  writeFileSync(path, text);
  return loadConfig({ ROOKERY_CONFIG: path, ...env });
};

/** Every key that the schema knows, as dotted paths; entries of a list under the list's own name. */
function schemaKeys(schema: unknown, prefix = ''): string[] {
  const at = bare(schema);
  if (at instanceof z.ZodArray) return schemaKeys(at.element, prefix);
  if (at instanceof z.ZodRecord) return schemaKeys(at.valueType, joined(prefix, '*'));
  if (!(at instanceof z.ZodObject)) return [prefix];
  return Object.entries(at.shape).flatMap(([key, value]) => schemaKeys(value, joined(prefix, key)));
}

/** The same of a value; names that the schema leaves to people are written as `*`. */
function valueKeys(value: unknown, schema: unknown, prefix = ''): string[] {
  const at = bare(schema);
  const below = at instanceof z.ZodArray ? at.element : at instanceof z.ZodRecord ? at.valueType : undefined;
  if (Array.isArray(value)) return value.flatMap((item) => valueKeys(item, below, prefix));
  if (typeof value !== 'object' || value === null) return [prefix];
  return Object.entries(value).flatMap(([key, item]) => {
    const inner = at instanceof z.ZodObject ? at.shape[key] : below;
    return valueKeys(item, inner, joined(prefix, at instanceof z.ZodRecord ? '*' : key));
  });
}

/** Limits are the same settings in every scope: the example shows them once. */
const once = (path: string) =>
  path.replace(/^(accounts\.limits|pools\.\*\.limits|limits\.conversations\.\*)\..*/, '$1');

const joined = (prefix: string, key: string) => (prefix === '' ? key : `${prefix}.${key}`);

function bare(schema: unknown): unknown {
  let at = schema;
  while (
    at instanceof z.ZodDefault ||
    at instanceof z.ZodPrefault ||
    at instanceof z.ZodOptional ||
    at instanceof z.ZodNullable
  ) {
    at = at.unwrap();
  }
  return at;
}

describe('rookery.example.yaml', () => {
  it('is the defaults when copied as it is', () => {
    const { file: _, ...example } = load('rookery.yaml', readFileSync(EXAMPLE, 'utf8'));
    const { file: __, ...defaults } = load('empty.yaml', '{}');
    expect(example).toEqual(defaults);
  });

  it('is valid with everything switched on', () => {
    mkdirSync(join(folder, 'secrets'), { recursive: true });
    writeFileSync(join(folder, 'secrets/10002.token'), 'a-token-of-10002');
    const env = {
      NAPCAT_TOKEN: 'a-token-of-10001',
      ROOKERY_CONSOLE_TOKEN: 'a-token-of-console',
      ROOKERY_CONSOLE_READ_TOKEN: 'a-token-to-read-with',
      ROOKERY_METRICS_TOKEN: 'a-token-of-metrics',
      ROOKERY_KEY: 'k'.repeat(32),
      ALERT_TOKEN: 'an-alert-token',
      OTLP_TOKEN: 'an-otlp-token',
      SMTP_PASSWORD: 'a-password',
    };
    const config = load('on.yaml', switchedOn(), env);
    expect(config.accounts.map(({ mode }) => mode)).toEqual(['forward', 'reverse']);
  });

  it('holds every key of the schema, and no other', () => {
    const inExample = new Set(valueKeys(parse(switchedOn()), configSchema).map(once));
    expect([...inExample].sort()).toEqual([...new Set(schemaKeys(configSchema).map(once))].sort());
  });
});
