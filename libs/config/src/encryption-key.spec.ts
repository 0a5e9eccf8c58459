import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadConfig } from './load-config';
import { loadEncryptionKey, loadProcessSettings } from './process-settings';

const KEY = 'k'.repeat(32);
const OTHER = 'o'.repeat(44);
const REDIS_URL = 'redis://127.0.0.1:6379';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'rookery-key-'));
  writeFileSync(join(folder, 'key'), `${KEY}\n`);
  writeFileSync(join(folder, 'rookery.yaml'), `encryptionKey: "\${file:key}"`);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('the encryption key', () => {
  const config = () => loadConfig({ ROOKERY_CONFIG: join(folder, 'rookery.yaml') });

  it('comes from the file, also one that the file names', () => {
    expect(loadEncryptionKey({}, config())?.reveal()).toBe(KEY);
  });

  it('comes from ROOKERY_KEY before the file', () => {
    expect(loadEncryptionKey({ ROOKERY_KEY: OTHER }, config())?.reveal()).toBe(OTHER);
    expect(loadProcessSettings({ ROOKERY_KEY: OTHER, REDIS_URL }, 'worker', config()).encryptionKey?.reveal()).toBe(
      OTHER,
    );
  });

  it('comes from a file that ROOKERY_KEY names', () => {
    expect(loadEncryptionKey({ ROOKERY_KEY: `\${file:${join(folder, 'key')}}` }, config())?.reveal()).toBe(KEY);
  });

  it('is absent when nothing names one', () => {
    const none = { ...config(), encryptionKey: undefined };
    expect(loadEncryptionKey({}, none)).toBeUndefined();
    expect(loadProcessSettings({ REDIS_URL }, 'worker', none)).not.toHaveProperty('encryptionKey');
  });

  it.each([
    ['too short', 'short-secret', /ROOKERY_KEY.*at least 32 characters/],
    ['in a file that is not there', '${file:/nowhere/key}', /ROOKERY_KEY.*\/nowhere\/key cannot be read/],
    ['from a variable that is not set', '${NOT_SET}', /ROOKERY_KEY.*NOT_SET is not set/],
  ])('is refused when it is %s, and not shown', (_name, text, expected) => {
    const load = () => loadEncryptionKey({ ROOKERY_KEY: text }, config());
    expect(load).toThrow(expected);
    expect(load).toThrow(expect.objectContaining({ message: expect.not.stringContaining('short-secret') }));
  });
});
