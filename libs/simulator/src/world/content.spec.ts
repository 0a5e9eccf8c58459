import { describe, expect, it } from '@jest/globals';
import type { Segment } from '@rookery/protocol';
import { fixture } from '../testing/stage';
import { asReceived, withMediaKey } from './content';

interface SegmentFacts {
  readonly type: string;
  readonly receive: {
    readonly supported: boolean;
    readonly data?: { readonly name: string; readonly optional?: boolean }[];
  };
  readonly send: { readonly supported: boolean };
}
const { segments } = fixture<{ segments: SegmentFacts[] }>('segments.json');
/** Parameters that a sender gives; types that are not here need none. */
const SENT: Record<string, Record<string, unknown>> = {
  text: { text: 'hi' },
  at: { qq: 10001000 },
  reply: { id: '1' },
  face: { id: 178 },
  json: { data: { app: 'x' } },
  markdown: { content: '# hi' },
  forward: { id: '7674123456789012345' },
  file: { file: 'file:///data/a.zip', name: 'a.zip' },
};
const both = segments.filter((facts) => facts.send.supported && facts.receive.supported);

describe('received form of what was sent', () => {
  it.each(both.map((facts) => [facts.type, facts] as const))(
    '%s arrives with the fields of the fact table',
    (type, facts) => {
      const received = asReceived({ type, data: SENT[type] ?? { file: 'http://example.invalid/1' } });
      const declared = (facts.receive.data ?? []).filter((field) => field.optional !== true).map((field) => field.name);
      expect(received.type).toBe(type);
      expect(Object.keys(received.data)).toEqual(expect.arrayContaining(declared));
    },
  );

  it.each([
    ['music', { type: '163', id: '1' }],
    ['contact', { type: 'qq', id: '1' }],
    ['location', { lat: '1', lon: '2' }],
  ])('%s arrives as a json card', (type, data) => {
    expect(asReceived({ type, data }).type).toBe('json');
  });

  it('turns a sticker into an image that keeps its ids', () => {
    const data = { emoji_package_id: 1, emoji_id: 'ab12', key: 'cd34' };
    expect(asReceived({ type: 'mface', data })).toMatchObject({ type: 'image', data });
  });

  it('names a file by its path when it has no name of its own', () => {
    expect(asReceived({ type: 'file', data: { file: 'file:///data/a.zip' } }).data['file']).toBe('a.zip');
    expect(asReceived({ type: 'file', data: {} }).data['file']).toBe('file.bin');
  });

  it('lets types pass that it does not know', () => {
    const odd: Segment = { type: 'hologram', data: { depth: 3 } };
    expect(asReceived(odd)).toEqual(odd);
  });

  it('keys only URLs of QQ’s own store to the account', () => {
    const elsewhere: Segment = { type: 'image', data: { url: 'https://example.invalid/a.png' } };
    expect(withMediaKey(elsewhere, '1')).toBe(elsewhere);
    const stored = asReceived({ type: 'image', data: { file: 'a.png' } });
    expect(withMediaKey(stored, '1').data['url']).not.toBe(withMediaKey(stored, '2').data['url']);
  });
});
