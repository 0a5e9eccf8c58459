/** What a run left behind, and what it must look like whatever was broken meanwhile. Pure: its specs feed it broken histories. */

/** One message that somebody said to or among the accounts, in the order in which they were said. */
export interface SaidMessage {
  /** Conversation and sequence. */
  readonly key: string;
  readonly conversation: string;
  /** Milliseconds since 1970, as all times here; all processes of a run are on one machine. */
  readonly at: number;
  /** Number of the question that it put, if it did. */
  readonly question?: number;
  /** Of each connection that it was written to, when that ended; undefined for one that lived on. */
  readonly linkEnds: readonly (number | undefined)[];
}

/** A handler has begun with a message. In the order in which they began. */
export interface HeardMessage {
  readonly key: string;
  readonly at: number;
  /** Process of the handler. */
  readonly pid: number;
  /** Read from history after a gap, and so later than what was said after it. */
  readonly filled: boolean;
}

/** What a handler was told of the answer that it gave. */
export interface ToldOutcome {
  readonly question: number;
  readonly outcome: string;
}

/** An answer as the simulator saw it leave. */
export interface SeenAnswer {
  readonly question: number;
  readonly at: number;
}

export interface Interval {
  readonly from: number;
  readonly to: number;
}

export interface FaultSpan extends Interval {
  readonly fault: string;
}

/** Who acted for one account between two faults. */
export interface Tenures {
  readonly self: string;
  readonly until: number;
  /** Times that it went back to a connection over which it had acted before. */
  readonly comebacks: number;
  /** Epochs under which it was held, less one. */
  readonly takeovers: number;
}

export interface History {
  readonly said: readonly SaidMessage[];
  readonly heard: readonly HeardMessage[];
  readonly told: readonly ToldOutcome[];
  readonly answers: readonly SeenAnswer[];
  /** Keys of messages that were given up and kept for a person. */
  readonly dead: ReadonlySet<string>;
  readonly faults: readonly FaultSpan[];
  /** In which a Redis took writes that its successor may not know of. */
  readonly forgotten: readonly Interval[];
  readonly tenures: readonly Tenures[];
}

export interface Breach {
  readonly promise: string;
  /** Ids of what it happened to. */
  readonly what: string;
  /** When; the fault before it is what a person looks at first. */
  readonly at: number;
}

export interface EventBooks {
  readonly said: number;
  readonly handled: number;
  readonly dead: number;
  /** Written to connections that had all ended within {@link READ_MS}: nobody may have read them. */
  readonly cutOff: number;
  /** Not written to any connection: nobody was attached, or the NapCat was frozen. */
  readonly unheard: number;
  readonly forgotten: number;
  readonly lost: readonly SaidMessage[];
}

/** What was written to a connection that lived for so long after it was read. A connector reads at once; one that was stopped may take its time. */
export const READ_MS = 2_000;

export const isWithin = (intervals: readonly Interval[], at: number): boolean =>
  intervals.some(({ from, to }) => at >= from && at <= to);

/** Every message is in one of these places: the sum is what was said. */
export function eventBooks({ said, heard, dead, forgotten }: History): EventBooks {
  const known = new Set(heard.map(({ key }) => key));
  const books = { said: said.length, handled: 0, dead: 0, cutOff: 0, unheard: 0, forgotten: 0 };
  const lost: SaidMessage[] = [];
  for (const message of said) {
    const { key, at, linkEnds } = message;
    if (known.has(key)) books.handled += 1;
    else if (dead.has(key)) books.dead += 1;
    else if (linkEnds.length === 0) books.unheard += 1;
    else if (linkEnds.every((end) => end !== undefined && end < at + READ_MS)) books.cutOff += 1;
    else if (isWithin(forgotten, at)) books.forgotten += 1;
    else lost.push(message);
  }
  return { ...books, lost };
}

export const lostMessages = (history: History): Breach[] =>
  eventBooks(history).lost.map(({ key, at }) => ({ promise: 'every event that was read is handled', what: key, at }));

/** The first handling of each message comes after that of every earlier one of its conversation. */
export function disorder({ said, heard, forgotten }: History): Breach[] {
  const place = new Map(said.map(({ key, conversation, at: saidAt }, at) => [key, { conversation, at, saidAt }]));
  const latest = new Map<string, { at: number; key: string }>();
  const seen = new Set<string>();
  const found: Breach[] = [];
  for (const { key, at, filled } of heard) {
    const own = place.get(key);
    // Where Redis forgot one copy of it, the copy of another connector may come later.
    if (own === undefined || filled || seen.has(key) || isWithin(forgotten, own.saidAt)) continue;
    seen.add(key);
    const before = latest.get(own.conversation);
    if (before === undefined || before.at < own.at) latest.set(own.conversation, { at: own.at, key });
    else found.push({ promise: 'order within a conversation', what: `${key} after ${before.key}`, at });
  }
  return found;
}

/** A handling may be begun again only where a fault lies between: its worker may have ended with it in hand. */
export function causelessRepeats({ heard, faults }: History): Breach[] {
  const first = new Map<string, HeardMessage>();
  return heard.flatMap((one) => {
    const before = first.get(one.key);
    first.set(one.key, before ?? one);
    if (before === undefined || faults.some(({ from, to }) => from <= one.at && to >= before.at)) return [];
    return [{ promise: 'an event is handled once', what: `${one.key} by ${before.pid} and ${one.pid}`, at: one.at }];
  });
}

export function repeats({ heard }: History): number {
  return heard.length - new Set(heard.map(({ key }) => key)).size;
}

/** What Redis has forgotten may be done once more. */
export function answeredTwice({ answers, forgotten }: History): Breach[] {
  const seen = new Map<number, number>();
  return answers.flatMap(({ question, at }) => {
    const before = seen.get(question);
    seen.set(question, at);
    return before !== undefined && !isWithin(forgotten, before)
      ? [{ promise: 'one answer per message', what: `question ${question}`, at }]
      : [];
  });
}

/** Every question that was handled has its outcome, and a true one. What is unknown is neither wrong nor right. */
export function falseOutcomes({ said, heard, told, answers, dead, forgotten }: History): Breach[] {
  const seen = new Map(answers.map(({ question, at }) => [question, at]));
  const known = new Set(heard.map(({ key }) => key));
  const outcomes = new Map<number, Set<string>>();
  for (const { question, outcome } of told) outcomes.set(question, (outcomes.get(question) ?? new Set()).add(outcome));
  return said.flatMap(({ key, question, at }) => {
    if (question === undefined || !known.has(key) || dead.has(key)) return [];
    const own = outcomes.get(question);
    const what = `question ${question} (${key})`;
    if (own === undefined) return [{ promise: 'every answer has an outcome', what, at }];
    const seenAt = seen.get(question);
    const isSeen = seenAt !== undefined;
    const isFalse = isSeen
      ? (own.has('not_sent') || own.has('refused')) && !isWithin(forgotten, seenAt)
      : own.has('sent');
    return isFalse
      ? [{ promise: 'outcomes are true', what: `${what} ${[...own].join()}, ${isSeen ? 'seen' : 'not seen'}`, at }]
      : [];
  });
}

/** Two that act at the same time make the account go to and fro more often than its lease did. */
export function doubleOwners({ tenures }: History): Breach[] {
  return tenures.flatMap(({ self, until, comebacks, takeovers }) =>
    comebacks > takeovers
      ? [{ promise: 'one owner', what: `${self}: ${comebacks} comebacks, ${takeovers} takeovers`, at: until }]
      : [],
  );
}

export const JUDGES: readonly ((history: History) => Breach[])[] = [
  lostMessages,
  disorder,
  causelessRepeats,
  answeredTwice,
  falseOutcomes,
  doubleOwners,
];

/** The last fault that had begun by then. */
export function faultBefore(faults: readonly FaultSpan[], at: number): FaultSpan | undefined {
  return faults.filter(({ from }) => from <= at).at(-1);
}
