#!/usr/bin/env node
/**
 * What an event costs from the socket to its handler: Rookery's own connector and worker beside the plain design (one BullMQ job
 * per event, added singly) and a bare `ws` loop, in one run on one machine. Of the events 95 % are chatter. Needs a build and
 * a Redis. `--quick` stays under 45 s; `--only NAME` runs one subject without goals; `--json FILE` writes figure → { value, unit,
 * goal, ok }. Exits 1 when a figure misses its goal.
 *
 * Throughput: N events are offered as fast as they are taken, and it counts until the last one is handled. CPU: all processes
 * of the subject and its Redis, from /proc. Latency: from the moment when an event was due to be sent, at fixed rates.
 */
import { mkdtempSync, readFileSync, rmSync, truncateSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { cpuMicros, until } from './events/processes.mjs';
import { startBare, startPlain, startRookery } from './events/subjects.mjs';
import { median, percentile, Report } from './report.mjs';

const { values: options } = parseArgs({
  options: { quick: { type: 'boolean' }, json: { type: 'string' }, only: { type: 'string' } },
});
const quick = options.quick === true;

const ROUNDS = quick ? 1 : 3;
const EVENTS = quick
  ? { plain: 8_000, rookery: 80_000, 'bare ws': 200_000 }
  : { plain: 20_000, rookery: 120_000, 'bare ws': 400_000 };
/** Until the compiler has seen enough; what a process costs in its first seconds is another question. */
const WARM_UP = { plain: 6_000, rookery: 60_000, 'bare ws': 100_000 };
const RATES = [200, 1000];
const COMMANDS_PER_SECOND = 50;
const RATE_SECONDS = quick ? 4 : 10;
/** Most events between the generator and the handlers; what lies in between must not grow without end. */
const WINDOW = { plain: 20_000, rookery: 16_000, 'bare ws': 1_000_000 };
/** How often a subject is asked how far it is, which costs it something, and how often near the end. */
const POLL_MS = { sending: 200, ending: 50 };

/** Offers `total` events and resolves when all are handled, with what that took. */
async function saturate(subject, total) {
  const before = await subject.done();
  const cpuBefore = cpuOf(subject);
  const begin = performance.now();
  let done = 0;
  let sent = false;
  const allow = () => subject.generator.send({ type: 'allow', events: done + WINDOW[subject.name] });
  allow();
  subject.generator.send({ type: 'saturate', total });
  subject.generator.once('message', () => (sent = true));
  const isDone = async () => {
    done = (await subject.done()) - before;
    if (!sent) allow();
    return done >= total;
  };
  await until(`${subject.name} has handled ${total} events`, isDone, () => (sent ? POLL_MS.ending : POLL_MS.sending));
  const seconds = (performance.now() - begin) / 1000;
  const cpuAfter = cpuOf(subject);
  const cpu = Object.fromEntries(Object.keys(cpuAfter).map((key) => [key, (cpuAfter[key] - cpuBefore[key]) / total]));
  return { perSecond: total / seconds, cpu, total: Object.values(cpu).reduce((sum, value) => sum + value, 0) };
}

const cpuOf = ({ pids }) => Object.fromEntries(Object.entries(pids).map(([key, pid]) => [key, cpuMicros(pid)]));

/** Latencies in milliseconds at a fixed rate. */
async function latencies(subject, perSecond) {
  truncateSync(subject.samples);
  const total = COMMANDS_PER_SECOND * RATE_SECONDS;
  const samples = () => readFileSync(subject.samples, 'utf8').split('\n').slice(0, -1);
  subject.generator.send({ type: 'steady', perSecond, seconds: RATE_SECONDS, commandsPerSecond: COMMANDS_PER_SECOND });
  await until(
    `${total} commands at ${perSecond} events/s`,
    () => samples().length >= total,
    () => 250,
  );
  return samples().map((line) => Number(line) / 1000);
}

async function measure(subjects) {
  const rounds = new Map(subjects.map((subject) => [subject, []]));
  for (const subject of subjects) await saturate(subject, WARM_UP[subject.name]);
  for (let i = 0; i < ROUNDS; i++) {
    for (const [subject, results] of rounds) results.push(await saturate(subject, EVENTS[subject.name]));
  }
  const results = {};
  for (const [subject, all] of rounds) {
    const cpu = Object.fromEntries(
      Object.keys(subject.pids).map((key) => [key, median(all.map((round) => round.cpu[key]))]),
    );
    const perSecond = median(all.map((round) => round.perSecond));
    results[subject.name] = { perSecond, cpu, total: median(all.map((round) => round.total)), at: {} };
  }
  for (const rate of RATES) {
    for (const subject of subjects) {
      if (subject.samples !== undefined) results[subject.name].at[rate] = await latencies(subject, rate);
    }
  }
  return results;
}

function report(results) {
  const lines = new Report();
  for (const [name, { perSecond, cpu, total, at }] of Object.entries(results)) {
    const key = name.replaceAll(' ', '_');
    lines.figure(`${key}_events_per_s`, perSecond, '1/s');
    lines.figure(`${key}_cpu_us`, total, 'µs');
    const row = { subject: name, 'events/s': Math.round(perSecond), 'CPU µs/event': total.toFixed(1) };
    row['of which'] = Object.entries(cpu)
      .map(([part, value]) => `${part} ${value.toFixed(1)}`)
      .join(', ');
    for (const [rate, samples] of Object.entries(at)) {
      const shown = [0.5, 0.95, 0.99].map((share) => percentile(samples, share));
      row[`ms at ${rate}/s p50/p95/p99`] = shown.map((value) => value.toFixed(2)).join(' / ');
      ['p50', 'p95', 'p99'].forEach((label, i) => lines.figure(`${key}_${label}_at_${rate}_ms`, shown[i], 'ms'));
    }
    lines.row(row);
  }
  const { plain, rookery, 'bare ws': bare } = results;
  if (plain && rookery && bare) {
    lines.figure('events_per_s_ratio_to_plain', rookery.perSecond / plain.perSecond, '×', { atLeast: 4 });
    lines.figure('cpu_ratio_to_plain', rookery.total / plain.total, '×', { atMost: 0.25 });
    lines.figure('cpu_ratio_to_bare_ws', rookery.total / bare.total, '×', { atMost: 8 });
    for (const rate of RATES) {
      const ratio = percentile(rookery.at[rate], 0.99) / percentile(plain.at[rate], 0.99);
      lines.figure(`p99_ratio_to_plain_at_${rate}`, ratio, '×', { atMost: 2 });
    }
  }
  lines.end(options.json);
}

const dir = mkdtempSync(join(tmpdir(), 'rookery-bench-'));
const subjects = [];

async function cleanUp() {
  await Promise.all(subjects.splice(0).map((subject) => subject.stop()));
  rmSync(dir, { recursive: true, force: true });
}
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => void cleanUp().finally(() => process.exit(1)));

try {
  for (const [name, start] of Object.entries({ plain: startPlain, rookery: startRookery, bare: startBare })) {
    if (options.only === undefined || options.only === name) subjects.push(await start(dir));
  }
  report(await measure(subjects));
} finally {
  await cleanUp();
}
