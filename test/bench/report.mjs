/** What every bench prints and writes: a table, the figures that missed their goal, and the flat JSON object of figures. */
import { writeFileSync } from 'node:fs';

export class Report {
  #figures = {};
  #rows = [];

  row(cells) {
    this.#rows.push(cells);
  }

  /** `goal`: `{ atLeast }` or `{ atMost }`; a figure without one is for comparison. */
  figure(name, value, unit, goal) {
    const ok = goal === undefined || (goal.atLeast === undefined ? value <= goal.atMost : value >= goal.atLeast);
    const text = goal === undefined ? null : goal.atLeast === undefined ? `<= ${goal.atMost}` : `>= ${goal.atLeast}`;
    this.#figures[name] = { value: Number(value.toFixed(2)), unit, goal: text, ok };
  }

  /** Prints, writes `file` when given, and sets the exit code. */
  end(file) {
    console.table(this.#rows);
    for (const [name, { value, unit, goal, ok }] of Object.entries(this.#figures)) {
      if (goal !== null) console.log(`${ok ? 'met   ' : 'MISSED'} ${name}: ${value} ${unit}, goal ${goal}`);
    }
    if (file !== undefined) writeFileSync(file, `${JSON.stringify(this.#figures, null, 2)}\n`);
    if (Object.values(this.#figures).some(({ ok }) => !ok)) process.exitCode = 1;
  }
}

export function median(values) {
  return percentile(values, 0.5);
}

/** The smallest value that `share` of all do not pass; NaN for none. */
export function percentile(values, share) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? Number.NaN;
}
