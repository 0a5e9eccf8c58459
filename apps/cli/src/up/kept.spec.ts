import { beforeEach, describe, expect, it } from '@jest/globals';
import { FakeClock } from '@rookery/testing';
import { Kept, type Running } from './kept';

class FakeRunning implements Running {
  #end: (cause: string) => void = () => undefined;
  stopped = false;
  readonly gone = new Promise<string>((resolve) => {
    this.#end = resolve;
  });
  die(cause: string): void {
    this.#end(cause);
  }
  async stop(): Promise<void> {
    this.stopped = true;
    this.#end('was asked');
    await this.gone;
  }
  kill(): void {
    this.#end('was killed');
  }
}

describe('Kept', () => {
  let clock: FakeClock;
  let started: FakeRunning[];
  let failWith: Error | undefined;
  let lost: [string, number][];
  let sut: Kept<FakeRunning>;

  beforeEach(() => {
    clock = new FakeClock();
    started = [];
    failWith = undefined;
    lost = [];
    sut = new Kept({
      clock,
      start: async () => {
        if (failWith !== undefined) throw failWith;
        const running = new FakeRunning();
        started.push(running);
        return running;
      },
    });
    sut.on('lost', (cause, delayMs) => lost.push([cause, delayMs]));
  });

  const newest = () => started.at(-1)!;

  it('leaves a first start that fails to its caller', async () => {
    failWith = new Error('port taken');
    await expect(sut.start()).rejects.toThrow('port taken');
    expect([lost, clock.pending]).toEqual([[], 0]);
  });

  it('starts again what has ended, and waits longer each time, up to 30 s', async () => {
    await sut.start();
    for (const delayMs of [1, 2, 4, 8, 16, 30, 30].map((seconds) => seconds * 1000)) {
      newest().die('was killed by SIGKILL');
      await clock.advanceAsync(0);
      expect(lost.at(-1)).toEqual(['was killed by SIGKILL', delayMs]);
      const before = started.length;
      await clock.advanceAsync(delayMs - 1);
      expect(started.length).toBe(before);
      await clock.advanceAsync(1);
      expect(started.length).toBe(before + 1);
    }
  });

  it('begins at one second again after a minute without trouble', async () => {
    await sut.start();
    newest().die('a');
    await clock.advanceAsync(1000);
    await clock.advanceAsync(60_000);
    newest().die('b');
    await clock.advanceAsync(0);
    expect(lost).toEqual([
      ['a', 1000],
      ['b', 1000],
    ]);
  });

  it('goes on trying when the new start fails', async () => {
    await sut.start();
    failWith = new Error('port taken');
    newest().die('a');
    await clock.advanceAsync(1000);
    expect(lost.at(-1)).toEqual(['could not be started: port taken', 2000]);
    failWith = undefined;
    await clock.advanceAsync(2000);
    expect(started.length).toBe(2);
  });

  it('does not start again what was stopped', async () => {
    await sut.start();
    await sut.stop();
    expect(newest().stopped).toBe(true);
    await clock.advanceAsync(60_000);
    expect([started.length, lost, clock.pending]).toEqual([1, [], 0]);
  });

  it('gives up a pending restart when it is stopped', async () => {
    await sut.start();
    newest().die('a');
    await clock.advanceAsync(0);
    await sut.stop();
    await clock.advanceAsync(60_000);
    expect([started.length, clock.pending]).toEqual([1, 0]);
  });

  it('cannot be started once it was stopped', async () => {
    await sut.stop();
    await expect(sut.start()).rejects.toThrow('aborted');
    expect(started).toEqual([]);
  });

  it('restarts on request without calling it a loss, and tells who is new', async () => {
    const restarted: FakeRunning[] = [];
    sut.on('restarted', (running) => restarted.push(running));
    await sut.start();
    await sut.restart();
    expect(started.map(({ stopped }) => stopped)).toEqual([true, false]);
    expect([lost, restarted]).toEqual([[], [started[1]]]);
  });

  it('has nothing to restart while it waits for its next start', async () => {
    await sut.start();
    newest().die('a');
    await clock.advanceAsync(0);
    await sut.restart();
    expect(started.length).toBe(1);
  });

  it('ends a restart under way when it is stopped', async () => {
    await sut.start();
    const restarting = sut.restart();
    await sut.stop();
    await restarting;
    expect(started.every(({ stopped }) => stopped)).toBe(true);
    await clock.advanceAsync(60_000);
    expect(lost).toEqual([]);
  });

  it('does not start again what was killed by us', async () => {
    await sut.start();
    sut.kill();
    await clock.advanceAsync(60_000);
    expect([started.length, lost]).toEqual([1, []]);
  });

  it('ends by force what does not end when asked', async () => {
    await sut.start();
    newest().stop = async () => void (await newest().gone);
    const stopping = sut.stop();
    sut.kill();
    await stopping;
    expect(await newest().gone).toBe('was killed');
  });
});
