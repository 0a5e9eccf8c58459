#!/usr/bin/env node
/**
 * What metrics cost. Rookery's own connector and worker take 5,000 events a second while metrics are switched on and off in turn,
 * in one run: the CPU time of both processes with and without, window by window. And the scrape of a connector with 2,000 accounts,
 * each with all its series. Needs a build. `--quick` stays under 45 s; `--json FILE` writes the figures. Exits 1 when
 * one misses its goal.
 */
import { EventEmitter } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { ask } from './events/processes.mjs';
import { startRookery } from './events/subjects.mjs';
import { median, Report } from './report.mjs';

const { values: options } = parseArgs({ options: { quick: { type: 'boolean' }, json: { type: 'string' } } });
const quick = options.quick === true;
const PER_SECOND = 5_000;
const WARM_UP_S = quick ? 6 : 10;
const WINDOW_MS = 1_000;
/** Each has four windows: on, off, off, on; so that a drift of the machine falls on both alike. */
const ROUNDS = quick ? 5 : 15;
const ACCOUNTS = 2_000;

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** Pairs of CPU microseconds per window, with metrics and without. */
async function costs({ children, generator }) {
  const both = Object.values(children);
  process.stderr.write(`warming up for ${WARM_UP_S} s, then ${ROUNDS} rounds of 4 s\n`);
  const seconds = WARM_UP_S + (ROUNDS * 4 * WINDOW_MS * 1.3) / 1000 + 5;
  generator.send({ type: 'steady', perSecond: PER_SECOND, seconds: Math.ceil(seconds), commandsPerSecond: 50 });
  await pause(WARM_UP_S * 1000);
  const read = async (on) => {
    const answers = await Promise.all(both.map((child) => ask(child, { type: 'metrics', on })));
    return { at: performance.now(), micros: answers.reduce((sum, { micros }) => sum + micros, 0) };
  };
  const window = async (on) => {
    const before = await read(on);
    await pause(WINDOW_MS);
    const after = await read(on);
    return (after.micros - before.micros) / (after.at - before.at);
  };
  const rounds = [];
  for (let round = 0; round < ROUNDS; round++) {
    const [on1, off1, off2, on2] = [await window(true), await window(false), await window(false), await window(true)];
    rounds.push({ on: (on1 + on2) / 2, off: (off1 + off2) / 2 });
    process.stderr.write(`round ${round + 1} of ${ROUNDS}: ${shareOf(rounds.slice(-1)).toFixed(2)} %\n`);
  }
  return rounds;
}

/** Of the CPU time with metrics, in per cent. */
const shareOf = (rounds) => median(rounds.map(({ on, off }) => (100 * (on - off)) / on));

/** Milliseconds and bytes of a scrape of a connector whose accounts all have their series. */
async function scrape() {
  const require = createRequire(import.meta.url);
  const { Metrics } = require('../../dist/libs/telemetry/src/metrics.js');
  const { observeAccounts } = require('../../dist/apps/connector/src/observe-accounts.js');
  const { systemClock } = require('../../dist/libs/protocol/src/index.js');
  const metrics = new Metrics({ app: 'connector', version: '0', node: 'bench' });
  const parts = {
    links: new EventEmitter(),
    intake: new EventEmitter(),
    delivery: new EventEmitter(),
    ownership: { leases: new EventEmitter() },
  };
  observeAccounts({ metrics, clock: systemClock, config: { metrics: { accountSeries: ACCOUNTS } } }, parts);
  for (let i = 0; i < ACCOUNTS; i++) {
    const self = String(3_889_000_001 + i);
    parts.links.emit('status', { self, state: 'online' });
    parts.intake.emit('accepted', { self, type: 'meta', kind: 'heartbeat' });
    parts.intake.emit('accepted', { self, type: 'message' });
    parts.delivery.emit('waited', { self }, 'gap', 1_234 + i);
  }
  const times = [];
  let bytes = 0;
  for (let i = 0; i < 20; i++) {
    const begin = performance.now();
    bytes = Buffer.byteLength(await metrics.exposition());
    times.push(performance.now() - begin);
  }
  return { ms: Math.max(...times.slice(1)), median: median(times), bytes };
}

const dir = mkdtempSync(join(tmpdir(), 'rookery-bench-'));
let subject;
try {
  const scripts = { connector: '../telemetry/connector.mjs', worker: '../telemetry/worker.mjs' };
  subject = await startRookery(dir, { scripts });
  const rounds = await costs(subject);
  const report = new Report();
  const [on, off] = [median(rounds.map((round) => round.on)), median(rounds.map((round) => round.off))];
  report.row({ metrics: 'on', 'CPU µs per event': ((on * 1000) / PER_SECOND).toFixed(2) });
  report.row({ metrics: 'off', 'CPU µs per event': ((off * 1000) / PER_SECOND).toFixed(2) });
  report.figure('cpu_on_us_per_event', (on * 1000) / PER_SECOND, 'µs');
  report.figure('cpu_off_us_per_event', (off * 1000) / PER_SECOND, 'µs');
  report.figure('cpu_share', shareOf(rounds), '%', { atMost: 3 });
  const { ms, bytes } = await scrape();
  report.figure('scrape_2000_accounts_ms', ms, 'ms', { atMost: 200 });
  report.figure('scrape_2000_accounts_mib', bytes / 1024 / 1024, 'MiB', { atMost: 2 });
  report.end(options.json);
} finally {
  await subject?.stop();
  rmSync(dir, { recursive: true, force: true });
}
