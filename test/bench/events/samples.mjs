/** What the handlers measured: latencies in microseconds, one a line, in the file that BENCH_SAMPLES names. */
import { appendFileSync } from 'node:fs';
import { micros } from './frames.mjs';

const FLUSH_MS = 200;
const waiting = [];

/** `stamp`: when the message was due to be sent; 0 where nobody asks. */
export function handled(stamp) {
  if (stamp === 0) return;
  if (waiting.length === 0)
    setTimeout(() => appendFileSync(process.env.BENCH_SAMPLES, `${waiting.splice(0).join('\n')}\n`), FLUSH_MS);
  waiting.push(micros() - stamp);
}
