import { describe, expect, it } from '@jest/globals';
import { plainText, type MessageEvent, type Segment } from '@rookery/protocol';
import fc from 'fast-check';
import { CommandTable } from './command-table';

const NAMES = ['ping', 'ping all', 'p', '骰子', 'group mute'];
const FLEET = new Set(['10001', '10002']);

const text = (value: string): Segment => ({ type: 'text', data: { text: value } });
const at = (qq: string): Segment => ({ type: 'at', data: { qq } });
const reply: Segment = { type: 'reply', data: { id: '5' } };
const image: Segment = { type: 'image', data: { file: 'x' } };

function match(segments: readonly Segment[], prefixes = ['/']) {
  const table = new CommandTable(
    NAMES.map((name) => ({ name, route: name })),
    prefixes,
    FLEET,
  );
  return table.match({ segments } as MessageEvent);
}

const typed = (value: string, prefixes?: string[]) => {
  const found = match([text(value)], prefixes);
  return found && [found.route, plainText(found.rest)];
};

describe('CommandTable', () => {
  it.each<[string, [string, string] | undefined]>([
    ['/ping x', ['ping', 'x']],
    ['/ping', ['ping', '']],
    ['/ping ', ['ping', '']],
    ['/ping  x ', ['ping', ' x ']],
    ['/ping\nx\n\ny', ['ping', 'x\n\ny']],
    ['/ping\u3000x', ['ping', 'x']],
    ['/ping\tx', ['ping', 'x']],
    ['/ping all', ['ping all', '']],
    ['/ping all x', ['ping all', 'x']],
    ['/ping allx', ['ping', 'allx']],
    ['/ping  all', ['ping', ' all']],
    ['/p ing', ['p', 'ing']],
    ['/骰子 6', ['骰子', '6']],
    ['/group mute 1', ['group mute', '1']],
    [' \n/ping x', ['ping', 'x']],
    ['/ping /ping', ['ping', '/ping']],
    ['/ping [CQ:at,qq=all]', ['ping', '[CQ:at,qq=all]']],
    ['/pingx', undefined],
    ['/ping骰子', undefined],
    ['/pi', undefined],
    ['/group', undefined],
    ['/group mutes', undefined],
    ['/ ping', undefined],
    ['/', undefined],
    ['ping x', undefined],
    ['x /ping', undefined],
    ['//ping', undefined],
    ['/PING', undefined],
    ['', undefined],
  ])('reads %p', (value, expected) => {
    expect(typed(value)).toEqual(expected);
  });

  it.each<[string, string[], [string, string] | undefined]>([
    ['ping x', [''], ['ping', 'x']],
    ['/ping x', [''], undefined],
    ['/ping x', ['', '/'], ['ping', 'x']],
    ['ping x', ['/', ''], ['ping', 'x']],
    ['!!ping', ['!', '!!'], ['ping', '']],
    ['！ping', ['/', '！'], ['ping', '']],
    ['/ping', [], undefined],
  ])('reads %p with the prefixes %p', (value, prefixes, expected) => {
    expect(typed(value, prefixes)).toEqual(expected);
  });

  it.each<[string, Segment[]]>([
    ['a quotation', [reply, text('/ping x')]],
    ['a mention of the account and a blank', [at('10001'), text(' /ping x')]],
    ['a quotation with the mention that QQ adds', [reply, at('10001'), text(' '), at('10001'), text(' /ping x')]],
    ['a mention of a sibling', [at('10002'), text('/ping x')]],
  ])('skips %s before the command', (_name, segments) => {
    expect(match(segments)).toEqual({ route: 'ping', prefix: '/', rest: [text('x')] });
  });

  it.each<[string, Segment[]]>([
    ['a mention of somebody else', [at('42'), text('/ping')]],
    ['a mention of all', [at('all'), text('/ping')]],
    ['a picture', [image, text('/ping')]],
    ['nothing', []],
    ['only a quotation', [reply]],
  ])('calls nothing when the message begins with %s', (_name, segments) => {
    expect(match(segments)).toBeUndefined();
  });

  it('ends the command at a segment that is no text, and hands the rest over whole', () => {
    expect(match([text('/ping'), image, text(' x')])).toEqual({
      route: 'ping',
      prefix: '/',
      rest: [image, text(' x')],
    });
    expect(match([text('/ping a '), at('42'), text(' b')])).toEqual({
      route: 'ping',
      prefix: '/',
      rest: [text('a '), at('42'), text(' b')],
    });
  });

  it('hands over any arguments exactly as typed', () => {
    const pieces = fc.constantFrom(
      '[CQ:at,qq=all]',
      '&#91;',
      '\n',
      '\r\n',
      ' ',
      '\u3000',
      '\u0000',
      '🏳️‍🌈',
      '𠮷',
      '/',
      'ping',
    );
    const anything = fc.array(fc.oneof(pieces, fc.string({ unit: 'binary' }))).map((parts) => parts.join(''));
    fc.assert(
      fc.property(anything, fc.constantFrom(' ', '\n', '\t', '\u3000'), (args, separator) => {
        const found = match([text(`/骰子${separator}${args}`)]);
        expect(found && plainText(found.rest)).toBe(args);
      }),
    );
  });

  it.each([
    ['text', 'x'],
    ['emoji', '😀'],
    ['blanks', ' '],
    ['CQ codes', '[CQ:'],
  ])('hands over 10,000 times %s', (_name, unit) => {
    const args = unit.repeat(10_000);
    expect(typed(`/ping ${args}`)).toEqual(['ping', args]);
  });
});
