import { describe, expect, it } from '@jest/globals';
import { parseLimits, writtenLimit } from './limit-text';

describe('limits as text', () => {
  it.each([
    ['profile=cautious', { profile: 'cautious' }],
    ['perDay=500', { perDay: 500 }],
    ['perDay=off', { perDay: null }],
    ['account=15/60', { account: [{ sends: 15, seconds: 60 }] }],
    [
      'account=3/5,15/60',
      {
        account: [
          { sends: 3, seconds: 5 },
          { sends: 15, seconds: 60 },
        ],
      },
    ],
    ['conversation=off', { conversation: [] }],
    ['repeats=3/600', { repeats: { sends: 3, seconds: 600 } }],
    ['gapSeconds=0.5', { gapSeconds: 0.5 }],
    ['jitterSeconds=0.3-1.5', { jitterSeconds: [0.3, 1.5] }],
    ['quietHours=23:30-07:00', { quietHours: { from: '23:30', to: '07:00' } }],
    ['warmUp=7d*0.25', { warmUp: { days: 7, factor: 0.25 } }],
    ['kinds.file=2/60', { kinds: { file: [{ sends: 2, seconds: 60 }] } }],
    ['kinds.file=off', { kinds: { file: [] } }],
  ])('%s is read, and written as it was', (word, expected) => {
    const limits = parseLimits([word]);
    expect(limits).toEqual(expected);
    const text = word.slice(word.indexOf('=') + 1);
    const [value] = Object.values(limits);
    expect(writtenLimit(value)).toBe(word.startsWith('kinds.') ? `file ${text}` : text);
  });

  it('hands on what it does not understand, for the rules to name it', () => {
    expect(parseLimits(['perDay=many', 'account=fast'])).toEqual({ perDay: 'many', account: ['fast'] });
  });

  it.each(['perDay', '=5', ''])('refuses %j, which sets nothing', (word) => {
    expect(() => parseLimits([word])).toThrow('setting=value');
  });

  it('writes limits of kinds with their names', () => {
    expect(writtenLimit({ file: [{ sends: 2, seconds: 60 }], other: [] })).toBe('file 2/60, other off');
  });
});
