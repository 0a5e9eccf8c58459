import { balance, disordered, excesses, executedTwice, type Excess } from '@rookery/testing';
import type { BroadcastStatus } from '@rookery/protocol';
import type { Asker } from '../support/asker';
import type { FaultyCluster } from '../support/cluster';
import { figure } from '../support/figure';
import { broadcastsOf, deadMessages, sends, witnessed } from './evidence';
import type { Ledger } from './ledger';
import type { Load } from './load';
import { eventBooks, faultBefore, isWithin, JUDGES, repeats, type Breach, type FaultSpan, type History } from './model';
import type { Owners } from './owners';
import { account, countedMs, slowestAnswer } from './recovery';
import type { Run } from './run';
import { LIMITS } from './stage';

const TIME_ZONE = 'Asia/Shanghai';

export interface Traces {
  readonly cluster: FaultyCluster;
  readonly ledger: Ledger;
  readonly asker: Asker;
  readonly load: Load;
  readonly owners: Owners;
  readonly run: Run;
  /** How late the simulator may have stamped what it received, milliseconds. */
  readonly stallMs: number;
}

/** What a run has shown beside its figures. `late`: what came back later than is promised, for people. */
export interface Verdict {
  readonly breaches: readonly Breach[];
  readonly late: readonly string[];
}

/** Everything that a run broke or was late with; writes its figures. */
export async function judge(traces: Traces): Promise<Verdict> {
  const { cluster, ledger, owners, run } = traces;
  const history: History = {
    said: ledger.said,
    ...witnessed(cluster),
    answers: ledger.answers,
    dead: await deadMessages(cluster),
    faults: run.faults,
    forgotten: run.forgotten,
    tenures: owners.tenures,
  };
  const { lost, ...books } = eventBooks(history);
  for (const [place, count] of Object.entries(books)) figure(`messages: ${place}`, count, '');
  figure('messages: handled again after a fault', repeats(history), '');
  figure('messages: lost', lost.length, '', { atMost: 0 });
  const breaches = [
    ...JUDGES.flatMap((judgement) => judgement(history)),
    ...directActions(traces),
    ...windows(traces),
    ...broadcasts(await broadcastsOf(cluster, traces.load.kept(run.forgotten)), traces),
    ...violations(traces),
  ];
  const late = figures(traces, history);
  for (const promise of PROMISES) {
    figure(`broken: ${promise}`, breaches.filter((breach) => breach.promise === promise).length, '', { atMost: 0 });
  }
  return { breaches, late };
}

const LIMIT = 'no window of a limit is exceeded';
const ONCE = 'an action is executed once at most';
const BOOKS = 'books: what was asked has one outcome, and a true one';
const LANE = 'order within a chat and lane';
/** Of who waits for the end of a run. */
export const NOTHING_LEFT = 'books: nothing waits in the end';
const VIOLATION = 'requests are as NapCat wants them';
const PROMISES = [
  'every event that was read is handled',
  'order within a conversation',
  'an event is handled once',
  'one answer per message',
  'every answer has an outcome',
  'outcomes are true',
  'one owner',
  ONCE,
  BOOKS,
  LANE,
  LIMIT,
  NOTHING_LEFT,
  VIOLATION,
];

function directActions({ asker, run }: Traces): Breach[] {
  const seen = asker.seen();
  const at = new Map(seen.map((send) => [send.id, send.at]));
  const breach = (promise: string, id: string, what = id): Breach => ({ promise, what, at: at.get(id) ?? Date.now() });
  const { asked, outcomes, withoutOutcome, toldWrongly } = balance(asker.asked, asker.outcomes, seen);
  figure('direct actions: asked', asked, '');
  for (const [outcome, count] of Object.entries(outcomes)) figure(`direct actions: … ${outcome}`, count, '');
  const askedAt = new Map(asker.asked.map((one) => [one.id, one.at]));
  const isForgotten = (when: number | undefined): boolean => when !== undefined && isWithin(run.forgotten, when);
  // What was carried out in a moment that Redis has forgotten may be carried out again, and what became of it the first time is not known.
  const known = seen.filter((send) => !isForgotten(send.at));
  const knownIds = new Set(known.map(({ id }) => id));
  const isTold = (id: string): boolean => knownIds.has(id) || !at.has(id);
  return [
    ...executedTwice(known).map((id) => breach(ONCE, id)),
    ...withoutOutcome
      .filter((id) => !isForgotten(askedAt.get(id)))
      .map((id) => breach(BOOKS, id, `${id} has no outcome`)),
    ...toldWrongly
      .filter(isTold)
      .map((id) => breach(BOOKS, id, `${id} is said to be ${asker.outcomes.get(id)}, which is not true`)),
    ...disordered(asker.asked, known).map(([first, later]) => breach(LANE, first, `${first} after ${later}`)),
  ];
}

/** Windows that are too full even if the first of their sends was stamped as late as this process ever was. */
function windows({ cluster, stallMs }: Traces): Breach[] {
  const all = excesses(sends(cluster), LIMITS, { timeZone: TIME_ZONE });
  figure('limits: longest stall of the simulator', stallMs, 'ms');
  figure('limits: windows over a limit by its stamps alone', all.length, '');
  const what = ({ layer, of, allowed, withinMs }: Excess): string =>
    `${layer} of ${of}: ${allowed.sends + 1} sends in ${withinMs} ms, ${allowed.sends} in ${allowed.seconds} s are allowed`;
  return all
    .filter(({ withinMs, allowed }) => withinMs + stallMs < allowed.seconds * 1_000)
    .map((excess) => ({ promise: LIMIT, what: what(excess), at: excess.at }));
}

function broadcasts(found: readonly BroadcastStatus[], { load, cluster, run }: Traces): Breach[] {
  return found.flatMap(({ id, state, createdAt, counts }) => {
    const text = load.broadcasts.find((started) => started.id === id)?.text;
    const seen = cluster.fleet.world.audit.sent().filter((record) => record.text === text);
    const groups = new Set(seen.map(({ groupId }) => groupId));
    const known = seen.filter((record) => !isWithin(run.forgotten, record.at));
    const isRepeated = known.length > new Set(known.map(({ groupId }) => groupId)).size;
    const { total, sent, refused, not_sent: notSent, unknown } = counts;
    const breach = (promise: string, what: string): Breach => ({ promise, what: `${id}: ${what}`, at: createdAt });
    return [
      ...(isRepeated ? [breach(ONCE, `${seen.length} messages in ${groups.size} groups`)] : []),
      ...(sent + refused + notSent + unknown === total && state !== 'running'
        ? []
        : [breach(BOOKS, `${state} ${JSON.stringify(counts)}`)]),
      ...(groups.size < sent || groups.size > sent + unknown
        ? [breach(BOOKS, `${groups.size} groups have it: ${JSON.stringify(counts)}`)]
        : []),
    ];
  });
}

function violations({ cluster }: Traces): Breach[] {
  const found = cluster.fleet.world.audit.violations.slice(0, 20);
  return found.map(({ text, sample, at }) => ({ promise: VIOLATION, what: `${text}: ${sample}`, at }));
}

function figures({ cluster, run, load }: Traces, { said, heard, told, answers, faults }: History): string[] {
  figure('faults', faults.length, '');
  figure('broadcasts', load.broadcasts.length, '');
  figure('questions answered', answers.length, '');
  for (const outcome of new Set(told.map((one) => one.outcome))) {
    const questions = new Set(told.filter((one) => one.outcome === outcome).map(({ question }) => question));
    figure(`answers: … ${outcome}`, questions.size, '');
  }
  const witnesses = { said, heard, answers, sends: sends(cluster), limits: LIMITS };
  const slowest = run.recoveries.flatMap((recovery) => {
    const first = slowestAnswer(recovery, witnesses);
    return first === undefined ? [] : [{ ...recovery, first, seconds: countedMs(first) / 1000 }];
  });
  for (const fault of new Set(slowest.map((recovery) => recovery.fault))) {
    const own = slowest.filter((recovery) => recovery.fault === fault);
    const worst = Math.max(...own.map(({ seconds }) => seconds));
    figure(`${fault} (${own.length}): every account answers again after`, worst, 's', {
      atMost: own[0]?.withinSeconds ?? 0,
    });
  }
  return slowest
    .filter(({ seconds, withinSeconds }) => seconds > withinSeconds)
    .map(({ fault, first }) => `late: ${account(fault, first)}`);
}

/** For people: what broke or came late, the fault before it, and how to see it again. */
export function report(
  { breaches, late }: Verdict,
  faults: readonly FaultSpan[],
  replay: string,
  folder: string,
): string {
  const SHOWN = 40;
  const broken = breaches.slice(0, SHOWN).map(({ promise, what, at }) => {
    const before = faultBefore(faults, at);
    const when = before === undefined ? 'before any fault' : `${at - before.from} ms after ${before.fault} began`;
    return `broken: ${promise}: ${what} (${when})`;
  });
  const more = breaches.length > SHOWN ? [`… and ${breaches.length - SHOWN} more`] : [];
  return [...broken, ...more, ...late, `again: ${replay}`, `what every process said: ${folder}`].join('\n');
}
