import { groupId, isDecimalId, userId, type Segment } from '@rookery/protocol';
import type { ValueType } from './pattern';

/** Why a value cannot be what the pattern wants; the words are made of it in the user's language. */
export type ValueProblem =
  | { readonly kind: 'wrong_type' }
  | { readonly kind: 'too_small' | 'too_large'; readonly limit: number }
  | { readonly kind: 'choice'; readonly choices: readonly string[] };

export type ReadValue =
  | { readonly ok: true; readonly value: string | number | boolean | Segment }
  | { readonly ok: false; readonly problem: ValueProblem };

const INT = /^[+-]?\d{1,15}$/;
const NUMBER = /^[+-]?(?:\d{1,15}(?:\.\d{0,15})?|\.\d{1,15})$/;
const YES: readonly string[] = ['true', 'yes', 'on', '1', '是', '开', '真'];
const NO: readonly string[] = ['false', 'no', 'off', '0', '否', '关', '假'];
/** A bare number, or numbers that each have their unit: so written that no text is read in two ways. */
const DURATION =
  /^(?:\d{1,9}(?:\.\d{1,3})?|(?:\d{1,9}(?:\.\d{1,3})?(?:毫秒|ms|天|日|d|小时|时|h|分钟|分|m|秒钟|秒|s))+)$/i;
const DURATION_PART = /(\d{1,9}(?:\.\d{1,3})?)(毫秒|ms|天|日|d|小时|时|h|分钟|分|m|秒钟|秒|s)?/gi;
const UNIT_MS: Readonly<Record<string, number>> = {
  毫秒: 1,
  ms: 1,
  天: 86_400_000,
  日: 86_400_000,
  d: 86_400_000,
  小时: 3_600_000,
  时: 3_600_000,
  h: 3_600_000,
  分钟: 60_000,
  分: 60_000,
  m: 60_000,
  秒钟: 1_000,
  秒: 1_000,
  s: 1_000,
};
const WRONG: ReadValue = { ok: false, problem: { kind: 'wrong_type' } };

/** Reads one typed word. Full-width digits and signs, which Chinese keyboards type, count as their plain forms. */
export function readWord(type: ValueType, word: string): ReadValue {
  switch (type.kind) {
    case 'string':
    case 'text':
      return { ok: true, value: word };
    case 'choice':
      return choice(type.choices, word);
    case 'int':
    case 'number': {
      const text = narrow(word);
      return (type.kind === 'int' ? INT : NUMBER).test(text) ? within(type, Number(text)) : WRONG;
    }
    case 'duration': {
      const ms = durationMs(narrow(word));
      return ms === undefined ? WRONG : within(type, ms);
    }
    case 'bool': {
      const text = narrow(word).toLowerCase();
      if (YES.includes(text)) return { ok: true, value: true };
      return NO.includes(text) ? { ok: true, value: false } : WRONG;
    }
    case 'user':
      return isNumber(narrow(word)) ? { ok: true, value: userId(narrow(word)) } : WRONG;
    case 'group':
      return isNumber(narrow(word)) ? { ok: true, value: groupId(narrow(word)) } : WRONG;
    case 'at':
    case 'image':
      return WRONG;
  }
}

/** Reads a segment that is no text: only a mention can be a user, only a picture an image. */
export function readSegment(type: ValueType, segment: Segment): ReadValue {
  if (type.kind === 'image') return segment.type === 'image' ? { ok: true, value: segment } : WRONG;
  if (type.kind !== 'at' && type.kind !== 'user') return WRONG;
  const qq = String(segment.data['qq']);
  return segment.type === 'at' && isNumber(qq) ? { ok: true, value: userId(qq) } : WRONG;
}

function choice(choices: readonly string[], word: string): ReadValue {
  const exact =
    choices.find((known) => known === word) ?? choices.find((known) => known.toLowerCase() === word.toLowerCase());
  return exact === undefined ? { ok: false, problem: { kind: 'choice', choices } } : { ok: true, value: exact };
}

function within({ min, max }: { readonly min?: number; readonly max?: number }, value: number): ReadValue {
  if (min !== undefined && value < min) return { ok: false, problem: { kind: 'too_small', limit: min } };
  if (max !== undefined && value > max) return { ok: false, problem: { kind: 'too_large', limit: max } };
  return { ok: true, value };
}

/** `1h30m`, `10分钟`; a bare number is seconds. */
function durationMs(text: string): number | undefined {
  if (text.length > 64 || !DURATION.test(text)) return undefined;
  let ms = 0;
  for (const [, count, unit = 's'] of text.matchAll(DURATION_PART))
    ms += Number(count) * (UNIT_MS[unit.toLowerCase()] ?? 0);
  return Number.isSafeInteger(Math.round(ms)) ? Math.round(ms) : undefined;
}

const isNumber = (text: string): boolean => isDecimalId(text) && text !== '0';

const narrow = (word: string): string =>
  word.replaceAll(/[！-～]/g, (char) => String.fromCharCode(char.charCodeAt(0) - 0xfee0));
