import { describe, expect, it } from '@jest/globals';
import { decodeFrame, FRAME_LIMITS } from './frame';

function numberIn(text: string): unknown {
  const decoded = decodeFrame(text);
  return decoded.kind === 'event' ? decoded.frame['n'] : decoded;
}

describe('numbers and nesting, found by a quick look at the text', () => {
  it('finds a number beyond 2^53 wherever in the frame it begins and whatever its length', () => {
    for (const digits of ['9007199254740993', '90071992547409931', '90071992547409930000000000000001']) {
      for (let padding = 0; padding < 40; padding++) {
        const frame = `{"post_type":"message","p":"${'早'.repeat(padding)}","n":${digits}}`;
        expect(numberIn(frame)).toBe(digits);
      }
    }
  });

  it.each(['"n":%', '"n" : %', '"n":\n\t\r %', '"n":-%', '"n": -%', '"n":[0, %]', '"n":[%]', '"n":{"a":%}'])(
    'finds it at %s, also behind texts that are full of digits',
    (place) => {
      const long = '9007199254740993';
      const texts = `"a":"${long}","b":"单号 ${long}","c":"${long}${long}${long}"`;
      const told = JSON.stringify(numberIn(`{"post_type":"message",${texts},${place.replace('%', long)}}`));
      expect(told).toMatch(new RegExp(`"-?${long}"`));
    },
  );

  it.each(['1e20', '-1E20', '1.5e+20', '90071992547e9'])(
    'keeps %s, which is an integer beyond 2^53, as it was written',
    (digits) => {
      expect(numberIn(`{"post_type":"message","n": ${digits}}`)).toBe(digits);
    },
  );

  it('counts objects and lists together', () => {
    const nested = (depth: number) => `{"post_type":"message","n":${'[{"a":'.repeat(depth)}1${'}]'.repeat(depth)}}`;
    expect(decodeFrame(nested(FRAME_LIMITS.maxDepth / 2))).toMatchObject({ kind: 'rejected', reason: 'depth' });
    expect(decodeFrame(nested(FRAME_LIMITS.maxDepth / 2 - 1))).toMatchObject({ kind: 'event' });
  });
});
