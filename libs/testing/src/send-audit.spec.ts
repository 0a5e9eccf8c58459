import { describe, expect, it } from '@jest/globals';
import { PROFILES, type LimitSettings } from '@rookery/pacing';
import type { Outcome } from '@rookery/protocol';
import { balance, disordered, excesses, executedTwice, mostSends, mostSendsWhile, type SeenSend } from './send-audit';

const START = Date.UTC(2026, 0, 1, 4);
const COUNTING = { timeZone: 'Asia/Shanghai' };
const seen = (id: string, seconds: number, more: Partial<SeenSend> = {}): SeenSend => ({
  id,
  self: '10001',
  chat: `group:${id}`,
  lane: 'normal',
  kind: 'group',
  at: START + seconds * 1000,
  ...more,
});
const limits = (more: Partial<LimitSettings>): LimitSettings => ({ ...PROFILES.unlimited, ...more });
const found = (sends: readonly SeenSend[], more: Partial<LimitSettings>, slow?: number) =>
  excesses(sends, limits(more), { ...COUNTING, ...(slow !== undefined && { slow }) }).map(
    ({ layer, of, withinMs }) => `${layer} ${of} ${withinMs}`,
  );

describe('the audit of sends finds', () => {
  it('one send too many of the account in a window that begins anywhere, and takes nothing else for one', () => {
    const account = [{ sends: 2, seconds: 10 }];
    const sends = [seen('a', 0), seen('b', 9), seen('c', 10), seen('d', 18.999), seen('e', 1, { self: '10002' })];
    expect(found(sends, { account })).toEqual(['account 10001 9999']);
    expect(found([...sends].reverse(), { account })).toEqual(['account 10001 9999']);
    expect(found(sends.slice(0, 3), { account })).toEqual([]);
  });

  it('every window that is too full of one burst', () => {
    const burst = [0, 0.001, 0.002, 0.003].map((at) => seen(`at ${at}`, at));
    expect(found(burst, { account: [{ sends: 1, seconds: 1 }] })).toHaveLength(3);
  });

  it('windows that are shorter than a young account has them', () => {
    const sends = [seen('a', 0), seen('b', 10)];
    const account = [{ sends: 1, seconds: 10 }];
    expect(found(sends, { account })).toEqual([]);
    expect(found(sends, { account }, 4)).toEqual(['account 10001 10000']);
  });

  it.each<[string, Partial<LimitSettings>, SeenSend[], string]>([
    ['gap', { gapSeconds: 2 }, [seen('a', 0), seen('b', 1.5)], 'gap 10001 1500'],
    [
      'kind',
      { kinds: { file: [{ sends: 1, seconds: 5 }] } },
      [seen('a', 0, { kind: 'file' }), seen('b', 1), seen('c', 2, { kind: 'file' })],
      'kind 10001 file 2000',
    ],
    [
      'conversation',
      { conversation: [{ sends: 1, seconds: 2 }] },
      [seen('a', 0, { chat: 'group:7' }), seen('b', 1), seen('c', 1.9, { chat: 'group:7' })],
      'conversation 10001 group:7 1900',
    ],
    [
      'repeats',
      { repeats: { sends: 1, seconds: 60 } },
      [
        seen('a', 0, { chat: 'group:7', text: 'x' }),
        seen('b', 1, { chat: 'group:7', text: 'y' }),
        seen('c', 2, { chat: 'group:8', text: 'x' }),
        seen('d', 30, { chat: 'group:7', text: 'x' }),
      ],
      'repeats 10001 group:7 x 30000',
    ],
  ])('too many of one %s', (_layer, settings, sends, what) => {
    expect(found(sends, settings)).toEqual([what]);
    expect(found(sends.slice(0, -1), settings)).toEqual([]);
  });

  it('too many of a calendar day, which ends at midnight of its time zone', () => {
    const midnight = Date.UTC(2026, 0, 1, 16);
    const at = (ms: number) => seen(String(ms), 0, { at: midnight + ms });
    expect(found([at(-2000), at(-1000), at(0), at(1000)], { perDay: 2 })).toEqual([]);
    expect(found([at(-2000), at(0), at(1000), at(2000)], { perDay: 2 })).toEqual([
      'day 10001 2026-01-01T16:00:00.000Z 2000',
    ]);
    expect(found([at(0), at(1000)], { perDay: 4 }, 4)).toHaveLength(1);
  });

  it('nothing in what nobody sees, but its own kind', () => {
    const quiet = [0, 1, 2].map((at) => seen(`q${at}`, at, { kind: 'other', chat: 'account' }));
    expect(found(quiet, { account: [{ sends: 1, seconds: 60 }], gapSeconds: 5, perDay: 1 })).toEqual([]);
    expect(found(quiet, { kinds: { other: [{ sends: 2, seconds: 10 }] } })).toEqual(['kind 10001 other 2000']);
  });

  it('actions that took effect twice; two accounts may have the same id', () => {
    expect(executedTwice([seen('a', 0), seen('b', 1), seen('a', 2), seen('b', 3, { self: '10002' })])).toEqual(['a']);
  });

  it('a wrong order within a chat and lane only', () => {
    const at = { chat: 'group:7' };
    const asked = [seen('a', 0, at), seen('b', 0, at), seen('c', 0, at), seen('d', 0, { ...at, lane: 'bulk' })];
    const sends = [seen('d', 1, { ...at, lane: 'bulk' }), seen('c', 2, at), seen('a', 3, at), seen('b', 4, at)];
    expect(disordered(asked, sends)).toEqual([
      ['a', 'c'],
      ['b', 'c'],
    ]);
    expect(disordered(asked, [seen('a', 1, at), seen('c', 2, at)])).toEqual([]);
  });

  it('actions without an outcome, and outcomes that are not true', () => {
    const asked = ['sent', 'ghost', 'lost', 'late', 'denied', 'doubt', 'away'].map((id) => seen(id, 0));
    const outcomes = new Map<string, Outcome>([
      ['sent', 'sent'],
      ['ghost', 'sent'],
      ['late', 'not_sent'],
      ['denied', 'refused'],
      ['doubt', 'unknown'],
      ['away', 'not_sent'],
    ]);
    const sends = ['sent', 'late', 'denied', 'doubt'].map((id, at) => seen(id, at));
    expect(balance(asked, outcomes, sends)).toEqual({
      asked: 7,
      outcomes: { sent: 2, refused: 1, not_sent: 2, unknown: 1 },
      withoutOutcome: ['lost'],
      toldWrongly: ['ghost', 'late', 'denied'],
    });
  });
});

describe('the most that could be sent', () => {
  it.each<[string, Partial<LimitSettings>, number, number]>([
    ['one window after the other', { account: [{ sends: 15, seconds: 60 }], gapSeconds: 1.2 }, 600, 150],
    [
      'a short window within a long one',
      {
        account: [
          { sends: 2, seconds: 1 },
          { sends: 5, seconds: 60 },
        ],
      },
      61,
      7,
    ],
    ['the gap alone', { gapSeconds: 2 }, 9, 5],
    ['a window that the span cuts off', { account: [{ sends: 3, seconds: 10 }], gapSeconds: 4 }, 14, 4],
  ])('%s', (_name, settings, seconds, sends) => {
    expect(mostSends(limits(settings), seconds * 1000)).toBe(sends);
  });

  it('is less for a young account, and has no end without limits', () => {
    expect(mostSends(limits({ account: [{ sends: 15, seconds: 60 }] }), 600_000, 4)).toBe(45);
    expect(mostSends(limits({}), 1)).toBe(Number.POSITIVE_INFINITY);
  });

  it('is only what fits into the times at which the sender could send, and its windows go on in between', () => {
    const settings = limits({ account: [{ sends: 3, seconds: 10 }], gapSeconds: 1 });
    const spans = [
      { from: 0, to: 1_500 },
      { from: 9_000, to: 10_500 },
      { from: 12_000, to: 12_000 },
      { from: 30_000, to: 30_001 },
    ];
    // 0 and 1 s; 9 s, and 10 s when the first has left the window; nothing in an empty span; 30 s.
    expect(mostSendsWhile(settings, spans)).toBe(5);
    expect(mostSendsWhile(settings, [])).toBe(0);
  });
});
