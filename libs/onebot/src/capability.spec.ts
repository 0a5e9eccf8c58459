import { describe, expect, it } from '@jest/globals';
import { actionSpec } from '@rookery/protocol';
import type { CallEnd } from './calls';
import { implementationOf, messageFormatOf, PROBES } from './capability';
import { decodeFrame, type Reply } from './frame';

function replied(over: Partial<Reply>): CallEnd {
  return {
    kind: 'replied',
    reply: { status: 'ok', retcode: 0, data: undefined, message: '', echo: 'e', stream: false, ...over },
  };
}
const version = (app_name: unknown, app_version: unknown = '1.2') => replied({ data: { app_name, app_version } });
const LOST: CallEnd = { kind: 'timed_out' };

describe('implementationOf', () => {
  it('asks only actions that change nothing', () => {
    expect(Object.values(PROBES).map((name) => actionSpec(name)?.kind)).toEqual(['read', 'read']);
  });

  it.each<[string, CallEnd, string | undefined, string | undefined]>([
    ['NapCat', version('NapCat.Onebot', '4.18.19'), 'napcat', 'NapCat.Onebot 4.18.19'],
    ['LLBot', version('LLBot'), 'llbot', 'LLBot 1.2'],
    ['its older names', version('LLOneBot', 5), 'llbot', 'LLOneBot'],
    ['go-cqhttp', version('go-cqhttp', 'v1.2.0'), 'go-cqhttp', 'go-cqhttp v1.2.0'],
    ['another one', version('Lagrange.OneBot'), 'other', 'Lagrange.OneBot 1.2'],
    [
      'one that forges lines',
      version(`a\n${'b'.repeat(100)}`),
      'other',
      expect.stringMatching(/^a\\u000ab+…$/) as unknown as string,
    ],
    ['a failure', replied({ status: 'failed', retcode: 1404 }), undefined, undefined],
    ['no name', version(5), undefined, undefined],
    ['no reply', LOST, undefined, undefined],
  ])('recognises %s', (_case, end, implementation, name) => {
    const expected = implementation === undefined ? undefined : { name: implementation, version: name };
    expect(implementationOf({ version: end, packet: LOST })).toEqual(expected);
  });

  it.each<[string, CallEnd, boolean | undefined]>([
    ['ok', replied({}), true],
    ['1400', replied({ status: 'failed', retcode: 1400 }), false],
    ['an unknown action', replied({ status: 'failed', retcode: 1404 }), false],
    [
      'a text that names the backend',
      replied({ status: 'failed', retcode: 1200, message: 'packetBackend不可用' }),
      false,
    ],
    ['some other failure', replied({ status: 'failed', retcode: 1200, message: 'x' }), undefined],
    ['no reply', LOST, undefined],
  ])('reads the packet backend from %s', (_case, end, expected) => {
    expect(implementationOf({ version: version('NapCat.Onebot'), packet: end })?.packetBackend).toBe(expected);
  });
});

describe('messageFormatOf', () => {
  it.each([
    ['[]', 'array'],
    ['"x"', 'string'],
    ['5', undefined],
  ])('reads message %s as %s', (message, expected) => {
    const decoded = decodeFrame(`{"post_type":"message","message":${message}}`);
    expect(decoded.kind === 'event' && messageFormatOf(decoded.frame)).toBe(expected);
  });
});
