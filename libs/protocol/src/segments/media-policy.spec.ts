import { describe, expect, it } from '@jest/globals';
import { checkMedia, DEFAULT_MEDIA_POLICY } from './media-policy';

const POLICY = { paths: ['/shared/media', '/tmp/napcat/'], hosts: ['media', '10.0.0.5'], maxBase64: 16 };

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
    '/shared/media/a.png',
    'file:///shared/media/a%20b.png',
    '/tmp/napcat/x',
  ])('allows %s', (reference) => {
    expect(checkMedia(reference, POLICY)).toBe(reference);
  });

  it.each([
    ['', /is empty/],
    ['/app/config/onebot11_1.json', /paths on the machine of NapCat/],
    ['onebot11_1.json', /paths on the machine/],
    ['../../etc/passwd', /paths on the machine/],
    ['/shared/media/../../etc/passwd', /paths on the machine/],
    ['/shared/mediator/a', /paths on the machine/],
    ['/shared/media/a\0.png', /paths on the machine/],
    ['/shared/media/./a', /paths on the machine/],
    ['file:///etc/passwd', /paths on the machine/],
    ['file:///shared/media/..%2f..%2fetc/passwd', /paths on the machine/],
    ['FILE:///etc/passwd', /paths on the machine/],
    ['file://server/share/a.png', /another machine/],
    ['file:///%E0%A4%A', /cannot be read/],
    ['\\\\server\\share\\a.png', /paths on the machine/],
    ['C:\\windows\\win.ini', /paths on the machine/],
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
    expect(() => checkMedia('/shared/media/a.png', DEFAULT_MEDIA_POLICY)).toThrow(/paths on the machine/);
    expect(() => checkMedia('http://media/a.png', DEFAULT_MEDIA_POLICY)).toThrow(/not public/);
  });
});
