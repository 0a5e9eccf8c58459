import { describe, expect, it } from '@jest/globals';
import { StopPlan } from './stop-plan';

describe('StopPlan', () => {
  it('remembers what its steps gave up so as to end in time', async () => {
    const sut = new StopPlan();
    sut.then('accounts are handed over', () => sut.miss('2 leases are given back'));
    expect(sut.notDone).toEqual(['accounts are handed over']);
    await sut.run();
    expect(sut.notDone).toEqual(['2 leases are given back']);
  });

  it('does one thing after the other, and tells what of it is not done', async () => {
    const sut = new StopPlan();
    const done: string[] = [];
    let settle = (): void => undefined;
    sut.then('it is settled', () => new Promise<void>((resolve) => (settle = resolve)));
    sut.then('it is closed', () => void done.push('closed'));
    sut.first('nothing is taken', async () => void done.push('taken'));
    const run = sut.run();
    await new Promise(setImmediate);
    expect([done, sut.notDone]).toEqual([['taken'], ['it is settled', 'it is closed']]);
    settle();
    await run;
    expect([done, sut.notDone]).toEqual([['taken', 'closed'], []]);
  });

  it('ends with what fails, and tells that it and all behind it are not done', async () => {
    const sut = new StopPlan();
    sut.then('it is settled', () => Promise.reject(new Error('no')));
    sut.then('it is closed', () => undefined);
    await expect(sut.run()).rejects.toThrow('no');
    expect(sut.notDone).toEqual(['it is settled', 'it is closed']);
  });
});
