import { describe, expect, it } from '@jest/globals';
import { normalizeMessage } from './message';

describe('normalizeMessage', () => {
  it.each<[string, unknown, unknown]>([
    ['array form', [{ type: 'text', data: { text: 'a' } }], [{ type: 'text', data: { text: 'a' } }]],
    [
      'string form',
      'a[CQ:at,qq=1]',
      [
        { type: 'text', data: { text: 'a' } },
        { type: 'at', data: { qq: '1' } },
      ],
    ],
    ['a mention by number', [{ type: 'at', data: { qq: 10001 } }], [{ type: 'at', data: { qq: '10001' } }]],
    [
      'a mention in the seed dialect',
      [{ type: 'at', data: { id: 10001, name: 'L' } }],
      [{ type: 'at', data: { qq: '10001', name: 'L' } }],
    ],
    [
      'a mention of nobody',
      [
        { type: 'at', data: {} },
        { type: 'at', data: { qq: '' } },
      ],
      [],
    ],
    [
      'a reply by numbers',
      [{ type: 'reply', data: { id: 5, seq: 6 } }],
      [{ type: 'reply', data: { id: '5', seq: '6' } }],
    ],
    ['a reply by one number', [{ type: 'reply', data: { id: 5 } }], [{ type: 'reply', data: { id: '5' } }]],
    ['a reply by seq', [{ type: 'reply', data: { seq: '6' } }], [{ type: 'reply', data: { seq: '6' } }]],
    ['a reply to nothing', [{ type: 'reply', data: {} }], []],
    ['a face by number', [{ type: 'face', data: { id: 178 } }], [{ type: 'face', data: { id: '178' } }]],
    ['a face without id', [{ type: 'face', data: {} }], [{ type: 'face', data: {} }]],
    [
      'an unknown segment',
      [{ type: 'hologram', data: { z: 1, deep: { a: [1] } } }],
      [{ type: 'hologram', data: { z: 1, deep: { a: [1] } } }],
    ],
    [
      'data that is null or missing',
      [{ type: 'dice', data: null }, { type: 'rps' }],
      [
        { type: 'dice', data: {} },
        { type: 'rps', data: {} },
      ],
    ],
    [
      'segments without type, and no segments',
      [{ data: {} }, { type: '', data: {} }, { type: 5 }, null, 'x', [], 7],
      [],
    ],
    [
      'data of a wrong type',
      [
        { type: 'image', data: 'x' },
        { type: 'image', data: [] },
      ],
      [],
    ],
    [
      'text without text',
      [
        { type: 'text', data: {} },
        { type: 'text', data: { text: 5 } },
        { type: 'text', data: { text: 'kept' } },
      ],
      [{ type: 'text', data: { text: 'kept' } }],
    ],
  ])('reads %s', (_case, message, expected) => {
    expect(normalizeMessage(message)).toEqual(expected);
  });

  it.each([[undefined], [null], [5], [{ type: 'text', data: { text: 'a' } }]])('takes %j for no message', (message) => {
    expect(normalizeMessage(message)).toBeUndefined();
  });
});
