import { describe, expect, it } from '@jest/globals';
import type { Segment } from '@rookery/protocol';
import fc from 'fast-check';
import { explain } from './explain';
import { parsePattern } from './parse-pattern';
import { durationText, usageOf } from './pattern';
import { readArguments, WORD_MAX } from './read-arguments';

const text = (value: string): Segment => ({ type: 'text', data: { text: value } });
const at = (qq: string): Segment => ({ type: 'at', data: { qq } });
const image: Segment = { type: 'image', data: { file: 'x.png' } };

function patternOf(source: string) {
  const parsed = parsePattern(source);
  if (!parsed.ok) throw new Error(parsed.problems.join('; '));
  return parsed.pattern;
}

function read(source: string, typed: string | readonly Segment[]) {
  return readArguments(patternOf(source), typeof typed === 'string' ? [text(typed)] : typed);
}

function complaint(source: string, typed: string | readonly Segment[], locale: 'zh' | 'en' = 'en'): string {
  const answer = read(source, typed);
  if (answer.ok) throw new Error(`it fits: ${JSON.stringify(answer.args)}`);
  return explain(answer.problem, patternOf(source), '/')[locale];
}

describe('readArguments', () => {
  it.each<[string, string | Segment[], Record<string, unknown>]>([
    ['roll [sides:int=6]', '', { sides: 6 }],
    ['roll [sides:int=6]', ' 20 ', { sides: 20 }],
    ['roll [sides:int]', '', { sides: undefined }],
    ['roll <a:int> <b:number>', '-3 ２.５', { a: -3, b: 2.5 }],
    ['say <what>', '"two words"', { what: 'two words' }],
    ['say <what>', '“中文 引号”', { what: '中文 引号' }],
    ['say <what>', String.raw`"a \"b\" c"`, { what: 'a "b" c' }],
    ['say <what> [rest:text...]', `it's 5" long  and  "so`, { what: "it's", rest: '5" long  and  "so' }],
    ['note <text...>', '  two\n\nlines [CQ:at,qq=all]', { text: '  two\n\nlines [CQ:at,qq=all]' }],
    ['note [text...]', '', { text: '' }],
    ['sum <all:int...>', '1 2\n3', { all: [1, 2, 3] }],
    ['sum [all:int...]', '', { all: [] }],
    ['light <to:on|off>', 'ON', { to: 'on' }],
    ['light <to:bool>', '开', { to: true }],
    ['light <to:bool>', 'no', { to: false }],
    ['mute <who:user> <for:duration=10m>', [at('42'), text(' 1h30m')], { who: '42', for: 5_400_000 }],
    ['mute <who:user> <for:duration>', '42 10分钟', { who: '42', for: 600_000 }],
    ['wait <for:duration>', '90', { for: 90_000 }],
    ['kick <who:at> [why:text...]', [at('42'), text(' too loud')], { who: '42', why: 'too loud' }],
    ['show <i:image> [n:int=1]', [image, text('2')], { i: image, n: 2 }],
    ['go <where:group>', '700', { where: '700' }],
    ['a [x] --secret|-s --times|-n <c:int=1>', 'y -s --times 3', { x: 'y', secret: true, times: 3 }],
    ['a [x] --secret|-s --times|-n <c:int=1>', '--times=4 y', { x: 'y', secret: false, times: 4 }],
    ['a [x] --secret|-s -n <c:int>', '-- -s', { x: '-s', secret: false, n: undefined }],
    ['a [x] --secret', '"--secret"', { x: '--secret', secret: false }],
    ['a [x:int] --secret', '-5', { x: -5, secret: false }],
    ['a [note:text...] --secret', '--secret the --secret word', { note: 'the --secret word', secret: true }],
    ['roll [sides:int=6] <who:at> [note:text...]', [at('42'), text(' x')], { sides: 6, who: '42', note: 'x' }],
    ['roll [sides:int=6] <who:at> [note:text...]', [text('20 '), at('42')], { sides: 20, who: '42', note: '' }],
    ['free', 'whatever "was typed', {}],
  ])('reads %p from %j', (pattern, typed, args) => {
    expect(read(pattern, typed)).toEqual({ ok: true, args });
  });

  it.each<[string, string | Segment[], string]>([
    ['roll <sides:int>', '', '"sides" is missing: a whole number.\nUsage: /roll <sides>'],
    ['roll <sides:int>', '6.5', '"sides" must be a whole number, not "6.5".\nUsage: /roll <sides>'],
    ['roll <sides:int>', '1e9', 'must be a whole number'],
    ['roll <sides:int>', '9'.repeat(30), 'must be a whole number'],
    ['roll [sides:int(2..100)=6]', '1', '"sides" must be at least 2.\nUsage: /roll [sides=6]'],
    ['roll [sides:int(2..100)=6]', '101', '"sides" must be at most 100.'],
    ['mute <for:duration(1s..30d)>', '31d', '"for" must be at most 30d.'],
    ['say <what>', '"never closed', 'A quotation mark is not closed.\nUsage: /say <what>'],
    ['say [what] --x', 'a "', 'A quotation mark is not closed.'],
    ['say <what>', 'a b', '"b" is too much; put quotation marks around words that belong together.'],
    ['say <what>', 'x'.repeat(10_000), `"what" is too long: at most ${WORD_MAX} characters.`],
    ['say <n:int>', '𠮷'.repeat(30), `not "${'𠮷'.repeat(20)}…".`],
    ['light <to:on|off>', 'dim', '"to" must be one of on, off.\nUsage: /light <on|off>'],
    ['kick <who:at>', '42', '"who" must be a mention (@somebody), not "42".'],
    ['kick <who:at>', [at('all')], 'must be a mention (@somebody), not "[at]".'],
    ['kick <who:user>', [image], 'must be a mention or a QQ number, not "[image]".'],
    ['show <i:image>', 'x', 'must be a picture'],
    ['wait <for:duration>', `${'9'.repeat(60)}x`, 'must be a duration'],
    ['a [x] --secret', '--secert', 'There is no option --secert.\nUsage: /a [x] [--secret]'],
    ['a [x] --times <c:int>', '--times', '"c" is missing: a whole number.'],
    ['a [x] --times <c:int>', '--times=x', '"c" must be a whole number, not "x".\nUsage: /a [x] [--times <c>]'],
    ['roll [sides:int(2..)=6] <who:at>', '1', '"who" must be a mention (@somebody), not "1"'],
    ['roll [sides:int=6] <who:at>', '7', '"who" is missing'],
    ['sum <all:int...>', '', '"all" is missing'],
    ['sum <all:int...>', '1 '.repeat(101), '"1" is too much'],
    ['note <text...>', ' \n ', '"text" is missing: a text.'],
    ['mute <w:bool>', 'maybe', 'must be "on" or "off"'],
    ['go <g:group>', '0', 'must be a group number'],
    ['n <x:number>', 'NaN', 'must be a number'],
  ])('answers %p that %j does not fit', (pattern, typed, expected) => {
    expect(complaint(pattern, typed)).toContain(expected);
    expect(complaint(pattern, typed, 'zh')).toMatch(/\p{Script=Han}.*\n用法：\//u);
  });

  it('takes 10,000 characters as text, and never throws whatever is typed', () => {
    const long = '[CQ:at,qq=all] '.repeat(700);
    expect(read('note <text...>', long)).toEqual({ ok: true, args: { text: long } });
    const patterns = [
      'a <x:int> [y:text...]',
      'a <x> --b|-c <d:duration>',
      'a [x:user] [y:image] [z:on|off]',
      'a <x:number...>',
    ];
    const piece = fc.oneof(
      fc.constantFrom('"', '“', '--b', '-c', '--', '\\"', ' ', '1', '-', '1h'),
      fc.string({ unit: 'binary' }),
    );
    fc.assert(
      fc.property(fc.constantFrom(...patterns), fc.array(piece), (pattern, pieces) => {
        const answer = read(pattern, pieces.join(''));
        return answer.ok || explain(answer.problem, patternOf(pattern), '/').zh.length < 500;
      }),
    );
  });
});

describe('parsePattern', () => {
  it.each<[string, string]>([
    ['a <x:integer>', 'there is no type "integer"'],
    ['a <x:colour>', 'known are int, number'],
    ['a <x:int(5..2)>', 'the range 5..2 is empty'],
    ['a <x:string(1..2)>', 'int, number and duration have ranges'],
    ['a <x:int(a..b)>', '"a" cannot limit'],
    ['a [x:int=six]', 'the default "six" is no value of its own type'],
    ['a [x:int(2..9)=1]', 'the default "1"'],
    ['a [x:image=y]', 'the default "y"'],
    ['a [x] <y>', '[x] would take what is typed for the needed argument after it'],
    ['a [x...] [y]', '"x..." takes the rest'],
    ['a <x:text>', 'write x:text...'],
    ['a [x:int=1...]', 'cannot have a default'],
    ['a <x> <x>', '"x" is declared twice'],
    ['a <x> --x', '"x" is declared twice'],
    ['a --x <y', 'stands after an option'],
    ['a --x <y> <z>', 'stands after an option'],
    ['a --x <y...>', 'can take one value only'],
    ['a --1', 'must look like --name or -n'],
    ['a <x:on||off>', 'none may be empty'],
    ['a <x:on|on>', 'the choices must differ'],
    ['a <1x>', 'is no name'],
    ['-a', 'it must look like "name"'],
    ['', 'it must look like "name"'],
  ])('says of %p: %s', (source, expected) => {
    const parsed = parsePattern(source);
    expect(parsed.ok ? [] : parsed.problems.join('; ')).toContain(expected);
  });

  it('names all problems of a pattern at once', () => {
    const parsed = parsePattern('a [x:what] <y> --1');
    expect(parsed.ok ? 0 : parsed.problems.length).toBeGreaterThanOrEqual(2);
  });

  it('shows people names, choices and defaults, and no types', () => {
    expect(usageOf(patternOf('a b <x:int> [y:on|off=on] [z:duration=90s] [t:text...] --s|-s --n <c:int=1>'))).toBe(
      'a b <x> [on|off=on] [z=1m30s] [t...] [--s|-s] [--n <c=1>]',
    );
    expect([0, 500, 86_400_000, 90_061_000].map(durationText)).toEqual(['0s', '1s', '1d', '1d1h1m1s']);
  });
});
