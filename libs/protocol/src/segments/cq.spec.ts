import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Segment } from '../segment';
import { parseCq, writeCq } from './cq';

interface SegmentTable {
  cq_code: { tested: { in: string; out: string }[] };
  segments: { type: string; cq: string }[];
}
const TABLE = JSON.parse(
  readFileSync(join(__dirname, '../../../../test/fixtures/protocol/segments.json'), 'utf8'),
) as SegmentTable;

const text = (content: string): Segment => ({ type: 'text', data: { text: content } });

/** What the inputs of the fact table that were tried on NapCat's own parser must give. */
const TRIED: Record<string, Segment[]> = {
  '[CQ:face, id=178]': [text('[CQ:face, id=178]')],
  '[cq:at,qq=1]': [text('[cq:at,qq=1]')],
  '[CQ:music,type=163,id=1': [text('[CQ:music,type=163,id=1')],
  'a&#91;b&#93;&amp;#44;': [text('a[b]&#44;')],
  '[CQ:image,file=base64://AA==,cache=0]': [{ type: 'image', data: { file: 'base64://AA==', cache: '0' } }],
  // NapCat would drop it; the dialect is understood.
  '[CQ:at,id=123] hi': [{ type: 'at', data: { qq: '123' } }, text(' hi')],
};

describe('parseCq', () => {
  it.each(TABLE.cq_code.tested.map((entry) => entry.in))('reads %s', (code) => {
    expect(parseCq(code)).toEqual(TRIED[code]);
  });

  it.each(
    TABLE.segments
      .filter((entry) => entry.cq.startsWith('[') && !entry.cq.includes('...'))
      .map((entry) => [entry.type, entry.cq]),
  )('reads the code of %s and writes it again', (type, codes) => {
    for (const code of codes.split(' / ')) {
      const segments = parseCq(code);
      expect(segments.map((segment) => segment.type)).toEqual([type]);
      expect(writeCq(segments)).toBe(code);
    }
  });

  it.each<[string, Segment[]]>([
    ['', []],
    ['[CQ:]', [text('[CQ:]')]],
    ['[CQ:a,]', [text('[CQ:a,]')]],
    ['[CQ:a,b]', [text('[CQ:a,b]')]],
    ['[CQ:a,=1]', [text('[CQ:a,=1]')]],
    ['[CQ:[CQ:dice]', [text('[CQ:'), { type: 'dice', data: {} }]],
    ['[CQ:x y][CQ:dice]!', [text('[CQ:x y]'), { type: 'dice', data: {} }, text('!')]],
    ['[CQ:a,b=[CQ:c,d=1]', [{ type: 'a', data: { b: '[CQ:c', d: '1' } }]],
    ['[CQ:a,b=x=y=&#44;&amp;#93;]', [{ type: 'a', data: { b: 'x=y=,&#93;' } }]],
    ['[CQ:a,b=]', [{ type: 'a', data: { b: '' } }]],
    ['[CQ:a,__proto__=1]', [{ type: 'a', data: {} }]],
    ['[CQ:at]x', [text('x')]],
    ['&&amp;&#x;', [text('&&&#x;')]],
  ])('reads %j', (code, segments) => {
    expect(parseCq(code)).toEqual(segments);
  });

  it.each([
    ['unclosed codes', '[CQ:'.repeat(100_000)],
    ['codes within values', '[CQ:a,b='.repeat(100_000)],
    ['codes within values that end badly', `${'[CQ:a,b='.repeat(100_000)},!]`],
    ['codes within keys', '[CQ:a,'.repeat(100_000)],
    ['entities', '&#91;'.repeat(200_000)],
  ])('reads a megabyte of %s in linear time', (_case, code) => {
    // Quadratic work on these would take minutes and run into the limit of the test.
    expect(writeCq(parseCq(code)).length).toBeGreaterThanOrEqual(code.length / 5);
  });
});

const word = fc.stringMatching(/^[A-Za-z0-9_]{1,8}$/).filter((name) => name !== '__proto__');
const spicy = fc.string({
  unit: fc.constantFrom('[', ']', ',', '&', '&amp;', '&#44;', '&#91;', '[CQ:', '=', 'a', '\n', '😀', ' '),
});
const KNOWN = ['text', 'at', 'reply', 'face', 'forward'];
const coded = fc
  .tuple(
    word.filter((type) => !KNOWN.includes(type)),
    fc.dictionary(word, fc.oneof(fc.string(), spicy), { noNullPrototype: true }),
  )
  .map(([type, data]): Segment => ({ type, data }));
const mention = spicy.filter((qq) => qq !== '').map((qq): Segment => ({ type: 'at', data: { qq } }));
const plain = fc
  .oneof(
    fc.string({ minLength: 1 }),
    spicy.filter((value) => value !== ''),
  )
  .map(text);
/** Without neighbouring texts, which a string cannot tell apart. */
const messages = fc
  .array(fc.oneof(coded, mention, plain))
  .map((list) => list.filter((segment, i) => segment.type !== 'text' || list[i - 1]?.type !== 'text'));

describe('writeCq', () => {
  it('is undone by parseCq, whatever the values hold', () => {
    fc.assert(
      fc.property(messages, (segments) => {
        expect(parseCq(writeCq(segments))).toEqual(segments);
      }),
      { numRuns: 2000 },
    );
  });

  it('never throws and never makes a segment out of text', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ maxLength: 300 }), spicy), (content) => {
        expect(parseCq(writeCq([text(content)]))).toEqual(content === '' ? [] : [text(content)]);
        parseCq(content);
      }),
      { numRuns: 2000 },
    );
  });

  it('writes the seed dialect as the standard has it', () => {
    expect(writeCq(parseCq('[CQ:at,id=10001]'))).toBe('[CQ:at,qq=10001]');
  });

  it('writes objects as JSON and leaves out what the grammar has no place for', () => {
    const segments = [
      { type: 'face', data: { raw: { a: [1] }, n: 5, none: null, gone: undefined, 'bad-key': 1 } },
      { type: 'bad-type', data: {} },
      { type: 'text', data: {} },
    ];
    expect(writeCq(segments)).toBe('[CQ:face,raw={"a":&#91;1&#93;},n=5]');
  });
});
