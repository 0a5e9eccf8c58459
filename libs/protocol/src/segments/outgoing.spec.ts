import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { RookeryError } from '../errors';
import type { MessageLike, Segment } from '../segment';
import * as build from './build';
import { OUTGOING_SEGMENTS_MAX, OUTGOING_TEXT_MAX, prepareMessage, type Place } from './outgoing';
import { OUTGOING_RULES } from './outgoing-rules';

const TYPES = (
  JSON.parse(readFileSync(join(__dirname, '../../../../test/fixtures/protocol/segments.json'), 'utf8')) as {
    segments: { type: string; send: { supported: boolean } }[];
  }
).segments;

const URL = 'https://example.com/a.png';

function prepare(message: MessageLike, place: Place = 'group'): Segment[] {
  return prepareMessage(message, { place }).segments;
}

function refusal(message: unknown, place: Place = 'group'): string {
  try {
    prepare(message as MessageLike, place);
  } catch (error) {
    if (error instanceof RookeryError && error.code === 'ACTION_INVALID') return error.message;
    throw error;
  }
  throw new Error('was not refused');
}

/** For every segment of the fact table that can be sent: how it is built. The others are converted or refused below. */
const BUILT: Record<string, MessageLike> = {
  text: build.text('hi'),
  at: build.at(10001),
  reply: [build.reply({ seq: 20538 }), 'x'],
  face: build.face(178),
  mface: build.mface({ packageId: 1, id: 'ab12', key: 'cd34', summary: '[贴纸]' }),
  image: build.image(URL, { summary: 's', subType: 1, name: 'n' }),
  record: build.record(URL),
  video: build.video(URL, { cover: URL, name: 'n' }),
  file: build.file(URL, 'a.zip'),
  json: build.json({ app: 'x' }),
  dice: build.dice(),
  rps: build.rps(),
  music: build.music('163', 28949129),
  contact: build.contact('group', 100100),
  forward: build.forward('res'),
  node: build.node({ userId: 10001, nickname: 'L' }, 'hi'),
  location: build.location(39.89, 116.31, 'Beijing'),
  markdown: build.node({ userId: 10001, nickname: 'L' }, build.markdown('# hi')),
};

describe('prepareMessage', () => {
  it('has a rule for every segment of the fact table, and no other', () => {
    expect(Object.keys(OUTGOING_RULES).sort()).toEqual(TYPES.map((entry) => entry.type).sort());
    expect(TYPES).toHaveLength(30);
  });

  it.each(TYPES.filter((entry) => entry.send.supported).map((entry) => entry.type))(
    'sends what the builder of %s makes',
    (type) => {
      const message = BUILT[type]!;
      const sent = prepare(message);
      const wanted = Array.isArray(message) ? message : [message];
      const converted = type === 'location' || type === 'node' || type === 'markdown';
      expect(converted ? sent.length : sent[0]).toEqual(converted ? 1 : wanted[0]);
    },
  );

  it.each(TYPES.filter((entry) => !entry.send.supported && entry.type !== 'share').map((entry) => entry.type))(
    'refuses %s with an explanation',
    (type) => {
      expect(refusal({ type, data: { url: URL, id: '1', data: 'x', text: 'x', qq: '1' } })).toMatch(/NapCat/);
    },
  );

  it.each<[string, unknown, RegExp]>([
    ['an empty message', [], /the message is empty/],
    ['empty text', '', /the message is empty/],
    ['only blanks', [' \n', '\t\u3000'], /the message is empty/],
    ['too much text', 'x'.repeat(OUTGOING_TEXT_MAX + 1), /262145 characters; .* at most 262144/],
    ['too many segments', Array.from({ length: OUTGOING_SEGMENTS_MAX + 1 }, () => 'a'), /501 segments; at most 500/],
    ['text without text', { type: 'text', data: {} }, /message\[0\] \(text\) needs text/],
    ['a mention of nobody', ['a', { type: 'at', data: {} }], /message\[1\] \(at\) needs the number of a person/],
    ['a mention of a name', { type: 'at', data: { qq: 'Lin' } }, /\(at\) needs the number/],
    ['a quote of nothing', [{ type: 'reply', data: {} }, 'x'], /\(reply\) needs the seq or the id/],
    ['a quote by text', [{ type: 'reply', data: { id: 'abc' } }, 'x'], /\(reply\) needs the seq or the id/],
    ['two quotes', [build.reply({ id: 1 }), build.reply({ id: 2 }), 'x'], /only one message/],
    ['a quote alone', build.reply({ id: 1 }), /a quote alone/],
    ['a face without id', { type: 'face', data: {} }, /\(face\) needs the number/],
    ['a sticker without key', { type: 'mface', data: { emoji_id: 'a' } }, /\(mface\) needs key/],
    ['a picture without file', { type: 'image', data: {} }, /\(image\) needs file/],
    ['a picture from the disk', build.image('/etc/passwd'), /\(image\) a path is not allowed/],
    ['a picture whose url is a path', { type: 'image', data: { file: URL, url: '/etc/passwd' } }, /\(image\) a path/],
    ['a cover from the disk', build.video(URL, { cover: '/etc/passwd' }), /\(video\) a path/],
    ['a file that is a number', { type: 'image', data: { file: 5 } }, /\(image\) needs file as text/],
    ['voice with text', [build.record(URL), 'x'], /voice message holds nothing else/],
    ['an empty card', build.json(''), /\(json\) needs data/],
    ['markdown outside a node', build.markdown('x'), /inside forward nodes/],
    ['custom music without image', { type: 'music', data: { type: 'custom', url: URL } }, /\(music\) needs image/],
    ['music of xm', { type: 'music', data: { type: 'xm', id: 1 } }, /\(music\) type must be custom or one of/],
    ['music without id', { type: 'music', data: { type: 'qq' } }, /\(music\) needs id/],
    [
      'a contact of a guild',
      { type: 'contact', data: { type: 'guild', id: 1 } },
      /\(contact\) type must be qq or group/,
    ],
    ['a contact without id', { type: 'contact', data: {} }, /\(contact\) needs the number/],
    ['a forward without id', { type: 'forward', data: {} }, /\(forward\) needs id/],
    ['a share without address', { type: 'share', data: {} }, /\(share\) needs url/],
    ['a place without longitude', { type: 'location', data: { lat: 1 } }, /\(location\) needs lon/],
    ['a node of nothing', { type: 'node', data: {} }, /\(node\) needs content, or the id/],
    ['a node with id and content', { type: 'node', data: { id: 1, content: 'x' } }, /not both/],
    ['nodes mixed with text', [build.nodeOf(1), 'x'], /cannot be mixed/],
    [
      'a bad segment inside a node',
      build.node({ userId: 1, nickname: 'L' }, ['x', { type: 'tts', data: {} }]),
      /\(node\) message\[1\] \(tts\)/,
    ],
    ['a node that holds a number', { type: 'node', data: { content: 5 } }, /\(node\) message\[0\] is no segment/],
    [
      'an unknown type',
      { type: 'hologram', data: {} },
      /message\[0\] \(hologram\) is a type that NapCat does not know/,
    ],
    ['an inherited property as type', { type: 'constructor', data: {} }, /\(constructor\) is a type/],
    ['no segment', ['a', null], /message\[1\] is no segment/],
    ['data that is no object', { type: 'dice', data: 'x' }, /message\[0\] \(dice\) has no data/],
  ])('refuses %s', (_case, message, problem) => {
    expect(refusal(message)).toMatch(problem);
  });

  it('nests forwards three levels deep and no deeper', () => {
    const nest = (depth: number): Segment =>
      build.node({ userId: 1, nickname: 'L' }, depth === 0 ? 'x' : nest(depth - 1));
    expect(prepare(nest(2))).toHaveLength(1);
    expect(refusal(nest(3))).toMatch(/nested deeper than 3 levels/);
  });

  it('sends the content of a node as segments', () => {
    expect(prepare(build.node({ userId: 1, nickname: 'L' }, 'a[CQ:dice]'))).toEqual([
      { type: 'node', data: { user_id: '1', nickname: 'L', content: [build.text('a[CQ:dice]')] } },
    ]);
    expect(prepare(build.nodeOf(-5))).toEqual([{ type: 'node', data: { id: '-5' } }]);
  });

  it.each<[string, Segment, Place, string]>([
    ['a share', build.share('https://e.com/1', 'Title', 'about'), 'group', 'Title\nabout\nhttps://e.com/1'],
    ['a place', build.location(1.5, -2, 'Here'), 'group', 'Here\n1.5, -2'],
    ['a mention in a private chat', build.at(5, 'Lin'), 'private', '@Lin'],
    ['a nameless mention in a private chat', build.at(5), 'private', '@5'],
  ])('converts %s to text and says so', (_case, segment, place, text) => {
    const { segments, notes } = prepareMessage(segment, { place });
    expect(segments).toEqual([build.text(text)]);
    expect(notes).toEqual([expect.stringMatching(/as text$/)]);
  });

  it('puts the quote first, drops empty text, and prefers seq, which every account understands', () => {
    expect(prepare(['', 'x', { type: 'reply', data: { id: 5, seq: 6 } }, build.atAll()])).toEqual([
      { type: 'reply', data: { seq: '6' } },
      build.text('x'),
      { type: 'at', data: { qq: 'all' } },
    ]);
  });

  it('writes the seed dialect as the standard has it', () => {
    expect(prepare({ type: 'at', data: { id: 10001 } })).toEqual([build.at(10001)]);
  });

  it('replaces lone surrogates and keeps pairs', () => {
    expect(prepare('a\ud800b😀')).toEqual([build.text('a\ufffdb😀')]);
  });

  it('turns bytes into base64, parses CQ code only when told to, and takes custom music with image', () => {
    expect(prepare(build.image(new Uint8Array([1, 2, 3])))).toEqual([
      { type: 'image', data: { file: 'base64://AQID' } },
    ]);
    expect(prepare(build.cq('a[CQ:at,qq=1]'))).toEqual([build.text('a'), build.at(1)]);
    expect(prepare(build.customMusic({ url: URL, image: URL, title: 't' }))).toHaveLength(1);
    expect(prepare(build.json('{"a":1}'))).toEqual([{ type: 'json', data: { data: '{"a":1}' } }]);
    expect(prepare({ type: 'json', data: { data: { a: 1 } } })).toEqual([{ type: 'json', data: { data: '{"a":1}' } }]);
    expect(prepare({ type: 'image', data: { url: URL } })).toEqual([{ type: 'image', data: { url: URL, file: URL } }]);
    expect(prepare({ type: 'contact', data: { id: 5 } })).toEqual([build.contact('qq', 5)]);
  });

  it.each(['[CQ:at,qq=all]', '[CQ:image,file=file:///etc/passwd]', '&#91;CQ:at,qq=all&#93;'])(
    'sends %s that somebody wrote, alone or in a text segment, as the text that it is',
    (written) => {
      expect(prepare(written)).toEqual([build.text(written)]);
      expect(prepare(['you said: ', build.text(written)])).toEqual([build.text('you said: '), build.text(written)]);
    },
  );

  it('passes 20,000 characters on: what QQ takes of them is for QQ to say', () => {
    expect(prepare('字'.repeat(20_000))).toEqual([build.text('字'.repeat(20_000))]);
  });

  it('never makes anything but text of text', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 200 }), (text) => {
        fc.pre(text.trim() !== '' && !/\p{Cs}/u.test(text));
        expect(prepare(text)).toEqual([build.text(text)]);
      }),
    );
  });
});
