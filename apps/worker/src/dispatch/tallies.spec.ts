import { describe, expect, it } from '@jest/globals';
import { RookeryError, type StorageAnswer, type StorageRequest, type StorageScope } from '@rookery/protocol';
import { FakeClock } from '@rookery/testing';
import { Tallies } from './tallies';

const scope: StorageScope = { kind: 'global' };
const other: StorageScope = { kind: 'pool', pool: 'news' as never };

function setUp() {
  const clock = new FakeClock();
  const asked: string[] = [];
  const lost: string[] = [];
  const troubles: string[] = [];
  const state: { failure: Error | undefined } = { failure: undefined };
  const storage = async (plugin: string, { scope: of, operation }: StorageRequest): Promise<StorageAnswer> => {
    const what = operation.op === 'add' ? `${operation.name}+${operation.by}` : operation.op;
    asked.push(`${plugin} ${of.kind} ${what}`);
    if (state.failure) throw state.failure;
    return { kind: 'done' };
  };
  const sut = new Tallies({ storage, clock });
  sut.on('lost', (plugin, sums, { message }) => lost.push(`${plugin} ${sums} ${message}`));
  sut.on('trouble', ({ message }) => troubles.push(message));
  const tally = (name: string, of = scope, by = 1) =>
    sut.run('stats', { scope: of, operation: { op: 'tally', name, by } });
  return { sut, clock, asked, lost, troubles, state, tally };
}

describe('Tallies', () => {
  it('a thousand messages cost one operation per name, five seconds later', async () => {
    const { clock, asked, tally } = setUp();
    for (let n = 0; n < 1_000; n++) expect(await tally(`u${n % 2}`)).toEqual({ kind: 'done' });
    await tally('x', other);
    expect(asked).toEqual([]);
    await clock.advanceAsync(5_000);
    expect(asked).toEqual(['stats global u0+500', 'stats global u1+500', 'stats pool x+1']);
    await clock.advanceAsync(60_000);
    expect(asked).toHaveLength(3);
  });

  it('who reads a scope reads what was counted before, and other scopes wait', async () => {
    const { sut, asked, tally } = setUp();
    await tally('u');
    await tally('x', other);
    await sut.run('stats', { scope, operation: { op: 'list', prefix: '', limit: 5 } });
    expect(asked).toEqual(['stats global u+1', 'stats global list']);
  });

  it('an orderly end writes what there is', async () => {
    const { sut, asked, tally } = setUp();
    await tally('u');
    await sut.stop();
    expect(asked).toEqual(['stats global u+1']);
  });

  it('what cannot be written at the end is told to be lost, and nothing keeps the process', async () => {
    const { sut, clock, asked, lost, state, tally } = setUp();
    state.failure = new Error('away');
    await tally('u');
    await sut.stop();
    await clock.advanceAsync(60_000);
    expect([asked, lost]).toEqual([['stats global u+1'], ['stats 1 away']]);
  });

  it('while Redis is away sums are kept and added up, and written when it is back', async () => {
    const { clock, asked, troubles, state, tally } = setUp();
    state.failure = new Error('away');
    await tally('u');
    await clock.advanceAsync(5_000);
    await tally('u');
    state.failure = undefined;
    await clock.advanceAsync(5_000);
    expect(asked).toEqual(['stats global u+1', 'stats global u+2']);
    expect(troubles).toEqual(['away']);
  });

  it('what there is no room for is told to be lost, and not tried for ever', async () => {
    const { clock, asked, lost, state, tally } = setUp();
    state.failure = new RookeryError('STATE_REFUSED', 'full');
    await tally('u');
    await clock.advanceAsync(60_000);
    expect(asked).toEqual(['stats global u+1']);
    expect(lost).toEqual(['stats 1 full']);
  });

  it('more sums than fit into memory are told to be lost', async () => {
    const { lost, tally } = setUp();
    for (let n = 0; n < 50_001; n++) await tally(`u${n}`);
    expect(lost).toEqual(['stats 1 50000 sums wait for Redis already']);
    await tally('u0');
    expect(lost).toHaveLength(1);
  });
});
