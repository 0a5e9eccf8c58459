import { describe, expect, it } from '@jest/globals';
import { PROFILES } from '@rookery/pacing';
import type { SeenSend } from '@rookery/testing';
import { account, countedMs, slowestAnswer, type Recovery, type Witnesses } from './recovery';

const limits = {
  ...PROFILES.unlimited,
  account: [{ sends: 3, seconds: 4 }],
  conversation: [{ sends: 2, seconds: 4 }],
  kinds: { private: [{ sends: 2, seconds: 10 }] },
};
const FROM = 100_000;

interface Asked {
  readonly self?: string;
  readonly question?: number;
  readonly heard?: readonly number[];
  readonly answered?: number;
}

/** Times in milliseconds since the fault was over. */
function witnesses(asked: readonly Asked[], sends: readonly SeenSend[] = []): Witnesses {
  const of = ({ self = 'a', question = 0, heard = [10], answered }: Asked) => {
    const conversation = `private:${self}:${question}`;
    const key = `${conversation}#1`;
    return {
      said: { key, conversation, question, at: FROM, linkEnds: [] },
      heard: heard.map((at) => ({ key, at: FROM + at, pid: 1, filled: false })),
      answers: answered === undefined ? [] : [{ question, at: FROM + answered }],
    };
  };
  const all = asked.map(of);
  return {
    said: all.map(({ said }) => said),
    heard: all.flatMap(({ heard }) => heard),
    answers: all.flatMap(({ answers }) => answers),
    sends,
    limits,
  };
}
function recovery(questions: Readonly<Record<string, readonly number[]>> = { a: [0] }): Recovery {
  return { fault: 'drain-worker', from: FROM, withinSeconds: 1.5, questions: new Map(Object.entries(questions)) };
}
const sent = (at: number, more: Partial<SeenSend> = {}): SeenSend => ({
  id: `${at}`,
  self: 'a',
  chat: 'group:1',
  lane: '',
  kind: 'group',
  at: FROM + at,
  ...more,
});
const counted = (seen: Witnesses, asked = recovery()): number | undefined => {
  const first = slowestAnswer(asked, seen);
  return first && countedMs(first);
};

describe('the time after which every account answers again', () => {
  it('is that of the slowest account, and of its first answer', () => {
    const seen = witnesses([
      { self: 'a', question: 0, answered: 700 },
      { self: 'b', question: 1, answered: 2_500 },
      { self: 'b', question: 2, answered: 1_900 },
    ]);
    const first = slowestAnswer(recovery({ a: [0], b: [1, 2] }), seen);
    expect(first).toMatchObject({ self: 'b', question: 2, answeredMs: 1_900, restedMs: 0 });
  });

  it('is unknown where nobody was asked', () => {
    expect(slowestAnswer(recovery({}), witnesses([]))).toBeUndefined();
  });

  it('does not hold a full window of the account against it', () => {
    // Until 4,080 ms after the first one, that is at 1,080.
    const seen = witnesses([{ answered: 1_300 }], [sent(-3_000), sent(-2_000), sent(-1_000)]);
    expect(counted(seen)).toBe(1_300 - (1_080 - 10));
  });

  it('holds everything against it while a window has room, also if it sent much before', () => {
    expect(counted(witnesses([{ answered: 3_000 }], [sent(-2_000), sent(-1_000)]))).toBe(3_000);
    expect(counted(witnesses([{ answered: 3_000 }], [sent(-9_000), sent(-8_900), sent(-8_800)]))).toBe(3_000);
  });

  it('holds against it that the question itself was late, whatever its limits say', () => {
    const seen = witnesses([{ heard: [1_000], answered: 1_100 }], [sent(-3_000), sent(-2_000), sent(-1_000)]);
    expect(counted(seen)).toBe(1_100 - 80);
  });

  it('holds against it that a handler began anew', () => {
    const seen = witnesses([{ heard: [10, 900], answered: 1_100 }], [sent(-3_000), sent(-2_000), sent(-1_000)]);
    expect(counted(seen)).toBe(1_100 - 180);
  });

  it('counts the windows of the kind and of the chat too, and what lies in two of them once', () => {
    const own = { chat: 'private:0', kind: 'private' } as const;
    const inChat = witnesses([{ answered: 1_500 }], [sent(-3_000, own), sent(-2_500, own)]);
    // Of the kind until 10,200 ms after the first one: all the time.
    expect(counted(inChat)).toBe(10);
    const elsewhere = { chat: 'private:9', kind: 'private' } as const;
    expect(counted(witnesses([{ answered: 1_500 }], [sent(-3_000, elsewhere), sent(-2_500, elsewhere)]))).toBe(10);
    const group = { chat: 'private:0', kind: 'reaction' } as const;
    expect(counted(witnesses([{ answered: 1_500 }], [sent(-3_000, group), sent(-2_500, group)]))).toBe(1_500 - 1_070);
  });

  it('takes no account for another', () => {
    const others = [-3_000, -2_000, -1_000].map((at) => sent(at, { self: 'b' }));
    expect(counted(witnesses([{ answered: 1_300 }], others))).toBe(1_300);
  });

  it('is told with what was waited for', () => {
    const seen = witnesses([{ answered: 1_300 }], [sent(-3_000), sent(-2_000), sent(-1_000)]);
    const first = slowestAnswer(recovery(), seen);
    expect(first && account('drain-worker', first)).toBe(
      'drain-worker: a answered question 0 after 1.30 s: asked after 0.00 s, handled after 0.01 s, and its limits were used up for 1.07 s',
    );
  });
});
