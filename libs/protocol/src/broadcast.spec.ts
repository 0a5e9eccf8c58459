import { describe, expect, it } from '@jest/globals';
import {
  BROADCAST_LIST_MAX,
  broadcastAddress,
  broadcastPartition,
  checkBroadcast,
  groupTarget,
  userTarget,
} from './broadcast';
import { broadcastId, groupId, poolName, selfId, userId } from './ids';

const codeOf = (input: unknown) => {
  try {
    checkBroadcast(input);
    return 'fine';
  } catch (thrown) {
    return (thrown as { code?: string }).code;
  }
};

describe('checkBroadcast', () => {
  it('fills in everything but whom and what', () => {
    expect(checkBroadcast({ to: 'groups', message: 'hello' })).toEqual({
      pool: 'default',
      audience: { kind: 'groups' },
      message: [{ type: 'text', data: { text: 'hello' } }],
      spreadMs: 0,
      jitter: 0.3,
      lifeMs: 6 * 60 * 60 * 1000,
    });
  });

  it('takes a string as text, never as CQ code', () => {
    const { message } = checkBroadcast({ to: 'friends', message: '[CQ:at,qq=all]' });
    expect(message).toEqual([{ type: 'text', data: { text: '[CQ:at,qq=all]' } }]);
  });

  it('names each target of a list once, in the given order', () => {
    const { audience } = checkBroadcast({ to: { groups: ['2', '1', '2'], users: ['7'] }, message: 'x' });
    expect(audience).toEqual({ kind: 'list', groups: ['2', '1'], users: ['7'] });
  });

  it.each([
    ['nobody', { to: { groups: [] }, message: 'x' }, 'BROADCAST_INVALID'],
    ['a group that is no number', { to: { groups: ['seven'] }, message: 'x' }, 'BROADCAST_INVALID'],
    ['an audience that does not exist', { to: 'everybody', message: 'x' }, 'BROADCAST_INVALID'],
    ['an unknown setting', { to: 'groups', message: 'x', speed: 9 }, 'BROADCAST_INVALID'],
    ['a pool with a colon', { pool: 'a:b', to: 'groups', message: 'x' }, 'BROADCAST_INVALID'],
    [
      'a spread longer than its life',
      { to: 'groups', message: 'x', spreadSeconds: 60, expiresSeconds: 60 },
      'BROADCAST_INVALID',
    ],
    ['a life without end', { to: 'groups', message: 'x', expiresSeconds: 1e9 }, 'BROADCAST_INVALID'],
    ['nothing to say', { to: 'groups', message: '' }, 'ACTION_INVALID'],
    ['a local file', { to: 'groups', message: { type: 'image', data: { file: '/etc/passwd' } } }, 'ACTION_INVALID'],
    ['no object at all', undefined, 'BROADCAST_INVALID'],
  ])('refuses %s', (_name, input, code) => expect(codeOf(input)).toBe(code));

  it('bounds the list', () => {
    const groups = Array.from({ length: BROADCAST_LIST_MAX + 1 }, (_, n) => String(n + 1));
    expect(codeOf({ to: { groups }, message: 'x' })).toBe('BROADCAST_INVALID');
    expect(codeOf({ to: { groups: groups.slice(1) }, message: 'x' })).toBe('fine');
  });
});

describe('broadcastAddress', () => {
  it('speaks to groups in the conversation of the pool, to people in that of the account', () => {
    const [pool, self] = [poolName('p'), selfId('10001')];
    expect(broadcastAddress(groupTarget(groupId('7')), pool, self)).toEqual({
      name: 'send_group_msg',
      params: { group_id: '7' },
      conversation: 'group:p:7',
    });
    expect(broadcastAddress(userTarget(userId('8')), pool, self)).toEqual({
      name: 'send_private_msg',
      params: { user_id: '8' },
      conversation: 'private:10001:8',
    });
  });
});

describe('broadcastPartition', () => {
  it('is always the same for an id, and within the number of partitions', () => {
    for (let n = 100_000; n < 100_100; n++) {
      const partition = broadcastPartition(broadcastId(String(n)), 8);
      expect(partition).toBe(broadcastPartition(broadcastId(String(n)), 8));
      expect(partition).toBeLessThan(8);
    }
  });
});
