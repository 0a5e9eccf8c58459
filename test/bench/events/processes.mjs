/** The processes of one subject of the bench: started, asked, measured and ended together. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const TICKS_PER_SECOND = 100;
const START_LIMIT_MS = 60_000;

export class Processes {
  #children = [];

  /** `script` relative to this folder. Resolves with the child and its first message, which says that it is ready. */
  async start(script, env, flags = []) {
    const child = fork(fileURLToPath(new URL(script, import.meta.url)), {
      env: { PATH: process.env.PATH, ...env },
      execArgv: ['--enable-source-maps', ...flags, ...(process.env.BENCH_NODE_FLAGS?.split(' ') ?? [])],
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    this.#children.push(child);
    const died = once(child, 'exit').then(([code]) => Promise.reject(new Error(`${script} ended with ${code}`)));
    const ready = once(child, 'message', { signal: AbortSignal.timeout(START_LIMIT_MS) });
    const [message] = await Promise.race([ready, died]);
    died.catch(() => {});
    if (message.type === 'fatal') throw new Error(`${script}: ${message.message}`);
    return { child, message };
  }

  async stop() {
    await Promise.all(
      this.#children.map(async (child) => {
        if (child.exitCode !== null) return;
        const gone = once(child, 'exit');
        child.kill('SIGTERM');
        await gone;
      }),
    );
  }
}

/** CPU time that a process has used so far, user and system, in microseconds; its resolution is 10 ms. */
export function cpuMicros(pid) {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return ((Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND) * 1e6;
}

/** Sends an order and waits for the one message that answers it. */
export async function ask(child, order) {
  const answer = once(child, 'message');
  child.send(order);
  return (await answer)[0];
}

export async function until(what, condition, pauseMs = () => 20, limitMs = 60_000) {
  for (const begin = performance.now(); !(await condition());) {
    if (performance.now() - begin > limitMs) throw new Error(`waited ${limitMs} ms in vain: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, pauseMs()));
  }
}
