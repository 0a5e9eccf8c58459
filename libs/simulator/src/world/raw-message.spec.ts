import { describe, expect, it } from '@jest/globals';
import type { Segment } from '@rookery/protocol';
import { fixture } from '../testing/stage';
import { parseRaw, rawMessage } from './raw-message';

const text = (line: string): Segment => ({ type: 'text', data: { text: line } });

describe('raw messages', () => {
  it.each([
    [[text('a[b]&,c')], 'a&#91;b&#93;&amp;,c'],
    [[{ type: 'json', data: { data: '{"a":[1,2]}' } }], '[CQ:json,data={"a":&#91;1&#44;2&#93;}]'],
    [
      [{ type: 'image', data: { summary: '', file: 'a.png', sub_type: 0, url: undefined } }],
      '[CQ:image,file=a.png,sub_type=0]',
    ],
    [
      [text('  blank '), { type: 'face', data: { id: '1', raw: { n: 1 } } }, text(' ')],
      'blank [CQ:face,id=1,raw={"n":1}]',
    ],
    [[{ type: 'dice', data: {} }], '[CQ:dice]'],
  ] as [Segment[], string][])('writes %j as NapCat does', (segments, raw) => {
    expect(rawMessage(segments)).toBe(raw);
  });

  const { cq_code } = fixture<{ cq_code: { tested: { in: string; out: string }[] } }>('segments.json');
  it('reads every string that NapCat’s parser was tried with', () => {
    expect(cq_code.tested.map((row) => parseRaw(row.in))).toEqual([
      [text('[CQ:face, id=178]')],
      [text('[cq:at,qq=1]')],
      [text('[CQ:music,type=163,id=1')],
      [text('a[b]&#44;')],
      [{ type: 'image', data: { file: 'base64://AA==', cache: '0' } }],
      [{ type: 'at', data: { id: '123' } }, text(' hi')],
    ]);
  });

  it('unescapes a comma in plain text, which the standard does not', () => {
    expect(parseRaw('a&#44;b')).toEqual([text('a,b')]);
  });
});
