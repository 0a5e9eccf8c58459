import { spawn, type ChildProcess } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, readFile, stat } from 'node:fs/promises';
import { createConnection } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { RookeryError, SECOND } from '@rookery/protocol';

/** sun_path holds 104 bytes on macOS and 108 on Linux, with a zero at the end. */
const MAX_SOCKET_BYTES = 100;
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
  /** Ends the server, owned or not, and resolves when its process is gone and its data are on disk. */
  stop(): Promise<void>;
}

/** Starts a Redis that only this user can reach, or shares the one that already serves the folder. */
export async function startPrivateRedis(options: PrivateRedisOptions): Promise<PrivateRedis> {
  const dataDir = resolve(options.dataDir);
  await mkdir(dataDir, { recursive: true, mode: 0o700 });
  const socket = await socketPath(dataDir);
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

/** The same folder always gives the same socket, so that a server left over by a killed parent is found again. */
async function socketPath(dataDir: string): Promise<string> {
  const socket = join(dataDir, 'redis.sock');
  if (Buffer.byteLength(socket) <= MAX_SOCKET_BYTES) return socket;
  const digest = createHash('sha256').update(dataDir).digest('hex').slice(0, 16);
  const folder = join(tmpdir(), `rookery-${digest}`);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const { uid } = userInfo();
  if ((await stat(folder)).uid !== uid) {
    throw new RookeryError(
      'REDIS_UNREACHABLE',
      `${folder} belongs to another user, so the private Redis cannot listen there; choose a shorter \`dataDir\``,
    );
  }
  return join(folder, 'redis.sock');
}

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
  return { url: `unix://${path}`, pid, owned, stop: () => (ended ??= end(pid)) };
}

/**
 * Redis writes and syncs its append-only file on SIGTERM. The last second is for a killed process that nobody reaps: where
 * process 1 of a container is no init, it stays visible for ever.
 */
async function end(pid: number): Promise<void> {
  signal(pid, 'SIGTERM');
  for (let waitedMs = 0; isAlive(pid) && waitedMs < STOP_LIMIT_MS + SECOND; waitedMs += POLL_MS) {
    if (waitedMs >= STOP_LIMIT_MS) signal(pid, 'SIGKILL');
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
