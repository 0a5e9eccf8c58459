import { beforeEach, describe, expect, it } from '@jest/globals';
import { poolName, selfId, type ConversationKey } from '@rookery/protocol';
import { withTestRedis } from '@rookery/testing';
import type { Redis } from './client';
import { keys } from './keys';
import { LimitOverrides, parseScope } from './limit-overrides';

let redis: Redis;
let sut: LimitOverrides;
withTestRedis((connected) => {
  redis = connected;
});
beforeEach(async () => {
  sut = new LimitOverrides(redis);
});

describe('LimitOverrides', () => {
  it('keeps what was said for each scope, and counts the changes', async () => {
    expect(await sut.all()).toEqual({ version: 0, layers: [] });
    await sut.set({ of: 'global' }, { perDay: 100 });
    await sut.set({ of: 'conversation', conversation: 'group:east:7' as ConversationKey }, { repeats: null });
    await sut.set({ of: 'global' }, { perDay: 200 });
    const { version, layers } = await sut.all();
    expect(version).toBe(3);
    expect(layers).toEqual([
      { scope: { of: 'global' }, from: 'override', patch: { perDay: 200 } },
      { scope: { of: 'conversation', conversation: 'group:east:7' }, from: 'override', patch: { repeats: null } },
    ]);
    expect(await sut.clear({ of: 'global' })).toBe(true);
    expect(await sut.clear({ of: 'global' })).toBe(false);
    expect(await sut.version()).toBe(4);
  });

  it('passes over what is not of its making, and says so', async () => {
    const said: string[] = [];
    sut.on('unusable', (scope) => said.push(scope));
    await redis.hset(keys.limits(), 'planet:x', '{}', 'pool:a', 'not json', 'account:5', '{"perDay":0}');
    await sut.set({ of: 'pool', pool: poolName('b') }, { perDay: 50 });
    expect((await sut.all()).layers).toHaveLength(1);
    expect(said).toEqual(['planet:x', 'pool:a', 'account:5']);
  });
});

describe('parseScope', () => {
  it.each([
    ['global', { of: 'global' }],
    ['pool:east', { of: 'pool', pool: 'east' }],
    ['account:10001', { of: 'account', self: selfId('10001') }],
    ['conversation:group:east:7', { of: 'conversation', conversation: 'group:east:7' }],
  ])('%s', (text, scope) => expect(parseScope(text)).toEqual(scope));

  it.each(['', 'global:x', 'pool:', 'pool:a b', 'account:x', 'conversation:', 'planet:x'])('refuses %j', (text) =>
    expect(() => parseScope(text)).toThrow('is no scope of limits'),
  );
});
