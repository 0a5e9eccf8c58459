import { describe, expect, it } from '@jest/globals';
import { actionId, selfId, type Action } from '@rookery/protocol';
import type { SendLimits } from '@rookery/redis';
import { FakeClock } from '@rookery/testing';
import { Reach } from './reach';

const LIMITS: SendLimits = {
  paced: true,
  account: [[8, 4_000]],
  kind: [],
  chat: [],
  same: [],
  gap: 0,
  jitter: 0,
  lost: 1,
  again: 0,
  cold: 0,
};

function setUp() {
  const clock = new FakeClock();
  const log: string[] = [];
  const redis = { isAway: false, run: 'first' };
  const store = {
    run: async () => redis.run,
    async reached({ id }: Action, agoMs: number) {
      if (redis.isAway) throw new Error('Redis is away');
      log.push(`${id} reached ${agoMs} ms ago`);
    },
  };
  const sut = new Reach(clock, store, () => log.push('open'));
  const begin = async (id: string, limits: SendLimits = LIMITS) => {
    const action: Action = {
      v: 1,
      id: actionId(id),
      self: selfId('10001'),
      name: 'send_group_msg',
      params: { group_id: '1' },
      lane: 'normal',
      createdAt: 0,
      expiresAt: 1,
      origin: { plugin: 'test' },
    };
    return await sut.begin({ action, limits, logs: { kind: 'group', chat: 'group:1' as never } });
  };
  return { sut, clock, log, redis, begin };
}

describe('Reach', () => {
  it('admits nothing behind a send that a frozen NapCat has not read, and moves its stamps before the next one', async () => {
    const { sut, clock, log, begin } = setUp();
    const first = await begin('a');
    expect([sut.isShut, await begin('b')]).toEqual([true, undefined]);
    clock.advance(15_000);
    first?.witness?.reached();
    expect([sut.isShut, log]).toEqual([false, ['open']]);
    clock.advance(30);
    expect(await begin('b')).toBeDefined();
    expect(log).toEqual(['open', 'a reached 30 ms ago']);
    await begin('b');
    expect(log).toHaveLength(2);
  });

  it('leaves the stamps of what was read at once', async () => {
    const { clock, log, begin } = setUp();
    const first = await begin('a');
    clock.advance(20);
    first?.witness?.reached();
    clock.advance(1_000);
    first?.witness?.reached();
    first?.witness?.ended();
    await begin('b');
    expect(log).toEqual(['open']);
  });

  it('counts a send that was read at once and answered late from its answer, while others go on', async () => {
    const { clock, log, begin } = setUp();
    const first = await begin('a');
    first?.witness?.reached();
    const second = await begin('b');
    second?.witness?.reached();
    clock.advance(8_000);
    first?.witness?.ended();
    await begin('c');
    expect(log).toEqual(['open', 'open', 'a reached 0 ms ago']);
  });

  it('stays shut after the time limit of a call, since NapCat may still read it', async () => {
    const { sut, clock, log, begin } = setUp();
    const first = await begin('a');
    clock.advance(20_000);
    first?.witness?.ended();
    expect(sut.isShut).toBe(true);
    clock.advance(5_000);
    first?.witness?.reached();
    await begin('b');
    expect(log).toEqual(['open', 'a reached 0 ms ago']);
  });

  it('admits nothing before stamps are moved that Redis could not take', async () => {
    const { sut, clock, log, redis, begin } = setUp();
    const first = await begin('a');
    clock.advance(15_000);
    first?.witness?.reached();
    redis.isAway = true;
    await expect(begin('b')).rejects.toThrow('Redis is away');
    expect(sut.isShut).toBe(false);
    redis.isAway = false;
    clock.advance(500);
    await begin('b');
    expect(log).toEqual(['open', 'open', 'a reached 500 ms ago']);
  });

  it('tells a Redis that is another one what was sent in the two seconds up to the last send, and no other', async () => {
    const { sut, clock, log, redis, begin } = setUp();
    for (const id of ['a', 'b', 'c']) {
      const begun = await begin(id);
      begun?.witness?.reached();
      clock.advance(1_500);
    }
    clock.advance(60_000);
    expect([await begin('d'), log.filter((line) => line !== 'open')]).toEqual([expect.anything(), []]);
    sut.forget({ id: actionId('d') });
    redis.run = 'second';
    await begin('e');
    expect(log.filter((line) => line !== 'open')).toEqual(['b reached 63000 ms ago', 'c reached 61500 ms ago']);
    expect(['a', 'b', 'c'].map((id) => sut.wasWritten(actionId(id)))).toEqual([false, true, true]);
  });

  it('counts on nobody to remember on a Redis Cluster, where any server may have forgotten', async () => {
    const { sut, redis, begin } = setUp();
    expect(sut.remembers).toBe(false);
    await begin('a');
    expect(sut.remembers).toBe(true);
    redis.run = '';
    sut.forget({ id: actionId('a') });
    await begin('b');
    expect(sut.remembers).toBe(false);
  });

  it('shuts nothing where no limit cares', async () => {
    const { sut, begin } = setUp();
    expect(await begin('a', { ...LIMITS, account: [] })).toEqual({});
    expect(sut.isShut).toBe(false);
  });

  it('is open again, and tells nobody, when the send was left to a newer holder', async () => {
    const { sut, log, begin } = setUp();
    await begin('a');
    sut.leave({ id: actionId('a') }, true);
    expect([sut.isShut, log]).toEqual([false, []]);
  });
});
