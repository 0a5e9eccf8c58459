#!/usr/bin/env node
/**
 * By how much a conversation that is a hundred times as loud as each of the others slows them: commands in 56 groups of seven accounts, at a
 * fixed rate, from the moment each was due to its handler; alone, with so many more spread over all of them, and with so many more in a 57th
 * group, in rounds that alternate, on one connector and one worker. A figure is the median over the rounds, so that a machine which stalls in
 * one of them does not decide. Needs a build. About a minute; `--quick`, `--json FILE`. Exits 1 when a figure misses its goal.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { besideHot } from './events/measure.mjs';
import { startRookery } from './events/subjects.mjs';
import { median, percentile, Report } from './report.mjs';

const { values: options } = parseArgs({ options: { quick: { type: 'boolean' }, json: { type: 'string' } } });
const [ROUNDS, SECONDS] = options.quick === true ? [3, 2] : [5, 3];
/** Commands a second in each of the others. */
const PER_SECOND = 2;
const TIMES = 100;

const dir = mkdtempSync(join(tmpdir(), 'rookery-bench-'));
const report = new Report();
const subject = await startRookery(dir).catch((error) => {
  rmSync(dir, { recursive: true, force: true });
  throw error;
});
const cleanUp = async () => {
  await subject.stop();
  rmSync(dir, { recursive: true, force: true });
};
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => void cleanUp().finally(() => process.exit(1)));
try {
  const load = (times, spread, seconds = SECONDS) =>
    besideHot(subject, { perSecond: PER_SECOND, seconds, times, spread });
  // Code that has not run yet is slow for everybody.
  await load(TIMES, false, 2);
  const rounds = { quiet: [], spread: [], hot: [] };
  for (let round = 0; round < ROUNDS; round++) {
    rounds.quiet.push(await load(0, false));
    rounds.spread.push(await load(TIMES, true));
    rounds.hot.push(await load(TIMES, false));
  }
  const of = (all, share) => median(all.map((waits) => percentile(waits, share)));
  const row = (what, all) => {
    const at = (share) => Number(of(all, share).toFixed(2));
    report.row({ what, 'commands a round': all[0].length, 'p50 ms': at(0.5), 'p99 ms': at(0.99), 'worst ms': at(1) });
  };
  row('the others alone', rounds.quiet);
  row('with so much more among them all', rounds.spread);
  row(`with so much more in one group, ${TIMES} times as loud as each of them`, rounds.hot);
  const [quiet, spread, hot] = [rounds.quiet, rounds.spread, rounds.hot].map((all) => of(all, 0.99));
  report.figure('quiet_p99_ms', quiet, 'ms');
  report.figure('spread_p99_ms', spread, 'ms');
  report.figure('hot_p99_ms', hot, 'ms');
  report.figure('against_spread', hot / spread, 'times');
  report.figure('against_quiet', hot / quiet, 'times', { atMost: 2 });
  report.end(options.json);
} finally {
  await cleanUp();
}
