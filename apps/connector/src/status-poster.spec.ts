import { describe, expect, it } from '@jest/globals';
import { DEFAULT_POOL, selfId, type AccountState, type AccountStatus } from '@rookery/protocol';
import { FakeClock } from '@rookery/testing';
import { StatusPoster, type StatusBoard, type StatusHistory } from './status-poster';

const status = (self: string, state: AccountState): AccountStatus => ({
  self: selfId(self),
  pool: DEFAULT_POOL,
  mode: 'forward',
  state,
  reason: 'test',
  since: 1,
});

function setUp() {
  const clock = new FakeClock();
  const posts: string[][] = [];
  const removed: string[][] = [];
  const troubles: string[] = [];
  let failing = 0;
  const board: StatusBoard = {
    async post(statuses) {
      if (failing > 0) {
        failing -= 1;
        throw new Error('Redis is away');
      }
      posts.push(statuses.map((s) => `${s.self}:${s.state}`));
    },
    async remove(accounts) {
      if (failing > 0) throw new Error('Redis is away');
      removed.push([...accounts]);
    },
  };
  const history: string[][] = [];
  let failingHistory = 0;
  const log: StatusHistory = {
    async append(transitions) {
      if (failingHistory > 0) {
        failingHistory -= 1;
        throw new Error('the history is away');
      }
      if (transitions.length > 0) history.push(transitions.map(({ self, from, to }) => `${self}: ${from} → ${to}`));
    },
  };
  const failHistory = (times: number) => (failingHistory = times);
  const sut = new StatusPoster(board, log, clock, (error) => troubles.push(error.message));
  return { clock, posts, history, failHistory, removed, troubles, sut, fail: (times: number) => (failing = times) };
}
const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

describe('StatusPoster', () => {
  it('posts what changed together in one call, the newest state of each account', async () => {
    const { sut, posts } = setUp();
    sut.post(status('1', 'connecting'));
    sut.post(status('2', 'online'));
    sut.post(status('1', 'online'));
    await turn();
    expect(posts).toEqual([['1:online', '2:online']]);
  });

  it('repeats until Redis has it, and a newer state wins over the one that failed', async () => {
    const { sut, posts, troubles, clock, fail } = setUp();
    fail(1);
    sut.post(status('1', 'connecting'));
    await turn();
    sut.post(status('1', 'online'));
    await clock.advanceAsync(1_000);
    expect({ posts, troubles }).toEqual({ posts: [['1:online']], troubles: ['Redis is away'] });
  });

  it('appends every transition to the history, once, also when only the board fails', async () => {
    const { sut, history, clock, fail } = setUp();
    fail(1);
    sut.post(status('1', 'connecting'));
    sut.post(status('1', 'online'));
    sut.post(status('1', 'online')); // only another reason
    await turn();
    sut.post(status('1', 'stopped'));
    sut.post(status('1', 'connecting'));
    await clock.advanceAsync(1_000);
    expect(history).toEqual([
      ['1: stopped → connecting', '1: connecting → online'],
      ['1: online → stopped', '1: stopped → connecting'],
    ]);
  });

  it('keeps the order of transitions that Redis did not take at first', async () => {
    const { sut, history, posts, clock, failHistory } = setUp();
    failHistory(1);
    sut.post(status('1', 'connecting'));
    await turn();
    sut.post(status('1', 'failed'));
    await clock.advanceAsync(1_000);
    expect(history).toEqual([['1: stopped → connecting', '1: connecting → failed']]);
    expect(posts).toEqual([['1:failed']]);
  });

  it('gives up the oldest transitions, and says so, when Redis is away for too long', async () => {
    const { sut, history, troubles, clock, failHistory } = setUp();
    failHistory(1);
    for (let n = 0; n < 10_003; n++) sut.post(status('1', n % 2 === 0 ? 'connecting' : 'online'));
    await turn();
    await clock.advanceAsync(1_000);
    expect(history.map((batch) => batch.length)).toEqual([10_000]);
    expect(troubles.at(0)).toContain('1 transitions of accounts are not kept');
    expect(troubles.at(-1)).toBe('the history is away');
  });

  it('takes its accounts off the board when it closes, and says so when it cannot', async () => {
    const { sut, removed, troubles, fail } = setUp();
    sut.post(status('1', 'online'));
    await turn();
    await sut.close();
    expect(removed).toEqual([['1']]);
    fail(1);
    await sut.close();
    expect(troubles).toEqual(['Redis is away']);
  });
});
