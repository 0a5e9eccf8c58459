import { spawnSync } from 'node:child_process';
import { describe, expect, it } from '@jest/globals';
import { eventually, FakeClock } from '@rookery/testing';
import { startChild, type Child } from './child';
import type { Output } from './output';

class Lines implements Output {
  readonly lines: string[] = [];
  line(app: string, text: string): void {
    this.lines.push(`${app}: ${text}`);
  }
  say(): void {}
  notice(): void {}
}

const STAYS = 'setInterval(() => {}, 1000);';
const READY = "process.send({ type: 'ready', http: 'http://127.0.0.1:1' });";

function start(
  code: string,
  options: { signal?: AbortSignal; output?: Lines; clock?: FakeClock } = {},
): Promise<Child> {
  const spec = { app: 'worker', script: ['-e', code], env: { PATH: process.env['PATH'], GREETING: 'hello' } };
  const context = { output: options.output ?? new Lines(), clock: options.clock ?? new FakeClock() };
  return startChild(spec, context, options.signal ?? new AbortController().signal);
}

/** A process that nobody waits for stays in the table when it has ended, as a zombie. */
function isRunning(pid: number): boolean {
  const state = spawnSync('ps', ['-o', 'stat=', '-p', String(pid)])
    .stdout.toString()
    .trim();
  return state !== '' && !state.startsWith('Z');
}

describe('startChild', () => {
  it('waits until the process says that it is ready, and passes on what it prints', async () => {
    const output = new Lines();
    const child = await start(`console.log(process.env.GREETING); console.error('oh'); ${READY} ${STAYS}`, { output });
    expect(child.ready.http).toBe('http://127.0.0.1:1');
    await child.stop();
    expect(output.lines.sort()).toEqual(['worker: hello', 'worker: oh']);
  });

  it('tells how it ended', async () => {
    const killed = await start(`${READY} ${STAYS}`);
    killed.kill();
    expect(await killed.gone).toBe('was killed by SIGKILL');
    const failed = await start(`process.send({ type: 'ready' }, () => process.exit(3));`);
    expect(await failed.gone).toBe('ended with code 3');
  });

  it('runs in a process group of its own, where Ctrl-C does not reach it', async () => {
    const child = await start(`process.send({ type: 'ready', pid: process.pid }); ${STAYS}`);
    const pid = Number(child.ready['pid']);
    expect(process.kill(-pid, 0)).toBe(true); // throws ESRCH unless the process leads a group
    await child.stop();
  });

  it('takes along what it has started and what is blocked, also when it is killed by SIGKILL', async () => {
    const fork = "const { pid } = require('child_process').spawn(process.execPath, ['-e', 'for (;;);']);";
    const child = await start(`${fork} process.send({ type: 'ready', pid }); ${STAYS}`);
    const pid = Number(child.ready['pid']);
    expect(process.kill(pid, 0)).toBe(true);
    child.kill();
    await child.gone;
    await eventually('the blocked process is gone', () => !isRunning(pid));
  });

  it('ends by itself when we are gone: its IPC channel closes', async () => {
    const child = await start(`${READY} process.on('disconnect', () => process.exit(7)); process.disconnect();`);
    expect(await child.gone).toBe('ended with code 7');
  });

  it('repeats the words of a process that cannot start, under its code', async () => {
    const fatal = "process.send({ type: 'fatal', code: 'PORT_BUSY', message: 'worker.port is taken' });";
    await expect(start(`${fatal} ${STAYS}`)).rejects.toMatchObject({
      code: 'PORT_BUSY',
      message: 'worker.port is taken',
    });
  });

  it.each(['INTERNAL', 'toString'])('says which process it was for the code %s', async (code) => {
    const fatal = `process.send({ type: 'fatal', code: '${code}', message: 'm' });`;
    await expect(start(fatal + STAYS)).rejects.toThrow(`worker could not start: m (${code})`);
  });

  it('gives the last words of a process that died before it was ready', async () => {
    await expect(start("console.error('no such module'); process.exit(4);")).rejects.toThrow(
      'worker ended with code 4 before it was ready: no such module',
    );
  });

  it('says so when the process cannot be run at all', async () => {
    const env = { PATH: '' };
    const spec = { app: 'worker', script: ['/does/not/exist.js'], env };
    await expect(
      startChild(spec, { output: new Lines(), clock: new FakeClock() }, new AbortController().signal),
    ).rejects.toThrow(/worker ended with code 1 before it was ready/);
  });

  it('does not wait for ever', async () => {
    const clock = new FakeClock();
    const starting = start(STAYS, { clock });
    clock.advance(60_000);
    await expect(starting).rejects.toThrow('worker was not ready after 60 s');
    expect(clock.pending).toBe(0);
  });

  it('is ended by an abort while it starts', async () => {
    const aborted = new AbortController();
    const starting = start(STAYS, { signal: aborted.signal });
    aborted.abort();
    await expect(starting).rejects.toThrow('worker was stopped while it started');
  });

  it('is not even begun after an abort', async () => {
    await expect(start(READY, { signal: AbortSignal.abort() })).rejects.toThrow('aborted');
  });

  it('overlooks messages that are not meant for it', async () => {
    const child = await start(`process.send('hi'); process.send({ type: 'other' }); ${READY} ${STAYS}`);
    await child.stop();
    expect(await child.gone).toBe('was killed by SIGTERM');
  });
});
