import { describe, expect, it } from '@jest/globals';
import { checkMedia, DEFAULT_MEDIA_POLICY } from './media-policy';

/** A disk: where each path leads. */
const DISK: Readonly<Record<string, string>> = {
  '/data/media': '/mnt/disk/media',
  '/data/media/a.png': '/mnt/disk/media/a.png',
  '/data/media/a b.png': '/mnt/disk/media/a b.png',
  '/data/media/in.png': '/mnt/disk/media/deep/a.png',
  '/data/media/out.png': '/etc/passwd',
  '/data/media/beside.png': '/mnt/disk/media-of-others/a.png',
  '/data/media/folder': '/mnt/disk/media',
};
const folder = { ours: '/data/media', napcat: '/app/media/', realPath: (path: string) => DISK[path] };
const POLICY = { folder, hosts: ['media', '10.0.0.5', 'fd00::5'], maxBase64: 16 };

describe('checkMedia', () => {
  it.each([
    'https://example.com/a.png?x=1',
    'http://8.8.8.8/a.png',
    'HTTPS://[2606:4700::1111]/a.png',
    'http://172.32.0.1/',
    'http://100.128.0.1/',
    'http://198.20.0.1/',
    'http://192.0.1.1/',
    'http://media/a.png',
    'http://10.0.0.5:8080/a.png',
    'base64://AAECAw==',
    '8F2C0B1D6E7A4953A1B2C3D4E5F60718.png',
    '{8F2C0B1D-6E7A-4953-A1B2-C3D4E5F60718}.jpg',
    'http://[fd00::5]/a.png',
  ])('allows %s', (reference) => {
    expect(checkMedia(reference, POLICY)).toBe(reference);
  });

  it.each([
    ['/data/media/a.png', '/app/media/a.png'],
    ['file:///data/media/a%20b.png', '/app/media/a b.png'],
    ['/data/media/in.png', '/app/media/deep/a.png'],
  ])('turns %s of the shared folder into %s', (ours, napcats) => {
    expect(checkMedia(ours, POLICY)).toBe(napcats);
    const bare = { ...folder, ours: '/data/media/', napcat: 'C:/media', realPath: (path: string) => path };
    expect(checkMedia('/data/media/a.png', { ...POLICY, folder: bare })).toBe('C:/media/a.png');
  });

  it.each([
    ['', /is empty/],
    ['/app/config/onebot11_1.json', /only files inside \/data\/media/],
    ['onebot11_1.json', /only files inside/],
    ['../../etc/passwd', /only files inside/],
    ['/data/media/../../etc/passwd', /only files inside/],
    ['/data/mediator/a', /only files inside/],
    ['/data/media/a\0.png', /only files inside/],
    ['/data/media/./a', /only files inside/],
    ['file:///etc/passwd', /only files inside/],
    ['file:///data/media/..%2f..%2fetc/passwd', /only files inside/],
    ['FILE:///etc/passwd', /only files inside/],
    ['file://server/share/a.png', /another machine/],
    ['file:///%E0%A4%A', /cannot be read/],
    ['\\\\server\\share\\a.png', /only files inside/],
    ['C:\\windows\\win.ini', /only files inside/],
    ['/data/media/none.png', /is not there; write it/],
    ['/data/media/out.png', /a link that leads out of \/data\/media/],
    ['/data/media/beside.png', /a link that leads out/],
    ['/data/media/folder', /a link that leads out/],
    ['/data/media', /only files inside/],
    ['/app/media/a.png', /only files inside/],
    ['data:image/png;base64,AAAA', /scheme data: is not allowed/],
    ['ftp://example.com/a', /scheme ftp: is not allowed/],
    ['http://', /cannot be read/],
    ['http://user:pass@example.com/', /credentials/],
    ['http://localhost/', /localhost is not public/],
    ['http://a.localhost./', /is not public/],
    ['http://printer.local/', /is not public/],
    ['http://redis/', /redis is not public/],
    ['http://169.254.169.254/latest', /169\.254\.169\.254 is not public/],
    ['http://0x7f000001/', /127\.0\.0\.1 is not public/],
    ['http://2130706433/', /127\.0\.0\.1 is not public/],
    ['http://127.1/', /is not public/],
    ['http://10.1.2.3/', /is not public/],
    ['http://172.16.0.1/', /is not public/],
    ['http://192.168.1.1/', /is not public/],
    ['http://192.0.2.1/', /is not public/],
    ['http://100.64.0.1/', /is not public/],
    ['http://198.18.0.1/', /is not public/],
    ['http://0.0.0.0/', /is not public/],
    ['http://224.0.0.1/', /is not public/],
    ['http://[::1]/', /is not public/],
    ['http://[::ffff:127.0.0.1]/', /is not public/],
    ['http://[fd00::1]/', /is not public/],
    ['http://[fe80::1]/', /is not public/],
    ['http://[2002:7f00:1::]/', /is not public/],
    ['base64://AAAAAAAAAAAAAAAAAAAA', /base64 of 20 characters; above 16/],
    ['base64://<script>', /no base64/],
  ])('refuses %s', (reference, problem) => {
    expect(() => checkMedia(reference, POLICY)).toThrow(problem);
  });

  it('allows no path and no private host unless told to', () => {
    expect(() => checkMedia('/data/media/a.png', DEFAULT_MEDIA_POLICY)).toThrow(/a path is not allowed/);
    expect(() => checkMedia('http://media/a.png', DEFAULT_MEDIA_POLICY)).toThrow(/add it to media\.allowHosts/);
  });

  it('says when the shared folder itself is not there', () => {
    const gone = { ...POLICY, folder: { ...folder, realPath: () => undefined } };
    expect(() => checkMedia('/data/media/a.png', gone)).toThrow(/shared folder \/data\/media .* is not there/);
  });
});
