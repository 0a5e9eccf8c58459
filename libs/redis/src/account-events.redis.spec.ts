import { describe, expect, it } from '@jest/globals';
import { nodeId, selfId } from '@rookery/protocol';
import { withTestRedis } from '@rookery/testing';
import { AccountEvents, type AccountTransition } from './account-events';
import type { Redis } from './client';

let redis: Redis;
const node = nodeId('connector-1');

withTestRedis((connected) => {
  redis = connected;
});

const step = (self: string, at: number, fields: Partial<AccountTransition> = {}): AccountTransition => ({
  self: selfId(self),
  from: 'connecting',
  to: 'online',
  reason: 'connected to 早安',
  at,
  ...fields,
});

describe('AccountEvents', () => {
  it('gives back what was appended, newest first, and follows from any event on', async () => {
    const sut = new AccountEvents(redis);
    await sut.append(node, []);
    await sut.append(node, [step('1', 1), step('2', 2), step('1', 3, { from: 'online', to: 'offline', reason: '' })]);
    const all = await sut.latest(10);
    expect(all.map((event) => ({ ...event, id: undefined }))).toEqual([
      { ...step('1', 3, { from: 'online', to: 'offline', reason: '' }), node },
      { ...step('2', 2), node },
      { ...step('1', 1), node },
    ]);
    expect((await sut.latest(1)).map(({ at }) => at)).toEqual([3]);
    expect((await sut.after('0', 2)).map(({ at }) => at)).toEqual([1, 2]);
    expect((await sut.after(all[1]?.id ?? '', 10)).map(({ at }) => at)).toEqual([3]);
  });

  it('finds the few transitions of one account among thousands of others', async () => {
    const sut = new AccountEvents(redis);
    const others = Array.from({ length: 1_500 }, (_, n) => step('2', n));
    await sut.append(node, [step('1', 1), ...others, step('1', 2), ...others]);
    expect((await sut.latest(10, selfId('1'))).map(({ at }) => at)).toEqual([2, 1]);
    expect(await sut.latest(1, selfId('1'))).toHaveLength(1);
    expect(await sut.latest(10, selfId('3'))).toEqual([]);
  });

  it('stays bounded, so that a storm of reconnects cannot fill Redis', async () => {
    const sut = new AccountEvents(redis);
    for (let n = 0; n < 12; n++)
      await sut.append(
        node,
        Array.from({ length: 1_000 }, (_, m) => step('1', n * 1_000 + m)),
      );
    const kept = await redis.xlen('rookery:account-events');
    expect(kept).toBeGreaterThanOrEqual(10_000);
    expect(kept).toBeLessThan(10_300);
    expect((await sut.latest(1))[0]?.at).toBe(11_999);
  });

  it('reports when Redis does not take them', async () => {
    await redis.set('rookery:account-events', 'of another type');
    await expect(new AccountEvents(redis).append(node, [step('1', 1)])).rejects.toThrow('WRONGTYPE');
  });
});
