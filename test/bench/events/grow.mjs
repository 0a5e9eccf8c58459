/** What becomes of the cost of an event with more accounts, workers and groups. Sizes that are compared are up together and measured in turn. */
import { readFileSync } from 'node:fs';
import { median } from '../report.mjs';
import { parts } from './compare.mjs';
import { inTurn, ratioInTurn, saturate } from './measure.mjs';
import { startRookery } from './subjects.mjs';

const WINDOW = 16_000;
const SHAPE = {
  full: { warmUp: 60_000, events: 60_000, rounds: 6 },
  quick: { warmUp: 15_000, events: 25_000, rounds: 1 },
};
/** How much more an event may cost with the most than with the fewest accounts. */
const FLAT = 1.15;

/** An axis without `quick` is left out there: each subject takes seconds to start. */
export const AXES = {
  accounts: { full: [20, 200, 2_000], quick: [20, 200], of: (accounts) => ({ accounts, groupsEach: 4 }) },
  workers: { full: [1, 2, 3], quick: [], of: (workers) => ({ workers }) },
  groups: { full: [64, 1_024, 8_192], quick: [], of: (groups) => ({ groupsEach: groups / 8 }) },
};

export async function grow({ keep, drop, report, quick, only }) {
  const size = quick ? 'quick' : 'full';
  for (const [axis, { of, [size]: sizes }] of Object.entries(AXES)) {
    if (sizes.length === 0 || (only !== undefined && axis !== only)) continue;
    const subjects = [];
    for (const count of sizes) {
      const name = `rookery, ${count} ${axis}`;
      subjects.push(await keep((dir) => startRookery(dir, { name, ...of(count) })));
    }
    const memory = subjects.map(({ pids }) => rssKib(pids.connector));
    const { warmUp, events, rounds } = SHAPE[size];
    for (const subject of subjects) await saturate(subject, warmUp, WINDOW);
    const results = await inTurn(subjects, rounds, (subject) => saturate(subject, events, WINDOW));
    for (const subject of subjects) await drop(subject);
    for (const [i, { perSecond, total, cpu }] of results.map(middle).entries()) {
      const row = { subject: subjects[i].name, 'events/s': Math.round(perSecond), 'CPU µs/event': total.toFixed(1) };
      report.row({ ...row, 'of which': parts(cpu) });
      report.figure(`cpu_us_with_${sizes[i]}_${axis}`, total, 'µs');
    }
    const ratio = ratioInTurn(results.at(-1), results[0], ({ total }) => total);
    const goal = axis === 'accounts' && !quick ? { atMost: FLAT } : undefined;
    report.figure(`cpu_with_${sizes.at(-1)}_to_${sizes[0]}_${axis}`, ratio, '×', goal);
    if (axis === 'accounts') {
      report.figure('connector_memory_per_account', (memory.at(-1) - memory[0]) / (sizes.at(-1) - sizes[0]), 'KiB');
    }
  }
}

/** Medians of all rounds; of the parts, those of the round in the middle. */
function middle(rounds) {
  return {
    perSecond: median(rounds.map(({ perSecond }) => perSecond)),
    total: median(rounds.map(({ total }) => total)),
    cpu: rounds.toSorted((a, b) => a.total - b.total)[Math.floor(rounds.length / 2)].cpu,
  };
}

const rssKib = (pid) => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]);
