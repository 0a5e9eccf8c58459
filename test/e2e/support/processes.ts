import { spawn } from 'node:child_process';
import { createServer, type AddressInfo } from 'node:net';
import { createInterface } from 'node:readline';
import { join } from 'node:path';

const ROOT = join(__dirname, '../../..');

export interface RunningProcess {
  readonly pid: number;
  /** Address of health and metrics. */
  readonly http: string;
  /** Every line it printed, parsed where it is JSON. */
  readonly lines: readonly Record<string, unknown>[];
  /** Resolves with exit code or signal. */
  readonly exited: Promise<number | NodeJS.Signals>;
  stop(signal?: NodeJS.Signals): Promise<number | NodeJS.Signals>;
  /** For what does not end it: SIGSTOP, SIGCONT. */
  signal(signal: NodeJS.Signals): void;
  metrics(): Promise<string>;
}

/** A process that may not serve yet. */
export interface StartingProcess {
  /** Rejects with its own words when it gives up, or ends before. */
  readonly ready: Promise<RunningProcess>;
  /** Resolves when it is gone. */
  stop(signal?: NodeJS.Signals): Promise<number | NodeJS.Signals>;
  /** For what does not end it: SIGSTOP, SIGCONT. */
  signal(signal: NodeJS.Signals): void;
}

/**
 * Starts the built process of an app as `rookery up` does. Rejects with its own words when it gives up. `folder` holds the `dist` to
 * start from, where it is not this repository's.
 */
export async function startProcess(
  app: 'connector' | 'worker' | 'console',
  env: Readonly<Record<string, string>>,
  folder = ROOT,
): Promise<RunningProcess> {
  return await beginProcess(app, env, folder).ready;
}

/** The same for tests that end processes while they start. */
export function beginProcess(
  app: 'connector' | 'worker' | 'console',
  env: Readonly<Record<string, string>>,
  folder = ROOT,
): StartingProcess {
  const child = spawn(process.execPath, ['--enable-source-maps', join(folder, `dist/apps/${app}/src/main.js`)], {
    cwd: folder,
    env: { PATH: process.env['PATH'] ?? '', ROOKERY_HTTP_PORT: '0', ...env },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  // A failed set-up must not keep Jest from ending; the loss of the channel then ends the process, as it does in production.
  child.unref();
  child.channel?.unref();
  const lines: Record<string, unknown>[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    if (stream) createInterface(stream).on('line', (line) => lines.push(parsed(line)));
  }
  const exited = new Promise<number | NodeJS.Signals>((resolve) =>
    child.once('exit', (code, signal) => resolve(code ?? signal ?? 'SIGKILL')),
  );
  const stop = async (signal: NodeJS.Signals = 'SIGTERM'): Promise<number | NodeJS.Signals> => {
    child.kill(signal);
    return await exited;
  };
  const http = new Promise<string>((resolve, reject) => {
    child.once('error', reject);
    child.on('message', (message: { type: string; http?: string; message?: string }) => {
      if (message.type === 'ready') resolve(String(message.http));
      if (message.type === 'fatal') reject(new Error(message.message));
    });
    void exited.then((code) => reject(new Error(`${app} ended with ${code}: ${JSON.stringify(lines.slice(-5))}`)));
  });
  const signal = (name: NodeJS.Signals): void => void child.kill(name);
  const ready = http.then((address) => ({
    pid: child.pid ?? 0,
    http: address,
    lines,
    exited,
    stop,
    signal,
    metrics: async () => await (await fetch(`${address}/metrics`)).text(),
  }));
  return { ready, stop, signal };
}

function parsed(line: string): Record<string, unknown> {
  try {
    return JSON.parse(line) as Record<string, unknown>;
  } catch {
    return { text: line };
  }
}

/** The value of one metric line, 0 when it is absent. `series` as in the exposition: `name{label="x"}`. */
export function metricValue(exposition: string, series: string): number {
  const line = exposition.split('\n').find((candidate) => candidate.startsWith(`${series} `));
  return line === undefined ? 0 : Number(line.slice(series.length + 1));
}

const LOOK_MS = 20;
/** A machine that stands still for longer than this between two looks gives the condition no time to come true. */
const STANDSTILL_MS = 500;

/** Waits for a condition; the failure says what was waited for. Time in which this process did not run does not count. */
export async function until(what: string, condition: () => boolean | Promise<boolean>, ms = 20_000): Promise<void> {
  let left = ms;
  for (let looked = performance.now(); !(await condition());) {
    if (left < 0) throw new Error(`waited ${ms} ms in vain: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    const now = performance.now();
    left -= Math.min(now - looked, STANDSTILL_MS);
    looked = now;
  }
}

/** A port that was free a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
