/** How a subject is measured: as fast as it goes, at a fixed rate, and with answers. */
import { readFileSync, truncateSync } from 'node:fs';
import { once } from 'node:events';
import { median } from '../report.mjs';
import { cpuMicros, until } from './processes.mjs';

/** How often a subject is asked how far it is, which costs it something, and how often near the end. */
const POLL_MS = { sending: 200, ending: 50 };

const LIMIT_MS = 120_000;
/** Open at a time in the closed loop of answers. */
export const QUESTIONS_AT_ONCE = 64;
const LOOP_SECONDS = 2;

/** The next message of that type. */
async function told(child, type, limitMs) {
  const signal = AbortSignal.timeout(limitMs);
  for (;;) {
    const [message] = await once(child, 'message', { signal });
    if (message.type === type) return message;
  }
}

/** Of the parts of a subject, microseconds by name. */
const cpuOf = ({ pids }) => Object.fromEntries(Object.entries(pids).map(([key, pid]) => [key, cpuMicros(pid)]));

/** What `work` costs, and what it returns. `share(result)`: the number of events or answers that the CPU is divided by. */
async function costOf(subject, work, share) {
  const before = cpuOf(subject);
  const result = await work();
  const after = cpuOf(subject);
  const cpu = Object.fromEntries(Object.keys(after).map((key) => [key, (after[key] - before[key]) / share(result)]));
  return { ...result, cpu, total: Object.values(cpu).reduce((sum, value) => sum + value, 0) };
}

/**
 * Offers `total` events and resolves when all are handled, with what that took: `{ perSecond, cpu, total }`, CPU in microseconds per
 * event. `window`: most events between the generator and the handlers; what lies in between must not grow without end.
 */
export async function saturate(subject, total, window) {
  const before = await subject.done();
  const allow = (done) => subject.generator.send({ type: 'allow', events: done + window });
  const work = async () => {
    const begin = performance.now();
    let sent = false;
    allow(0);
    void told(subject.generator, 'sent', LIMIT_MS).then(() => (sent = true));
    subject.generator.send({ type: 'saturate', total });
    const isDone = async () => {
      const done = (await subject.done()) - before;
      if (!sent) allow(done);
      return done >= total;
    };
    const pause = () => (sent ? POLL_MS.ending : POLL_MS.sending);
    await until(`${subject.name} has handled ${total} events`, isDone, pause, LIMIT_MS);
    return { perSecond: total / ((performance.now() - begin) / 1000) };
  };
  return await costOf(subject, work, () => total);
}

/**
 * Milliseconds from the moment when each command was due, which counts a stall for all whom it delays, to its handler, at a fixed rate;
 * so many events per second are commands, whatever the rate.
 */
export async function latencies(subject, perSecond, seconds, commandsPerSecond) {
  truncateSync(subject.samples);
  const total = commandsPerSecond * seconds;
  const samples = () => readFileSync(subject.samples, 'utf8').split('\n').slice(0, -1);
  subject.generator.send({ type: 'steady', perSecond, seconds, commandsPerSecond });
  const what = `${subject.name}: ${total} commands at ${perSecond} events/s`;
  await until(
    what,
    async () => samples().length >= total,
    () => 250,
    LIMIT_MS,
  );
  return samples().map((line) => Number(line) / 1000);
}

/**
 * As {@link latencies}, of commands in many groups, while one more group says `times` as much as each of them, or, `spread`, all of them together
 * say so much more. Ends when everything is handled.
 */
export async function besideHot(subject, { perSecond, seconds, times, spread = false }) {
  truncateSync(subject.samples);
  const before = await subject.done();
  const sent = told(subject.generator, 'sent', LIMIT_MS);
  subject.generator.send({ type: 'hot', perSecond, seconds, times, spread });
  const { stamped, all } = await sent;
  const samples = () => readFileSync(subject.samples, 'utf8').split('\n').slice(0, -1);
  const isDone = async () => samples().length >= stamped && (await subject.done()) - before >= all;
  await until(`${all} commands beside a group that is ${times} times as loud`, isDone, () => 250, LIMIT_MS);
  return samples().map((line) => Number(line) / 1000);
}

/** Commands that are answered, so many at a time: `{ perSecond, waits, cpu, total }`, waits in ms, CPU in microseconds per answer. */
export async function converse(subject, inFlight, seconds) {
  const work = async () => {
    const answered = told(subject.generator, 'conversed', 60_000 + seconds * 1000);
    subject.generator.send({ type: 'converse', inFlight, seconds });
    const { perSecond, waits } = await answered;
    return { perSecond, waits: waits.map((wait) => wait / 1000) };
  };
  return await costOf(subject, work, ({ waits }) => waits.length);
}

/**
 * Measures several subjects in turn, each round in the other order: from minute to minute the machine gives more or less than they differ by. Of each
 * subject a list with a result per round.
 */
export async function inTurn(subjects, rounds, measure) {
  const results = subjects.map(() => []);
  const order = [...subjects.entries()];
  for (let i = 0; i < rounds; i++) {
    for (const [at, subject] of order) results[at].push(await measure(subject));
    order.reverse();
  }
  return results;
}

/** The closed loop of answers, `rounds` short ones of each subject in turn. */
export function answerInTurn(subjects, rounds) {
  return inTurn(subjects, rounds, (subject) => converse(subject, QUESTIONS_AT_ONCE, LOOP_SECONDS));
}

/** What `pick` says of a round against what it says of the same round of the reference: the median of all rounds. */
export function ratioInTurn(rounds, reference, pick) {
  return median(rounds.map((round, at) => pick(round) / pick(reference[at])));
}
