import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadConfig } from './load-config';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'rookery-media-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const load = (text: string) => {
  const path = join(folder, 'rookery.yaml');
  writeFileSync(path, text);
  return loadConfig({ ROOKERY_CONFIG: path });
};

describe('media', () => {
  it('allows nothing that is not said', () => {
    expect(load('{}').media).toEqual({ allowHosts: [] });
  });

  it.each(['/app/media', 'C:\\media', 'D:/media/'])(
    'takes hosts in any case, and a shared folder that NapCat calls %s',
    (napcat) => {
      const sharedPath = { ours: '/data/media', napcat };
      expect(load(`media: ${JSON.stringify({ allowHosts: ['Media', 'fd00::5'], sharedPath })}`).media).toEqual({
        allowHosts: ['media', 'fd00::5'],
        sharedPath,
      });
    },
  );

  it.each([
    [{ sharedPath: { ours: '/data/media' } }, 'media.sharedPath.napcat'],
    [{ sharedPath: { ours: 'media', napcat: '/m' } }, 'media.sharedPath.ours: must be an absolute path'],
    [{ sharedPath: { ours: '/', napcat: '/m' } }, 'media.sharedPath.ours: must be a folder below the root'],
    [{ sharedPath: { ours: '/m', napcat: 'C:\\' } }, 'media.sharedPath.napcat: must be a folder below the root'],
    [{ sharedPath: { ours: '/m/../etc', napcat: '/m' } }, 'media.sharedPath.ours: must hold no . and no ..'],
    [{ sharedPath: { ours: '/m', napcat: '/m', other: '/m' } }, 'other'],
    [{ allowHosts: ['http://media/'] }, 'must be a host name or an address'],
    [{ privateAddresses: true }, 'privateAddresses'],
  ])('refuses %j', (media, problem) => {
    expect(() => load(`media: ${JSON.stringify(media)}`)).toThrow(problem);
  });
});
