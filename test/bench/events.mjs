#!/usr/bin/env node
/**
 * What an event costs from the socket to its handler, and an answer back to it: Rookery's own connector and worker beside the plain design
 * (one BullMQ job per event and per action, added singly) and a bare `ws` loop, and what becomes of the cost with more accounts, workers and
 * groups; one table, in one run on one machine. Of the events 95 % are chatter. Needs a build. Under 8 minutes on an idle
 * machine, `--quick` under one. `--only NAME` runs one subject of the comparison without goals, the closed loop of `answers` (some 90 s), or one axis of growth; `--json FILE` writes figure → { value, unit, goal,
 * ok }. Exits 1 when a figure misses its goal.
 *
 * Throughput: N events are offered as fast as they are taken, and it counts until the last one is handled. CPU: all processes
 * of the subject and its Redis, from /proc. Latency: from the moment when an event was due to be sent, at fixed rates. Answers: a
 * closed loop of commands that are answered, so many at a time.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { compareAnswers } from './events/answers.mjs';
import { compare, SUBJECTS } from './events/compare.mjs';
import { AXES, grow } from './events/grow.mjs';
import { Report } from './report.mjs';

const { values: options } = parseArgs({
  options: { quick: { type: 'boolean', default: false }, json: { type: 'string' }, only: { type: 'string' } },
});

const { only } = options;
const isAsked = (parts) => only === undefined || only in parts;
const ANSWERS = { answers: compareAnswers };
if (!isAsked({ ...SUBJECTS, ...AXES, ...ANSWERS })) {
  console.error(`--only: ${only} is none of ${Object.keys({ ...SUBJECTS, ...AXES, ...ANSWERS }).join(', ')}`);
  process.exit(2);
}

const dir = mkdtempSync(join(tmpdir(), 'rookery-bench-'));
const running = new Set();
/** Starts a subject that is ended with the run, whatever happens. */
const keep = async (start) => {
  const subject = await start(dir);
  running.add(subject);
  return subject;
};
const drop = async (subject) => {
  running.delete(subject);
  await subject.stop();
};

async function cleanUp() {
  await Promise.all([...running].map(drop));
  rmSync(dir, { recursive: true, force: true });
}
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => void cleanUp().finally(() => process.exit(1)));

const report = new Report();
try {
  if (isAsked(SUBJECTS)) await compare({ keep, drop, report, ...options });
  if (isAsked(AXES)) await grow({ keep, drop, report, ...options });
  // In a run of everything they are part of the comparison.
  if (only in ANSWERS) await ANSWERS[only]({ keep, drop, report, ...options });
  report.end(options.json);
} finally {
  await cleanUp();
}
