import { describe, expect, it } from '@jest/globals';
import { Command } from 'ioredis';
import { ScriptCommand, type ScriptArgument } from './script-command';

const DIGEST = 'a'.repeat(40);
const KEYS = ['rookery:{a}:one', 'rookery:{图}:two'];

const bytesOf = (command: Command): string => Buffer.from(command.toWritable({}) as string).toString('latin1');
const ours = (args: readonly ScriptArgument[], keys: readonly string[] = KEYS) =>
  new ScriptCommand(DIGEST, keys, args, 'utf8');
const ofIoredis = (args: readonly ScriptArgument[], keys: readonly string[] = KEYS) =>
  new Command('evalsha', [DIGEST, keys.length, ...keys, ...args], { replyEncoding: 'utf8' });

/** Without chance that cannot be repeated. */
function dice(seed: number) {
  let state = seed;
  return (sides: number): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * sides);
  };
}

const TEXTS = ['', 'a', ' ', '图', '🐧', 'é', '\r\n', '$5\r\n', '\0', '"', '\ud83d', '\udc27', '\u2028', '-1'];
function argumentOf(roll: (sides: number) => number): ScriptArgument {
  const text = Array.from({ length: roll(6) }, () => TEXTS[roll(TEXTS.length)] ?? '').join('');
  switch (roll(6)) {
    case 0:
      return [0, -0, -1, 7, 1_786_700_000_123, 1.5, 1e21, 5e-324, Number.MAX_SAFE_INTEGER][roll(9)] ?? 0;
    case 1:
      return Buffer.from(Array.from({ length: roll(300) }, () => roll(256)));
    case 2:
      return text.repeat(roll(2_000));
    case 3:
      return 'x'.repeat([255, 256, 1_023, 1_024, 1_025, 70_000][roll(6)] ?? 0);
    default:
      return text;
  }
}

describe('a script command', () => {
  it.each<readonly [string, readonly ScriptArgument[]]>([
    ['no arguments', []],
    ['empty texts and bytes', ['', Buffer.alloc(0), '']],
    ['numbers of every kind', [0, -1, 1.5, 1e21, 1_786_700_000_123]],
    ['texts of several bytes a character, halves of pairs among them', ['图', '🐧', '\ud83d', '\udc27', '\ud83d']],
    ['what looks like the protocol', ['\r\n', '$3\r\nabc\r\n', '*1\r\n']],
    ['bytes that are no text', [Buffer.from([0, 13, 10, 255, 128]), 'behind', Buffer.from([255])]],
    ['long texts', ['图'.repeat(100_000), 'a'.repeat(1_024), 'a'.repeat(1_023)]],
  ])('is written as ioredis writes it: %s', (_what, args) => {
    expect(bytesOf(ours(args))).toBe(bytesOf(ofIoredis(args)));
  });

  it('is written as ioredis writes it, whatever the arguments', () => {
    const roll = dice(7);
    for (let n = 0; n < 400; n++) {
      const args = Array.from({ length: roll(12) }, () => argumentOf(roll));
      const keys = Array.from({ length: roll(4) }, (_, at) => `{k}${TEXTS[roll(TEXTS.length)]}${at}`);
      expect(bytesOf(ours(args, keys))).toBe(bytesOf(ofIoredis(args, keys)));
    }
  });

  it('names the keys that say which server is meant', () => {
    expect(ours(['x']).getKeys()).toEqual(KEYS);
    expect(ours(['x']).getSlot()).toBe(ofIoredis(['x']).getSlot());
    expect(ours(['x'], []).getSlot()).toBeNull();
  });

  it('is the same when it is sent again, though its arguments were changed meanwhile', () => {
    const data = Buffer.from('first');
    const args: ScriptArgument[] = [data, 'text'];
    const sut = ours(args);
    const before = bytesOf(sut);
    data.fill(0);
    args[1] = 'another';
    expect(bytesOf(sut)).toBe(before);
  });
});
