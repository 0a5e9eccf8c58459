import { describe, expect, it } from '@jest/globals';
import { DEFAULT_POOL, selfId, type AccountState, type AccountStatus } from '@rookery/protocol';
import { FakeClock } from '@rookery/testing';
import { StatusPoster, type StatusBoard } from './status-poster';

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
  const sut = new StatusPoster(board, clock, (error) => troubles.push(error.message));
  return { clock, posts, removed, troubles, sut, fail: (times: number) => (failing = times) };
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
