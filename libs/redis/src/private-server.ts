import { spawn, type ChildProcess } from 'node:child_process';
import { mkdir, readFile } from 'node:fs/promises';
import { createConnection } from 'node:net';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { RookeryError, SECOND } from '@rookery/protocol';
import { localSocket } from './local-socket';

const START_LIMIT_MS = 30 * SECOND;
const STOP_LIMIT_MS = 10 * SECOND;
const POLL_MS = 20;

export interface PrivateRedisOptions {
  /** redis-server or valkey-server, 6.2 or newer. */
  readonly binary: string;
  /** Made when missing. Holds the append-only file, the log and (unless its path is too long) the socket. */
  readonly dataDir: string;
  /** With it at most a second of writes is lost in a power cut, and none when the server is killed. */
  readonly appendOnly: boolean;
  /** In a process group of its own, where Ctrl-C of the terminal does not reach it. Default false. */
  readonly detached?: boolean;
}

export interface PrivateRedis {
  /** `unix:///…`; no network port is opened. */
  readonly url: string;
  readonly pid: number;
  /** False when the server of this folder was running already, for example after its parent was killed. */
  readonly owned: boolean;
  /** Resolves when the server is gone, for whatever reason. Does not keep the process alive. */
  readonly gone: Promise<void>;
  /** Ends the server, owned or not, and resolves when its process is gone and its data are on disk. */
  stop(): Promise<void>;
}

/** Starts a Redis that only this user can reach, or shares the one that already serves the folder. */
export async function startPrivateRedis(options: PrivateRedisOptions): Promise<PrivateRedis> {
  const dataDir = resolve(options.dataDir);
  await mkdir(dataDir, { recursive: true, mode: 0o700 });
  const socket = await localSocket(dataDir, 'redis.sock');
  const running = await ask(socket);
  if (running !== undefined) {
    await untilReady(socket, dataDir, () => (isAlive(running.pid) ? undefined : 'it ended'));
    return handle(socket, running.pid, false);
  }
  const child = spawn(options.binary, serverArguments(options, dataDir, socket), {
    stdio: 'ignore',
    detached: options.detached ?? false,
  });
  const pid = await untilReady(socket, dataDir, watchExit(child)).catch((error: unknown) => {
    child.kill('SIGKILL');
    throw error;
  });
  return handle(socket, pid, true);
}

function serverArguments({ appendOnly }: PrivateRedisOptions, dataDir: string, socket: string): string[] {
  const settings: Readonly<Record<string, string>> = {
    port: '0',
    unixsocket: socket,
    unixsocketperm: '700',
    dir: dataDir,
    logfile: logFile(dataDir),
    appendonly: appendOnly ? 'yes' : 'no',
    appendfsync: 'everysec',
    save: '',
    'maxmemory-policy': 'noeviction',
    daemonize: 'no',
  };
  return Object.entries(settings).flatMap(([name, value]) => [`--${name}`, value]);
}

const logFile = (dataDir: string) => join(dataDir, 'redis.log');

interface Answer {
  readonly pid: number;
  /** False while it reads its append-only file. */
  readonly ready: boolean;
}

/** Who serves the socket; undefined when nobody does. */
function ask(socket: string): Promise<Answer | undefined> {
  return new Promise((done) => {
    let text = '';
    const connection = createConnection(socket, () => connection.write('PING\r\nINFO server\r\n'));
    connection.setTimeout(SECOND, () => connection.destroy());
    connection.on('data', (bytes) => {
      text += bytes.toString();
      const pid = /^process_id:(\d+)\r/m.exec(text)?.[1];
      if (pid === undefined) return;
      done({ pid: Number(pid), ready: text.startsWith('+PONG') });
      connection.destroy();
    });
    connection.on('error', () => connection.destroy());
    connection.on('close', () => done(undefined));
  });
}

/** Resolves with the server's process id. Reading a large append-only file may take as long as it takes. */
async function untilReady(socket: string, dataDir: string, whyGone: () => string | undefined): Promise<number> {
  let silentMs = 0;
  for (;;) {
    const answer = await ask(socket);
    if (answer?.ready === true) return answer.pid;
    silentMs = answer === undefined ? silentMs + POLL_MS : 0;
    const gone = whyGone() ?? (silentMs > START_LIMIT_MS ? 'it did not answer in 30 s' : undefined);
    if (gone !== undefined) {
      throw new RookeryError(
        'REDIS_UNREACHABLE',
        `the private Redis in ${dataDir} did not start: ${gone}.${await lastLogLines(dataDir)}`,
      );
    }
    await delay(POLL_MS);
  }
}

function watchExit(child: ChildProcess): () => string | undefined {
  let gone: string | undefined;
  child.once('exit', (code, signal) => {
    gone = `it ended with ${signal ?? `code ${code}`}`;
  });
  child.once('error', (error) => {
    gone = error.message;
  });
  return () => gone;
}

async function lastLogLines(dataDir: string): Promise<string> {
  const log = await readFile(logFile(dataDir), 'utf8').catch(() => '');
  const lines = log.trimEnd().split('\n').slice(-5).join('\n  ');
  return lines === '' ? '' : ` The end of ${logFile(dataDir)}:\n  ${lines}`;
}

function handle(socket: string, pid: number, owned: boolean): PrivateRedis {
  const path = socket.split('/').map(encodeURIComponent).join('/');
  let ended: Promise<void> | undefined;
  return { url: `unix://${path}`, pid, owned, gone: connectionEnd(socket), stop: () => (ended ??= end(pid)) };
}

/** An idle connection tells of the end of any server, also of one that is not our child. */
function connectionEnd(socket: string): Promise<void> {
  return new Promise((done) => {
    const connection = createConnection(socket).unref();
    connection.on('error', () => connection.destroy());
    connection.on('close', () => done());
    connection.resume();
  });
}

/**
 * Redis writes and syncs its append-only file on SIGTERM. It ignores the signal while it writes a first such file ("Writing
 * initial AOF, can't exit"), so the signal is repeated. The last second is for a killed process that nobody reaps: where
 * process 1 of a container is no init, it stays visible for ever.
 */
async function end(pid: number): Promise<void> {
  signal(pid, 'SIGTERM');
  for (let waitedMs = 0; isAlive(pid) && waitedMs < STOP_LIMIT_MS + SECOND; waitedMs += POLL_MS) {
    if (waitedMs >= STOP_LIMIT_MS) signal(pid, 'SIGKILL');
    else if (waitedMs > 0 && waitedMs % SECOND === 0) signal(pid, 'SIGTERM');
    await delay(POLL_MS);
  }
}

const isAlive = (pid: number) => signal(pid, 0);

/** False when there is no such process. A zombie of ours is reaped by libuv before long. */
function signal(pid: number, name: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(pid, name);
  } catch {
    return false;
  }
}
