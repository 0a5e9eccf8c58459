import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { FakeClock } from '@rookery/testing';
import { startChild, type Prepared } from './child';
import type { Output } from './output';
import { Standby } from './standby';

const output: Output = { line: () => undefined, say: () => undefined, notice: () => undefined };
const context = { output, clock: new FakeClock() };
/** Says who it is when it is told to begin. */
const WAITS = `
  process.on('disconnect', () => process.exit(0));
  process.once('message', ({ type }) => process.send({ type: type === 'begin' ? 'ready' : 'odd', pid: process.pid }));`;

let script: string;
let begun: number;
let sut: Standby;
beforeEach(() => {
  script = WAITS;
  begun = 0;
  const spec = () => {
    begun += 1;
    return { app: 'worker', script: ['-e', script], env: { PATH: process.env['PATH'] } };
  };
  sut = new Standby(spec, context);
});
afterEach(() => sut.stop());

const start = (prepared: Prepared | undefined, signal = new AbortController().signal) =>
  startChild({ app: 'worker', script: ['-e', 'process.exit(9)'], env: {} }, context, signal, prepared);

describe('Standby', () => {
  it('hands out a process that begins when it is told to, once', async () => {
    expect(sut.take()).toBeUndefined();
    sut.prepare();
    sut.prepare();
    const prepared = sut.take();
    expect([begun, sut.take()]).toEqual([1, undefined]);
    const child = await start(prepared);
    expect(child.ready['pid']).toBe(prepared?.child.pid);
    await child.stop();
  });

  it('does not hand out one that has ended, and begins another', async () => {
    script = 'process.exit(3)';
    sut.prepare();
    const prepared = sut.take();
    await prepared?.gone;
    await expect(start(prepared)).rejects.toThrow('worker ended with code 3 before it was ready');
    script = WAITS;
    sut.prepare();
    await (await start(sut.take())).stop();
    expect(begun).toBe(2);
  });

  it('leaves none behind when it is stopped, nor one that was taken for a start that is not wanted any more', async () => {
    sut.prepare();
    const taken = sut.take();
    await expect(start(taken, AbortSignal.abort())).rejects.toThrow('aborted');
    expect(await taken?.gone).toBe('was killed by SIGKILL');
    sut.prepare();
    await sut.stop();
    sut.prepare();
    expect([sut.take(), begun]).toEqual([undefined, 2]);
  });
});
