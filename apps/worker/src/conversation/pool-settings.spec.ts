import { describe, expect, it } from '@jest/globals';
import { DEFAULT_POOL, groupConversation, groupId, poolName, selfId } from '@rookery/protocol';
import { poolSettings } from './pool-settings';
import { inGroup } from './spec-stage';

describe('poolSettings', () => {
  const games = poolName('games');
  const sut = poolSettings({ games: { policy: 'round-robin', graceMs: 100, assign: { '7': selfId('10001') } } });

  it('gives a pool that the file does not name the defaults', () => {
    expect(sut.of(games)).toMatchObject({ policy: 'round-robin', graceMs: 100 });
    expect(sut.of(DEFAULT_POOL)).toMatchObject({ policy: 'sticky', graceMs: 1_500 });
  });

  it('knows who is wanted in a group of a pool, and in no group of another', () => {
    expect(sut.assigned(groupConversation(games, groupId('7')))).toBe('10001');
    expect(sut.assigned(inGroup('7'))).toBeUndefined();
  });
});
