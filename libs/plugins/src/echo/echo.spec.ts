import { describe, expect, it } from '@jest/globals';
import { testFleet } from '@rookery/plugin-kit/testing';
import { EchoPlugin } from './echo.plugin';

const said = async (message: string) => {
  const fleet = await testFleet({ plugins: [EchoPlugin], locale: 'en' });
  return (await fleet.user('7').in('100').says(message)).map(({ segments }) => segments);
};

describe('EchoPlugin', () => {
  it.each([
    ['/echo text [CQ:at,qq=all] hi', { type: 'text', data: { text: '[CQ:at,qq=all] hi' } }],
    ['/echo image https://example.com/a.png', { type: 'image', data: { file: 'https://example.com/a.png' } }],
    ['/echo face 14', { type: 'face', data: { id: '14' } }],
    ['/echo record https://example.com/a.amr', { type: 'record', data: { file: 'https://example.com/a.amr' } }],
    ['/echo music 28949129', { type: 'music', data: { type: '163', id: '28949129' } }],
  ])('%s', async (message, segment) => {
    expect(await said(message)).toEqual([[expect.objectContaining(segment)]]);
  });

  it('a share becomes text with its title and address: NapCat knows no shares', async () => {
    const [segments] = await said('/echo share https://example.com Example');
    expect(JSON.stringify(segments)).toMatch(/Example.*https:\/\/example\.com/);
  });

  it.each(['/echo image file:///etc/passwd', '/echo image http://127.0.0.1:9300/', '/echo record /etc/passwd'])(
    '%s is not sent: the rules for media hold',
    async (message) => {
      const sent = await said(message).catch(() => []);
      expect(JSON.stringify(sent)).not.toMatch(/passwd|9300/);
    },
  );

  it.each(['/echo face -1', '/echo face x', '/echo image', '/echo music 0'])(
    '%s is answered with the usage',
    async (message) => {
      expect(JSON.stringify(await said(message))).toContain('/echo');
    },
  );
});
