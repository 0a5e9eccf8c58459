import { beforeEach, describe, expect, it } from '@jest/globals';
import picocolors from 'picocolors';
import { FakeClock } from '@rookery/testing';
import { JsonOutput, TerminalOutput } from './output';

let written: string;
const write = (text: string) => {
  written += text;
};
beforeEach(() => {
  written = '';
});

describe('TerminalOutput', () => {
  const plain = new TerminalOutput(write, picocolors.createColors(false));
  const record = (fields: object) => JSON.stringify({ level: 'info', time: 1, app: 'worker', ...fields });

  it.each<[string, object, string]>([
    ['a message', { msg: 'hi' }, 'worker    │ hi\n'],
    ['other fields, short', { msg: 'hi', n: 1, o: { a: [1] } }, 'worker    │ hi  n=1  o={"a":[1]}\n'],
    ['a warning', { level: 'warn', msg: 'hm' }, 'worker    │ ! hm\n'],
    [
      'an error with its stack',
      { level: 'error', msg: 'no', stack: 'E\n at x' },
      'worker    │ ✗ no\nworker    │ E\nworker    │  at x\n',
    ],
    ['a record without message', {}, 'worker    │ \n'],
    ['an unknown level', { level: 'loud', msg: 'hi' }, 'worker    │ hi\n'],
  ])('shows %s', (_, fields, expected) => {
    plain.line('worker', record(fields));
    expect(written).toBe(expected);
  });

  it('does not let what people write steer the terminal', () => {
    plain.line('worker', record({ msg: 'a\u001b[2Jb', name: 'x\u0007\u202Ey\nz' }));
    expect(written).toBe('worker    │ a\\u001b[2Jb  name=x\\u0007\\u202ey\\u000az\n');
  });

  it.each(['plain words', '{"broken', '{ not json }'])('shows what is no record as it is: %s', (text) => {
    plain.line('console', text);
    expect(written).toBe(`console   │ ✗ ${text}\n`);
  });

  it('cuts long values', () => {
    plain.line('worker', record({ msg: 'm', long: 'x'.repeat(1000) }));
    expect(written.length).toBeLessThan(200);
  });

  it('leaves out a start error that is passed on by us', () => {
    plain.line('worker', record({ level: 'fatal', code: 'PORT_BUSY', msg: 'taken' }));
    expect(written).toBe('');
  });

  it('speaks in the same form, over several lines where needed', () => {
    plain.say('error', 'one\ntwo', { n: 1 });
    expect(written).toBe('rookery   │ ✗ one  n=1\nrookery   │ two\n');
  });

  it.each(['trace', 'debug', 'info', 'warn', 'error', 'fatal'] as const)(
    'colours %s only on terminals that can',
    (level) => {
      plain.say(level, 'x');
      expect(written).not.toContain('\u001b');
      new TerminalOutput(write, picocolors.createColors(true)).say(level, 'x');
      expect(written).toContain('\u001b[');
    },
  );

  it('prints a notice as it is', () => {
    plain.notice(['a', '', 'b']);
    expect(written).toBe('\na\n\nb\n\n');
  });
});

describe('JsonOutput', () => {
  const sut = new JsonOutput(write, new FakeClock(1000));
  const records = () =>
    written
      .trimEnd()
      .split('\n')
      .map((line): unknown => JSON.parse(line));

  it('passes records through untouched', () => {
    sut.line('worker', '{"level":"info","msg":"x"}');
    expect(written).toBe('{"level":"info","msg":"x"}\n');
  });

  it('makes a record of everything else', () => {
    sut.line('worker', 'Segmentation fault');
    sut.say('warn', 'w', { n: 1 });
    sut.notice(['', 'up', 'next']);
    expect(records()).toEqual([
      { level: 'error', time: 1000, app: 'worker', msg: 'Segmentation fault' },
      { level: 'warn', time: 1000, app: 'rookery', n: 1, msg: 'w' },
      { level: 'info', time: 1000, app: 'rookery', notice: ['', 'up', 'next'], msg: 'up' },
    ]);
  });

  it('leaves out a start error that is passed on by us', () => {
    sut.line('worker', '{"level":"fatal","code":"PORT_BUSY"}');
    expect(written).toBe('');
  });
});
