// What the user sees of long steps: on stderr, so that stdout stays free for what comes after the bootstrap.
import { spawn } from 'node:child_process';

/** A failure that is explained already; the scripts print its message without a stack and exit with 1. */
export class BootstrapError extends Error {}

/** Says what is being done, and how long it took; on a terminal the seconds count up meanwhile. */
export async function step(title, run) {
  const started = performance.now();
  const seconds = () => `${((performance.now() - started) / 1000).toFixed(1)} s`;
  const terminal = process.stderr.isTTY === true;
  process.stderr.write(`${title} …${terminal ? '' : '\n'}`);
  const ticking = terminal && setInterval(() => process.stderr.write(`\r\x1b[K${title} … ${seconds()}`), 500);
  let verdict = 'failed after';
  try {
    const result = await run();
    verdict = 'done in';
    return result;
  } finally {
    if (ticking) clearInterval(ticking);
    process.stderr.write(`${terminal ? '\r\x1b[K' : ''}${title} … ${verdict} ${seconds()}\n`);
  }
}

/** Runs a program to its end; resolves with its output, rejects with the end of its output. */
export function run(command, args, { timeoutMs, ...options } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
    const timer = timeoutMs && setTimeout(() => child.kill('SIGKILL'), timeoutMs);
    let output = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (bytes) => (output += bytes));
    const fail = (cause) => reject(new BootstrapError(`${[command, ...args].join(' ')}: ${cause}`));
    child.on('error', (error) => fail(error.message));
    child.on('close', (code, signal) => {
      clearTimeout(timer);
      if (code === 0) resolve(output);
      else fail(`ended with ${signal ?? `code ${code}`}\n${output.trimEnd().split('\n').slice(-40).join('\n')}`);
    });
  });
}
