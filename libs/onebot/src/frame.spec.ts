import { describe, expect, it } from '@jest/globals';
import { decodeFrame, FRAME_LIMITS, FRAME_REJECTIONS, type EventFrame, type FrameRejection } from './frame';

function event(data: string | Buffer): EventFrame {
  const decoded = decodeFrame(data);
  if (decoded.kind !== 'event') throw new Error(`expected an event, got ${JSON.stringify(decoded)}`);
  return decoded.frame;
}

function rejection(data: string | Buffer): { reason: FrameRejection; sample: string } {
  const decoded = decodeFrame(data);
  if (decoded.kind !== 'rejected') throw new Error(`expected a rejection, got ${decoded.kind}`);
  return decoded;
}

const nested = (depth: number) => `${'['.repeat(depth)}${']'.repeat(depth)}`;

describe('decodeFrame', () => {
  it.each<[string, string | Buffer, FrameRejection]>([
    ['text that is no JSON', 'hello', 'json'],
    ['an empty frame', '', 'json'],
    ['NaN', '{"post_type":"message","time":NaN}', 'json'],
    ['Infinity', '{"post_type":"message","time":Infinity}', 'json'],
    ['comments', '{"post_type":"message"/* x */}', 'json'],
    ['single quotes', "{'post_type':'message'}", 'json'],
    ['two values', '{"post_type":"a"}{"post_type":"b"}', 'json'],
    ['an unterminated string with long digits', '{"post_type":"1234567890123456789', 'json'],
    ['a long number with a leading zero', '{"post_type":"message","a":01234567890123456789}', 'json'],
    ['a long number as a key', '{"post_type":"message",1234567890123456789:1}', 'json'],
    ['a long number after a number', '{"post_type":"message","a":1 1234567890123456789}', 'json'],
    ['null', 'null', 'shape'],
    ['a number', '42', 'shape'],
    ['a string', '"x"', 'shape'],
    ['an array', '[]', 'shape'],
    ['an object that is neither event nor reply', '{"a":1}', 'shape'],
    ['a post_type that is no text', '{"post_type":42,"status":"ok"}', 'shape'],
    ['invalid UTF-8 in a binary frame', Buffer.from([0x7b, 0xff, 0x7d]), 'utf8'],
    ['65 levels', `{"post_type":"message","a":${nested(64)}}`, 'depth'],
    ['10,000 levels', `{"post_type":"message","a":${nested(10_000)}}`, 'depth'],
    ['1,000,000 unclosed levels', `{"a":${'['.repeat(1_000_000)}`, 'depth'],
    ['200,001 keys', `{"post_type":"x",${Array.from({ length: 200_001 }, (_, i) => `"${i}":1`).join()}}`, 'keys'],
    [
      '501 segments',
      JSON.stringify({ post_type: 'message', message: Array.from({ length: 501 }, () => ({})) }),
      'segments',
    ],
    [
      '10,000 mentions',
      JSON.stringify({
        post_type: 'message',
        message: Array.from({ length: 10_000 }, () => ({ type: 'at', data: { qq: '1' } })),
      }),
      'segments',
    ],
  ])('rejects %s', (_case, data, reason) => {
    expect(rejection(data).reason).toBe(reason);
  });

  it('names every rejection of the closed set in some test above', () => {
    expect(FRAME_REJECTIONS).toEqual(['utf8', 'json', 'shape', 'depth', 'keys', 'segments']);
  });

  it('accepts the deepest allowed nesting and brackets inside strings without limit', () => {
    expect(event(`{"post_type":"x","a":${nested(FRAME_LIMITS.maxDepth - 1)}}`)['post_type']).toBe('x');
    expect(event(JSON.stringify({ post_type: 'x', text: '[{'.repeat(5000) }))['text']).toHaveLength(10_000);
    expect(event(JSON.stringify({ post_type: 'x', text: `\\"${'['.repeat(100)}\\` }))['text']).toBe(
      `\\"${'['.repeat(100)}\\`,
    );
  });

  it('accepts exactly as many segments as allowed', () => {
    const message = Array.from({ length: FRAME_LIMITS.maxSegments }, () => ({ type: 'face', data: {} }));
    expect(event(JSON.stringify({ post_type: 'message', message }))['message']).toHaveLength(500);
  });

  it('reads a binary frame that holds JSON, and strips a byte-order mark', () => {
    expect(event(Buffer.from('{"post_type":"meta_event","a":"晚风"}'))['a']).toBe('晚风');
    expect(event('\ufeff{"post_type":"meta_event"}')['post_type']).toBe('meta_event');
    expect(event(Buffer.from('\ufeff{"post_type":"meta_event"}'))['post_type']).toBe('meta_event');
  });

  it.each([
    ['9007199254740991', Number.MAX_SAFE_INTEGER],
    ['9007199254740992', '9007199254740992'],
    ['9007199254740993', '9007199254740993'],
    ['-9007199254740993', '-9007199254740993'],
    ['18446744073709551615', '18446744073709551615'],
    ['1e5', '1e5'],
    ['-1.5E3', '-1.5E3'],
    ['1e-7', 1e-7],
    ['1.5', 1.5],
    ['12345678901234567.5', Number('12345678901234567.5')],
    ['0', 0],
  ])('reads the number %s without changing an id', (written, read) => {
    for (const frame of [
      `{"post_type":"x","id":${written}}`,
      `{"post_type":"x", "id" : ${written} , "b":[${written}]}`,
    ]) {
      expect(event(frame)['id']).toBe(read);
    }
  });

  it('leaves long digits inside strings alone', () => {
    const text = '{"a":12345678901234567890, \\" 9007199254740993}';
    expect(event(JSON.stringify({ post_type: 'x', text }))['text']).toBe(text);
  });

  it('takes the last of duplicate keys', () => {
    expect(event('{"post_type":"x","self_id":1,"self_id":2}')['self_id']).toBe(2);
  });

  it.each(['__proto__', 'constructor', 'prototype', '\\u005f_proto__'])('removes the key %s at every level', (key) => {
    const frame = event(`{"post_type":"x","${key}":{"polluted":1},"list":[{"${key}":{"polluted":1},"kept":"a"}]}`);
    expect(Object.keys(frame)).toEqual(['post_type', 'list']);
    expect(frame['list']).toEqual([{ kept: 'a' }]);
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });

  it('replaces lone surrogates at every level and keeps whole pairs', () => {
    const frame = event('{"post_type":"x","a":["\\ud800","\\ud83d\\ude00",{"b":"x\\udfffy"}]}');
    expect(frame['a']).toEqual(['\ufffd', '😀', { b: 'x\ufffdy' }]);
  });

  it('reads a reply with everything it says', () => {
    const decoded = decodeFrame(
      '{"status":"failed","retcode":1200,"data":null,"message":"消息不存在","wording":"消息不存在","echo":"e","stream":"stream-action"}',
    );
    expect(decoded).toEqual({
      kind: 'reply',
      reply: { status: 'failed', retcode: 1200, data: null, message: '消息不存在', echo: 'e', stream: true },
    });
  });

  it.each([
    [
      'a missing data key',
      '{"status":"ok","retcode":0,"echo":7}',
      { status: 'ok', retcode: 0, data: undefined, echo: 7 },
    ],
    ['retcode as text', '{"status":"ok","retcode":"0"}', { status: 'ok', retcode: undefined }],
    ['a fractional retcode', '{"retcode":0.5}', { status: '', retcode: undefined }],
    [
      'the text of go-cqhttp',
      '{"status":"failed","retcode":100,"msg":"X","wording":"群不存在"}',
      { message: '群不存在' },
    ],
    ['no text', '{"status":"failed","message":5}', { message: '', stream: false }],
  ])('reads a reply with %s', (_case, text, expected) => {
    const decoded = decodeFrame(text);
    expect(decoded.kind).toBe('reply');
    expect(decoded.kind === 'reply' && decoded.reply).toMatchObject(expected);
  });

  it('gives a sample that cannot forge a log line, is short, and holds no credential', () => {
    const { sample } = rejection(
      `x\n\u0000\u202e\u200b {"token":"s3cret-value", "rkey": "CAQSabc", Authorization: Bearer abcdef ${'y'.repeat(500)}`,
    );
    expect(sample).toHaveLength(200);
    expect(sample).toContain('x\\u000a\\u0000\\u202e\\u200b');
    expect(sample).not.toMatch(/s3cret|CAQS|abcdef|[\n\u202e]/);
  });
});
