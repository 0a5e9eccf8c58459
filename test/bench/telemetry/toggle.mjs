/**
 * Metrics that can be switched off and on in a running process, for the comparison only: `{ type: 'metrics', on }` over IPC is
 * answered with the CPU time that the process has used so far, in microseconds.
 */
import { createRequire } from 'node:module';

const { Metrics } = createRequire(import.meta.url)('../../../dist/libs/telemetry/src/metrics.js');
const CALLS = ['count', 'countBy', 'set', 'observe'];
const real = Object.fromEntries(CALLS.map((name) => [name, Metrics.prototype[name]]));

process.on('message', ({ type, on }) => {
  if (type !== 'metrics') return;
  for (const name of CALLS) Metrics.prototype[name] = on ? real[name] : () => undefined;
  const { user, system } = process.cpuUsage();
  process.send({ type: 'cpu', micros: user + system });
});
