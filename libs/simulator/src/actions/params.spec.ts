import { describe, expect, it } from '@jest/globals';
import type { ActionSpec, ParamSpec } from './action-table';
import { coerceParams, complaints, flagParam, idParam, numberParam, textParam } from './params';

const spec = (param: ParamSpec): ActionSpec => ({
  write: false,
  sends: false,
  packetBackend: false,
  params: { p: param },
});
const KINDS = ['string', 'number', 'boolean', 'null', 'array', 'object'] as const;

describe('parameter coercion as in NapCat', () => {
  it.each<[(typeof KINDS)[number], unknown, unknown]>([
    ['string', 1, '1'],
    ['string', true, 'true'],
    ['string', 'x', 'x'],
    ['number', '12', 12],
    ['number', 12, 12],
    ['boolean', 1, true],
    ['boolean', 0, false],
    ['boolean', 'true', true],
    ['boolean', 'false', false],
    ['boolean', true, true],
    ['array', 'x', ['x']],
    ['array', ['x'], ['x']],
    ['object', { a: 1 }, { a: 1 }],
    ['null', null, null],
  ])('takes for a %s %j and makes it %j', (kind, given, taken) => {
    expect(coerceParams(spec({ accepts: [kind] }), { p: given })).toEqual({ params: { p: taken } });
  });

  it.each<[(typeof KINDS)[number], unknown]>([
    ['string', {}],
    ['string', null],
    ['number', 'x'],
    ['number', ''],
    ['boolean', 2],
    ['boolean', 'yes'],
    ['object', []],
    ['object', null],
    ['null', 'null'],
  ])('refuses for a %s %j with the key’s name', (kind, given) => {
    const result = coerceParams(spec({ accepts: [kind] }), { p: given });
    expect(result).toEqual({ refusal: `Key: p, Message: Expected ${kind}` });
  });

  it('keeps a value whose type is among the declared ones', () => {
    const sut = spec({ accepts: ['number', 'string'] });
    expect([1, '1', true].map((p) => coerceParams(sut, { p }))).toEqual([
      { params: { p: 1 } },
      { params: { p: '1' } },
      { params: { p: 'true' } },
    ]);
  });

  it('refuses a value outside a closed set', () => {
    const sut = spec({ accepts: ['string'], oneOf: ['private', 'group'] });
    expect(coerceParams(sut, { p: 'guild' })).toHaveProperty('refusal');
    expect(coerceParams(sut, { p: 'group' })).toEqual({ params: { p: 'group' } });
  });

  it('says of a missing parameter only that one is missing', () => {
    const refusal = 'Schema compilation error: Expected required property';
    expect(coerceParams(spec({ accepts: ['string'], required: true }), {})).toEqual({ refusal });
    expect(coerceParams(spec({ accepts: ['string'] }), {})).toEqual({ params: {} });
  });

  it('ignores unknown keys', () => {
    expect(coerceParams(spec({ accepts: ['string'] }), { q: 1 })).toEqual({ params: { q: 1 } });
  });
});

describe('complaints', () => {
  it.each<[string, ActionSpec, Record<string, unknown>, string[]]>([
    ['nothing wrong', spec({ accepts: ['string'] }), { p: 'x' }, []],
    ['a key that is not in the table', spec({ accepts: ['string'] }), { q: 1 }, ['act: unknown parameter q']],
    [
      'a type that cannot be converted',
      spec({ accepts: ['number'] }),
      { p: {} },
      ['act: parameter p has the wrong type'],
    ],
    ['a missing one', spec({ accepts: ['number'], required: true }), {}, ['act: parameter p is missing']],
  ])('%s', (_, table, params, found) => {
    expect(complaints('act', table, params)).toEqual(found);
  });

  it('finds a message that is a CQ string', () => {
    const sut = { ...spec({ accepts: ['any'] }), params: { message: { accepts: ['any'] as const } } };
    expect(complaints('send_msg', sut, { message: 'hi' })).toEqual([
      'send_msg: message is a string; only segment arrays are safe',
    ]);
    expect(complaints('send_msg', sut, { message: [] })).toEqual([]);
  });
});

describe('readers of parameters', () => {
  it('takes ids as numbers and texts and 0 or empty as none', () => {
    expect([5, '5', 0, '0', '', undefined, {}].map((p) => idParam({ p }, 'p'))).toEqual([
      '5',
      '5',
      undefined,
      undefined,
      undefined,
      undefined,
      undefined,
    ]);
  });

  it('takes texts, numbers and flags with their defaults', () => {
    expect([textParam({ p: 5 }, 'p'), textParam({ p: 'x' }, 'p'), textParam({ p: {} }, 'p')]).toEqual(['5', 'x', '']);
    expect([numberParam({ p: '5' }, 'p', 1), numberParam({ p: 'x' }, 'p', 1), numberParam({ p: '' }, 'p', 1)]).toEqual([
      5, 1, 1,
    ]);
    expect([true, 'true', 1, false, 'no', undefined].map((p) => flagParam({ p }, 'p', true))).toEqual([
      true,
      true,
      true,
      false,
      false,
      true,
    ]);
  });
});
