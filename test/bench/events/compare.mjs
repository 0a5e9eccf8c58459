/** Rookery, the plain design and the bare loop, in turn: throughput, CPU, answers, and latency at fixed rates. */
import { median, percentile } from '../report.mjs';
import { answerInTurn, converse, latencies, QUESTIONS_AT_ONCE, ratioInTurn, saturate } from './measure.mjs';
import { startBare, startPlain, startRookery } from './subjects.mjs';

export const SUBJECTS = { plain: startPlain, rookery: startRookery, bare: startBare };
const EVENTS = {
  full: { plain: 20_000, rookery: 120_000, 'bare ws': 400_000 },
  quick: { plain: 8_000, rookery: 60_000, 'bare ws': 200_000 },
};
/** Until the compiler has seen enough; what a process costs in its first seconds is another question. */
const WARM_UP = {
  full: { plain: 6_000, rookery: 60_000, 'bare ws': 100_000 },
  quick: { plain: 3_000, rookery: 60_000, 'bare ws': 50_000 },
};
const SHAPE = {
  full: { rounds: 3, rateSeconds: 6, rateRounds: 3, warmLoopSeconds: 30, loops: 10 },
  quick: { rounds: 1, rateSeconds: 4, rateRounds: 1, warmLoopSeconds: 3, loops: 2 },
};
/** Most events between the generator and the handlers. */
const WINDOW = { plain: 20_000, rookery: 16_000, 'bare ws': 1_000_000 };
const RATES = [200, 1000];
const COMMANDS_PER_SECOND = 50;

export async function compare({ keep, drop, report, quick, only }) {
  const size = quick ? 'quick' : 'full';
  const subjects = [];
  for (const [name, start] of Object.entries(SUBJECTS)) {
    if (only === undefined || only === name) subjects.push(await keep(start));
  }
  const results = new Map(subjects.map((subject) => [subject, { rounds: [], loops: [], at: {} }]));
  const thatAnswer = subjects.filter(({ samples }) => samples !== undefined);
  const { rounds, rateSeconds, rateRounds, warmLoopSeconds, loops } = SHAPE[size];
  for (const subject of subjects) await saturate(subject, WARM_UP[size][subject.name], WINDOW[subject.name]);
  for (let i = 0; i < rounds; i++) {
    for (const subject of subjects) {
      results.get(subject).rounds.push(await saturate(subject, EVENTS[size][subject.name], WINDOW[subject.name]));
    }
  }
  for (const subject of thatAnswer) await converse(subject, QUESTIONS_AT_ONCE, warmLoopSeconds);
  const answered = await answerInTurn(thatAnswer, loops);
  for (const [at, subject] of thatAnswer.entries()) results.get(subject).loops = answered[at];
  for (const rate of RATES) {
    for (const subject of thatAnswer) results.get(subject).at[rate] = [];
    for (let i = 0; i < rateRounds; i++) {
      for (const subject of thatAnswer) {
        results.get(subject).at[rate].push(await latencies(subject, rate, rateSeconds, COMMANDS_PER_SECOND));
      }
    }
  }
  for (const subject of subjects) await drop(subject);
  const summed = Object.fromEntries([...results].map(([subject, result]) => [subject.name, summary(subject, result)]));
  for (const [name, one] of Object.entries(summed)) show(report, name, one);
  if (only === undefined) judge(report, summed);
}

/** Medians of all rounds. */
function summary({ pids }, { rounds, loops, at }) {
  const middle = (list, pick) => median(list.map(pick));
  return {
    perSecond: middle(rounds, (round) => round.perSecond),
    total: middle(rounds, (round) => round.total),
    cpu: Object.fromEntries(Object.keys(pids).map((part) => [part, middle(rounds, (round) => round.cpu[part])])),
    loops,
    answers: loops.length === 0 ? undefined : middle(loops, (loop) => loop.perSecond),
    answerCpu: middle(loops, (loop) => loop.total),
    at: Object.fromEntries(Object.entries(at).map(([rate, all]) => [rate, shares(all)])),
  };
}

/** A stall of the machine that falls into one round does not decide. */
function shares(rounds) {
  const of = (share) => median(rounds.map((samples) => percentile(samples, share)));
  return { p50: of(0.5), p95: of(0.95), p99: of(0.99) };
}

function show(report, name, { perSecond, total, cpu, answers, answerCpu, at }) {
  const key = name.replaceAll(' ', '_');
  report.figure(`${key}_events_per_s`, perSecond, '1/s');
  report.figure(`${key}_cpu_us`, total, 'µs');
  const row = {
    subject: name,
    'events/s': Math.round(perSecond),
    'CPU µs/event': total.toFixed(1),
    'of which': parts(cpu),
  };
  if (answers !== undefined) {
    report.figure(`${key}_answers_per_s`, answers, '1/s');
    report.figure(`${key}_cpu_us_per_answer`, answerCpu, 'µs');
    row['answers/s'] = Math.round(answers);
    row['CPU µs/answer'] = Math.round(answerCpu);
  }
  for (const [rate, values] of Object.entries(at)) {
    const shown = Object.values(values).map((value) => value.toFixed(1));
    row[`ms at ${rate}/s p50/p95/p99`] = shown.join(' / ');
    for (const [label, value] of Object.entries(values)) report.figure(`${key}_${label}_at_${rate}_ms`, value, 'ms');
  }
  report.row(row);
}

/** What each process used. */
export function parts(cpu) {
  return Object.entries(cpu)
    .map(([part, value]) => `${part} ${value.toFixed(1)}`)
    .join(', ');
}

function judge(report, { plain, rookery, 'bare ws': bare }) {
  report.figure('events_per_s_ratio_to_plain', rookery.perSecond / plain.perSecond, '×', { atLeast: 4 });
  report.figure('cpu_ratio_to_plain', rookery.total / plain.total, '×', { atMost: 0.25 });
  report.figure('cpu_ratio_to_bare_ws', rookery.total / bare.total, '×', { atMost: 8 });
  const answers = ratioInTurn(rookery.loops, plain.loops, ({ perSecond }) => perSecond);
  report.figure('answers_per_s_ratio_to_plain', answers, '×', { atLeast: 1.3 });
  for (const rate of RATES) {
    const ratio = rookery.at[rate].p99 / plain.at[rate].p99;
    report.figure(`p99_ratio_to_plain_at_${rate}`, ratio, '×', { atMost: 2 });
  }
}
