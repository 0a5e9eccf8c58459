import { describe, expect, it } from '@jest/globals';
import { seededRandom } from '@rookery/simulator';
import {
  answeredTwice,
  causelessRepeats,
  disorder,
  doubleOwners,
  eventBooks,
  falseOutcomes,
  faultBefore,
  JUDGES,
  lostMessages,
  READ_MS,
  type HeardMessage,
  type History,
  type SaidMessage,
} from './model';
import { schedule } from './schedule';

const said = (key: string, more: Partial<SaidMessage> = {}): SaidMessage => ({
  key,
  conversation: key.slice(0, 1),
  at: 1_000,
  linkEnds: [undefined],
  ...more,
});
const heard = (key: string, more: Partial<HeardMessage> = {}): HeardMessage => ({
  key,
  at: 1_000,
  pid: 1,
  filled: false,
  ...more,
});
const history = (more: Partial<History>): History => ({
  said: [],
  heard: [],
  told: [],
  answers: [],
  dead: new Set(),
  faults: [],
  forgotten: [],
  tenures: [],
  ...more,
});
const what = (breaches: readonly { what: string }[]) => breaches.map((breach) => breach.what);

describe('the judges of a run', () => {
  it('find nothing in a history in which everything went well', () => {
    const good = history({
      said: [said('a1', { question: 1 }), said('b1'), said('a2')],
      heard: [heard('a1'), heard('b1'), heard('a2')],
      told: [{ question: 1, outcome: 'sent' }],
      answers: [{ question: 1, at: 1_100 }],
      tenures: [{ self: '1', until: 9, comebacks: 1, takeovers: 1 }],
    });
    expect(JUDGES.flatMap((judge) => judge(good))).toEqual([]);
  });

  it('miss a message that was written to a connection which lived on, and that nobody handled', () => {
    const one = history({ said: [said('a1'), said('a2', { linkEnds: [1_001, undefined] })], heard: [heard('a1')] });
    expect(what(lostMessages(one))).toEqual(['a2']);
  });

  it('miss none that was cut off on every connection, heard by nobody, forgotten by a failover, or set aside', () => {
    const books = eventBooks(
      history({
        said: [
          said('a1', { linkEnds: [1_000 + READ_MS - 1, 1_001] }),
          said('a2', { linkEnds: [] }),
          said('a3', { at: 5_000 }),
          said('a4'),
          said('a5', { linkEnds: [1_000 + READ_MS] }),
        ],
        dead: new Set(['a4']),
        forgotten: [{ from: 4_900, to: 5_100 }],
      }),
    );
    expect(books).toMatchObject({ said: 5, handled: 0, dead: 1, cutOff: 1, unheard: 1, forgotten: 1 });
    expect(books.lost.map(({ key }) => key)).toEqual(['a5']);
  });

  it('see an earlier message of the same conversation that was handled later, and no repetition, gap or other conversation', () => {
    const spoken = ['a1', 'b1', 'a2', 'a3', 'a4'].map((key) => said(key));
    const order = ['a2', 'a1', 'b1', 'a2', 'a4'].map((key) => heard(key));
    expect(what(disorder(history({ said: spoken, heard: [...order, heard('a3', { filled: true })] })))).toEqual([
      'a1 after a2',
    ]);
  });

  it('see a message that is handled again without a fault in between', () => {
    const twice = [heard('a1', { at: 100 }), heard('a1', { at: 200, pid: 2 })];
    expect(what(causelessRepeats(history({ heard: twice })))).toEqual(['a1 by 1 and 2']);
    expect(causelessRepeats(history({ heard: twice, faults: [{ fault: 'kill', from: 150, to: 300 }] }))).toEqual([]);
    expect(causelessRepeats(history({ heard: twice, faults: [{ fault: 'kill', from: 201, to: 300 }] }))).toHaveLength(
      1,
    );
  });

  it('see a question that was answered twice', () => {
    const answers = [1, 2, 1].map((question) => ({ question, at: 5 }));
    expect(what(answeredTwice(history({ answers })))).toEqual(['question 1']);
  });

  it('see no breach in what was done once more, or told wrongly, because Redis had forgotten the moment in which it was done first', () => {
    const one = history({
      said: [said('a1', { question: 1 }), said('a2', { question: 2 })],
      heard: [heard('a1'), heard('a2')],
      told: [
        { question: 1, outcome: 'sent' },
        { question: 2, outcome: 'not_sent' },
      ],
      answers: [
        { question: 1, at: 5_000 },
        { question: 2, at: 5_500 },
        { question: 1, at: 9_000 },
      ],
    });
    const forgotten = [{ from: 4_900, to: 6_000 }];
    expect(what(JUDGES.flatMap((judge) => judge({ ...one, forgotten })))).toEqual([]);
    expect(what(JUDGES.flatMap((judge) => judge(one)))).toEqual(['question 1', 'question 2 (a2) not_sent, seen']);
    const thrice = { ...one, answers: [...one.answers, { question: 1, at: 9_500 }], forgotten };
    expect(what(answeredTwice(thrice))).toEqual(['question 1']);
  });

  it('see an answer without an outcome, and outcomes that are not true', () => {
    const questions = [1, 2, 3, 4, 5].map((question) => said(`a${question}`, { question }));
    const lies = history({
      said: questions,
      heard: questions.map(({ key }) => heard(key)),
      told: [
        { question: 1, outcome: 'sent' },
        { question: 2, outcome: 'not_sent' },
        { question: 3, outcome: 'unknown' },
        { question: 4, outcome: 'unknown' },
      ],
      answers: [2, 3].map((question) => ({ question, at: 5 })),
    });
    expect(what(falseOutcomes(lies))).toEqual([
      'question 1 (a1) sent, not seen',
      'question 2 (a2) not_sent, seen',
      'question 5 (a5)',
    ]);
  });

  it('see an account that goes to and fro more often than its lease did', () => {
    const tenures = [{ self: '1', until: 9, comebacks: 2, takeovers: 1 }];
    expect(what(doubleOwners(history({ tenures })))).toEqual(['1: 2 comebacks, 1 takeovers']);
  });

  it('name the fault before', () => {
    const faults = [10, 20, 30].map((from) => ({ fault: `at ${from}`, from, to: from + 5 }));
    expect(faultBefore(faults, 29)?.fault).toBe('at 20');
    expect(faultBefore(faults, 9)).toBeUndefined();
  });
});

describe('a schedule', () => {
  const first = (count: number, seed: number) => {
    const planned = schedule(['a', 'b', 'c'], seededRandom(seed));
    return Array.from({ length: count }, () => planned.next().value);
  };

  it('is the same for the same seed, and another one for another', () => {
    expect(first(30, 7)).toEqual(first(30, 7));
    expect(first(30, 7)).not.toEqual(first(30, 8));
  });

  it('has each fault once in each round', () => {
    const names = first(9, 1).map((planned) => planned?.fault);
    for (const at of [0, 3, 6]) expect(new Set(names.slice(at, at + 3))).toEqual(new Set(['a', 'b', 'c']));
  });
});
