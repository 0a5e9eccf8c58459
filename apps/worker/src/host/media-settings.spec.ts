import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { prepareAction } from '@rookery/protocol';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { mediaPolicyOf } from './media-settings';

let disk: string;
beforeAll(() => {
  disk = mkdtempSync(join(tmpdir(), 'rookery-shared-'));
  mkdirSync(join(disk, 'media/deep'), { recursive: true });
  mkdirSync(join(disk, 'media-of-others'));
  for (const file of ['media/a.png', 'media/deep/b.png', 'media-of-others/c.png', 'secret.txt'])
    writeFileSync(join(disk, file), 'x');
  symlinkSync(join(disk, 'secret.txt'), join(disk, 'media/link.png'));
  symlinkSync('../media-of-others', join(disk, 'media/others'));
  symlinkSync('deep/b.png', join(disk, 'media/inner.png'));
  symlinkSync('nowhere', join(disk, 'media/dangling.png'));
  symlinkSync(join(disk, 'media'), join(disk, 'alias'));
});
afterAll(() => rmSync(disk, { recursive: true, force: true }));

/** The file of a picture as it is sent, when plugins see the folder as `ours`. */
function sent(file: string, ours = 'media'): unknown {
  const media = mediaPolicyOf({ allowHosts: [], sharedPath: { ours: join(disk, ours), napcat: '/app/media' } });
  const message = [{ type: 'image', data: { file } }];
  const { params } = prepareAction('send_group_msg', { group_id: '1', message }, media);
  return (params['message'] as { data: { file: unknown } }[])[0]?.data.file;
}

describe('mediaPolicyOf', () => {
  it.each([
    ['media', 'media/a.png', '/app/media/a.png'],
    ['media', 'media/deep/b.png', '/app/media/deep/b.png'],
    ['media', 'media/inner.png', '/app/media/deep/b.png'],
    ['alias', 'alias/a.png', '/app/media/a.png'],
  ])('with %s shared sends %s as %s', (ours, file, napcats) => {
    expect(sent(join(disk, file), ours)).toBe(napcats);
    expect(sent(`file://${join(disk, file)}`, ours)).toBe(napcats);
  });

  it.each([
    ['a path that climbs out', '/media/../secret.txt', /only files inside/],
    ['an encoded path that climbs out', '/media/..%2fsecret.txt', /only files inside|not there/],
    ['a link to a file outside', '/media/link.png', /link that leads out/],
    ['a file behind a link to a folder outside', '/media/others/c.png', /link that leads out/],
    ['a link to nowhere', '/media/dangling.png', /is not there/],
    ['a folder of a like name', '/media-of-others/c.png', /only files inside/],
    ['another file of the machine', '/secret.txt', /only files inside/],
  ])('refuses %s', (_case, path, problem) => {
    expect(() => sent(disk + path)).toThrow(problem);
    expect(() => sent(`file://${disk}${path}`)).toThrow(problem);
  });

  it('allows the hosts of the settings, and no path when no folder is shared', () => {
    const media = mediaPolicyOf({ allowHosts: ['media.lan'] });
    const send = (file: string) =>
      prepareAction('send_group_msg', { group_id: '1', message: [{ type: 'image', data: { file } }] }, media);
    expect(send('http://media.lan/a.png').notes).toEqual([]);
    expect(() => send('http://other.lan/a.png')).toThrow(/media\.allowHosts/);
    expect(() => send(join(disk, 'media/a.png'))).toThrow(/a path is not allowed/);
  });
});
