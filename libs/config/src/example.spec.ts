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
  return text.replace(/^accounts: \[\]$/m, '').replace(/^redis: \{\}$/m, '');
}

const load = (name: string, text: string, env = {}) => {
  const path = join(folder, name);
  writeFileSync(path, text);
  return loadConfig({ ROOKERY_CONFIG: path, ...env });
};

/** Every key that the schema knows, as dotted paths; entries of a list under the list's own name. */
function schemaKeys(schema: unknown, prefix = ''): string[] {
  let at = schema;
  while (at instanceof z.ZodDefault || at instanceof z.ZodPrefault || at instanceof z.ZodOptional) at = at.unwrap();
  if (at instanceof z.ZodArray) return schemaKeys(at.element, prefix);
  if (!(at instanceof z.ZodObject)) return [prefix];
  return Object.entries(at.shape).flatMap(([key, value]) =>
    schemaKeys(value, prefix === '' ? key : `${prefix}.${key}`),
  );
}

function valueKeys(value: unknown, prefix = ''): string[] {
  if (Array.isArray(value)) return value.flatMap((item) => valueKeys(item, prefix));
  if (typeof value !== 'object' || value === null) return [prefix];
  return Object.entries(value).flatMap(([key, item]) => valueKeys(item, prefix === '' ? key : `${prefix}.${key}`));
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
    const env = { NAPCAT_TOKEN: 'a-token-of-10001', ROOKERY_CONSOLE_TOKEN: 'a-token-of-console' };
    const config = load('on.yaml', switchedOn(), env);
    expect(config.accounts.map(({ mode }) => mode)).toEqual(['forward', 'reverse']);
  });

  it('holds every key of the schema, and no other', () => {
    const inExample = new Set(valueKeys(parse(switchedOn())));
    expect([...inExample].sort()).toEqual([...new Set(schemaKeys(configSchema))].sort());
  });
});
