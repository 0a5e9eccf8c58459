import { windowMs, type LimitSettings, type Rate } from '@rookery/pacing';
import type { SeenSend } from '@rookery/testing';
import type { HeardMessage, Interval, SaidMessage, SeenAnswer } from './model';

/** How a cluster was asked whether it is there again after a fault. */
export interface Recovery {
  readonly fault: string;
  /** From when on the time counts, milliseconds since 1970. */
  readonly from: number;
  readonly withinSeconds: number;
  /** Account → the questions that it was asked one after the other until it answered one. */
  readonly questions: ReadonlyMap<string, readonly number[]>;
}

/** What the first answer of one account waited for. All times in milliseconds since {@link Recovery.from}. */
export interface FirstAnswer {
  readonly self: string;
  readonly question: number;
  readonly askedMs: number;
  /** When its handler began. */
  readonly heardMs: number;
  readonly answeredMs: number;
  /** Of the time in between, how long a window of a limit was full, so that no answer was allowed. */
  readonly restedMs: number;
}

export interface Witnesses {
  readonly said: readonly SaidMessage[];
  readonly heard: readonly HeardMessage[];
  readonly answers: readonly SeenAnswer[];
  /** Everything that left, as the simulator stamped it. */
  readonly sends: readonly SeenSend[];
  readonly limits: LimitSettings;
}

/**
 * The account that took longest to answer anew. An account that has just said all that it may is silent on purpose, and that time does not count:
 * it begins when the handler has the question, so that whatever held up the question itself counts in full.
 */
export function slowestAnswer({ from, questions }: Recovery, witnesses: Witnesses): FirstAnswer | undefined {
  const byQuestion = new Map(witnesses.said.map((message) => [message.question, message]));
  const answeredAt = new Map(witnesses.answers.map(({ question, at }) => [question, at]));
  const firsts = [...questions].flatMap(([self, asked]) => {
    const answered = asked.flatMap((question): FirstAnswer[] => {
      const [message, at] = [byQuestion.get(question), answeredAt.get(question)];
      if (message === undefined || at === undefined) return [];
      // Where it was handled again, its last handler: what went before is the time that the fault cost.
      const heardAt = witnesses.heard.findLast((one) => one.key === message.key && one.at <= at)?.at ?? at;
      const restedMs = restOf(self, message, { from: heardAt, to: at }, witnesses);
      return [{ self, question, askedMs: message.at - from, heardMs: heardAt - from, answeredMs: at - from, restedMs }];
    });
    return answered.sort((a, b) => countedMs(a) - countedMs(b)).slice(0, 1);
  });
  return firsts.sort((a, b) => countedMs(b) - countedMs(a))[0];
}

/** What counts of the time of an answer, milliseconds. */
export const countedMs = ({ answeredMs, restedMs }: FirstAnswer): number => answeredMs - restedMs;

/** For people. */
export function account(fault: string, first: FirstAnswer): string {
  const { self, question, askedMs, heardMs, answeredMs, restedMs } = first;
  const seconds = (ms: number): string => `${(ms / 1000).toFixed(2)} s`;
  return (
    `${fault}: ${self} answered question ${question} after ${seconds(answeredMs)}: asked after ${seconds(askedMs)}, ` +
    `handled after ${seconds(heardMs)}, and its limits were used up for ${seconds(restedMs)}`
  );
}

/** For how long within `span` a window was full of all those that an answer to `message` has to fit into. */
function restOf(self: string, message: SaidMessage, span: Interval, { sends, limits }: Witnesses): number {
  const own = sends.filter((send) => send.self === self);
  const chat = `private:${message.conversation.split(':').at(-1)}`;
  const layers: [readonly SeenSend[], readonly Rate[]][] = [
    [own.filter(({ kind }) => kind !== 'other'), limits.account],
    [own.filter((send) => send.chat === chat && send.kind !== 'other'), limits.conversation],
    [own.filter(({ kind }) => kind === 'private'), limits.kinds.private ?? []],
  ];
  const full = layers.flatMap(([group, rates]) => rates.flatMap((rate) => fullSpans(group, rate)));
  return covered(full, span);
}

/** When one send more would have been one too many, by the stamps of the receiver and the window that is kept by whoever sends. */
function fullSpans(sends: readonly SeenSend[], { sends: most, seconds }: Rate): Interval[] {
  const times = sends.map(({ at }) => at).sort((a, b) => a - b);
  return times.flatMap((first, at) => {
    const last = times[at + most - 1];
    const to = first + windowMs(seconds);
    return last !== undefined && last < to ? [{ from: last, to }] : [];
  });
}

/** How much of `span` lies in at least one of the intervals. */
function covered(intervals: readonly Interval[], span: Interval): number {
  let sum = 0;
  let reached = span.from;
  for (const { from, to } of [...intervals].sort((a, b) => a.from - b.from)) {
    const [begin, end] = [Math.max(from, reached), Math.min(to, span.to)];
    if (end <= begin) continue;
    sum += end - begin;
    reached = end;
  }
  return sum;
}
