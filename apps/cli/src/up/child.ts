import { spawn, type ChildProcess } from 'node:child_process';
import type { Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { z } from 'zod';
import { ERRORS, RookeryError, SECOND, type Clock, type ErrorCode } from '@rookery/protocol';
import type { Environment } from '@rookery/config';
import { CommandFailure } from '../failure';
import type { Running } from './kept';
import type { Output } from './output';

/** A start takes one to three seconds; this is for machines that are very busy. */
const READY_LIMIT_MS = 60 * SECOND;

const childMessage = z.union([
  z.looseObject({ type: z.literal('ready'), http: z.string().optional() }),
  z.object({ type: z.literal('fatal'), code: z.string(), message: z.string() }),
]);
type ReadyMessage = Extract<z.infer<typeof childMessage>, { type: 'ready' }>;

export interface ChildSpec {
  readonly app: string;
  /** Script and arguments for Node. */
  readonly script: readonly string[];
  readonly env: Environment;
}

/** A process of ours that has said that it is ready. */
export interface Child extends Running {
  readonly ready: ReadyMessage;
  /** Tells it something over IPC; nothing happens when it is gone. */
  tell(message: object): void;
  /** We may end while it runs; it then ends by itself. */
  release(): void;
}

export interface ChildContext {
  readonly output: Output;
  readonly clock: Clock;
}

/** A process of ours that was begun ahead of its turn: it has loaded its code, and does its work when it is told to begin. */
export interface Prepared {
  readonly child: ChildProcess;
  readonly lastWords: () => string;
  readonly gone: Promise<string>;
}

/** Spawns a process that waits for `begin`; what it prints is passed on. It ends by itself when we die. */
export function prepareChild(spec: ChildSpec, { output }: Pick<ChildContext, 'output'>): Prepared {
  const child = spawn(process.execPath, ['--enable-source-maps', ...spec.script], {
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    detached: true,
    env: spec.env,
  });
  child.once('exit', () => endGroup(child));
  return { child, lastWords: forwardLines(child, spec.app, output), gone: end(child) };
}

/**
 * Starts a process and resolves when it says over IPC that it is ready. Rejects with its own words when it says `fatal`, when
 * it ends, or when `signal` aborts; then it is gone. It runs in a process group of its own, so that Ctrl-C reaches only us and
 * the order of stopping stays ours; when it ends, the rest of the group ends; when we die, its IPC channel closes and it ends by itself.
 */
export async function startChild(
  spec: ChildSpec,
  context: ChildContext,
  signal: AbortSignal,
  prepared?: Prepared,
): Promise<Child> {
  if (signal.aborted) prepared?.child.kill('SIGKILL');
  signal.throwIfAborted();
  const { child, lastWords, gone } = prepared ?? prepareChild(spec, context);
  if (prepared) child.send({ type: 'begin' }, () => undefined);
  const cancels: (() => void)[] = [];
  try {
    const ready = await new Promise<ReadyMessage>((resolve, reject) => {
      const abort = () => reject(new CommandFailure(`${spec.app} was stopped while it started`));
      const limit = () => reject(new CommandFailure(`${spec.app} was not ready after ${READY_LIMIT_MS / SECOND} s`));
      signal.addEventListener('abort', abort, { once: true });
      cancels.push(() => signal.removeEventListener('abort', abort), context.clock.after(READY_LIMIT_MS, limit));
      child.on('message', (message) => {
        const parsed = childMessage.safeParse(message);
        if (!parsed.success) return; // other messages are not meant for us
        if (parsed.data.type === 'ready') resolve(parsed.data);
        else reject(fatalError(spec.app, parsed.data));
      });
      void gone.then((cause) => reject(new CommandFailure(`${spec.app} ${cause} before it was ready${lastWords()}`)));
    });
    const kill = () => void child.kill('SIGKILL');
    const stop = async () => {
      child.kill('SIGTERM');
      await gone;
    };
    const tell = (message: object) => {
      if (child.connected) child.send(message, () => undefined);
    };
    const release = () => {
      child.unref();
      child.channel?.unref();
      // Pipes are sockets, whatever their declared type says.
      for (const stream of [child.stdout, child.stderr]) (stream as Socket | null)?.unref();
    };
    return { ready, gone, stop, kill, tell, release };
  } catch (error) {
    child.kill('SIGKILL');
    await gone;
    throw error;
  } finally {
    for (const cancel of cancels) cancel();
  }
}

/** What a process has left behind when it was killed: plugins in processes of their own that are blocked and hear of nothing. */
function endGroup({ pid }: ChildProcess): void {
  try {
    if (pid !== undefined) process.kill(-pid, 'SIGKILL');
  } catch {
    // Nothing is left.
  }
}

function isErrorCode(code: string): code is ErrorCode {
  return Object.hasOwn(ERRORS, code);
}

function fatalError(app: string, { code, message }: { readonly code: string; readonly message: string }): Error {
  return isErrorCode(code) && code !== 'INTERNAL'
    ? new RookeryError(code, message)
    : new CommandFailure(`${app} could not start: ${message} (${code})`);
}

/** Resolves with how it ended, when also its output has been read to the end. */
function end(child: ChildProcess): Promise<string> {
  return new Promise((resolve) => {
    child.once('error', (error) => resolve(`could not run (${error.message})`));
    child.once('close', (code, signal) =>
      resolve(signal === null ? `ended with code ${code}` : `was killed by ${signal}`),
    );
  });
}

/** Passes on every line; returns the last ones of stderr, for the message about a process that died without a word. */
function forwardLines(child: ChildProcess, app: string, output: Output): () => string {
  const errors: string[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    if (stream === null) continue;
    createInterface({ input: stream, crlfDelay: Infinity }).on('line', (line) => {
      output.line(app, line);
      if (stream === child.stderr && errors.push(line) > 5) errors.shift();
    });
  }
  return () => (errors.length === 0 ? '' : `: ${errors.join('\n')}`);
}
