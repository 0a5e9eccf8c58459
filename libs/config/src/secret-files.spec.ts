import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { secretFiles } from './secret-files';

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'rookery-secrets-'));
  file = join(folder, 'rookery.yaml');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const found = (yaml: string, env: Readonly<Record<string, string>> = {}) => {
  writeFileSync(file, yaml);
  return secretFiles({ ROOKERY_CONFIG: file, ...env });
};

describe('secretFiles', () => {
  it.each([
    ['accounts: [{ selfId: "1", mode: reverse, token: written-out }]', true],
    ['encryptionKey: written-out', true],
    ['redis: { url: "redis://:written-out@redis:6379" }', true],
    ['redis: { url: "redis://redis:6379" }', false],
    ['console: { token: "${TOKEN}" }', false],
    ['locale: zh', false],
  ])('%s: the file itself holds a secret: %s', (yaml, holds) => {
    expect(found(yaml)).toEqual(holds ? [file] : []);
  });

  it('names the files that references name, relative to the file that holds them', () => {
    const key = join(folder, 'key');
    expect(
      found('console: { token: "${file:secrets/console}" }\nredis: { url: "redis://:${file:/run/p}@redis" }', {
        ROOKERY_KEY: `\${file:${key}}`,
      }),
    ).toEqual([join(folder, 'secrets/console'), '/run/p', key]);
  });

  it('reads the fleet file too, and leaves files that cannot be read alone', () => {
    const fleet = join(folder, 'fleet.yaml');
    writeFileSync(fleet, 'accounts: [{ selfId: "1", mode: reverse, token: written-out }]');
    expect(secretFiles({ ROOKERY_CONFIG: join(folder, 'none.yaml'), ROOKERY_FLEET: fleet })).toEqual([fleet]);
  });
});
