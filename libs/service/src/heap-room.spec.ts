import { spawnSync } from 'node:child_process';
import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { giveHeapRoom, growingPercent } from './heap-room';

const MIB = 1024 * 1024;

afterEach(() => {
  jest.useRealTimers();
  jest.restoreAllMocks();
});

describe('the room of a heap', () => {
  it.each([
    [16, 400],
    [40, 160],
    [107, 60],
    [1_000, 60],
  ])('of %i MiB is a growth by %i percent: some 64 MiB for a small one, a share for a large one', (used, percent) => {
    expect(growingPercent(used * MIB)).toBe(percent);
  });

  it('is given at once, and anew as the heap changes, for as long as there is anything else to do', () => {
    jest.useFakeTimers();
    const flags: string[] = [];
    giveHeapRoom((flag) => flags.push(flag));
    expect(flags).toHaveLength(1);
    jest.advanceTimersByTime(20_000);
    expect(flags).toHaveLength(3);
    expect(flags.every((flag) => /^--heap-growing-percent=\d+$/.test(flag))).toBe(true);
    jest.clearAllTimers();
  });

  it('is a setting that V8 knows', () => {
    // Of one that it does not know V8 speaks past Node, to the error output of the process.
    const asked = "const v8 = require('node:v8'); v8.setFlagsFromString('--heap-growing-percent=160')";
    expect(spawnSync(process.execPath, ['-e', asked], { encoding: 'utf8' })).toMatchObject({ status: 0, stderr: '' });
  });
});
