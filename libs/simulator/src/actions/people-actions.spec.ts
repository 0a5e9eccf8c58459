import { describe, expect, it } from '@jest/globals';
import { FakeClock } from '@rookery/testing';
import { caller, GROUP, LIN, listen, OTHER, refusal, SELF, stage, STRANGER, WEN } from '../testing/stage';

function scene() {
  const { world } = stage(FakeClock);
  return { world, frames: listen(world, SELF), call: caller(world) };
}

describe('people', () => {
  it('lists friends and describes anybody', () => {
    const { call } = scene();
    expect(call('get_friend_list')).toMatchObject([{ user_id: Number(LIN), nickname: 'Lin' }]);
    expect(call('get_stranger_info', { user_id: Number(STRANGER) })).toMatchObject({ nickname: '路人' });
    expect(refusal(() => call('get_stranger_info', { user_id: '5' })).retcode).toBe(1200);
  });

  it('ends a friendship, and says valid false with status ok where there is none', () => {
    const { call, world } = scene();
    expect(call('delete_friend', { user_id: LIN })).toEqual({ result: 0, errMsg: '' });
    expect(world.directory.account(SELF).friends.has(LIN)).toBe(false);
    expect(call('delete_friend', { friend_id: LIN })).toMatchObject({ valid: false });
  });

  it('likes a profile; an account of ours hears of it', () => {
    const { call, world } = scene();
    const seen = listen(world, OTHER);
    expect(call('send_like', { user_id: OTHER, times: 3 })).toBeUndefined();
    expect(call('send_like', { user_id: LIN })).toBeUndefined();
    expect(seen).toMatchObject([{ sub_type: 'profile_like', operator_id: Number(SELF), times: 3 }]);
    expect(refusal(() => call('send_like', { user_id: '5' })).retcode).toBe(1200);
  });
});

describe('friend requests', () => {
  it('make friends when approved, which is the default', () => {
    const { call, world, frames } = scene();
    const { flag } = world.requests.friend(SELF, WEN, '我是阿文');
    expect(call('set_friend_add_request', { flag })).toBeUndefined();
    expect(frames.at(-1)).toMatchObject({ notice_type: 'friend_add', user_id: Number(WEN) });
    expect(world.directory.account(SELF).friends.has(WEN)).toBe(true);
  });

  it('do nothing when refused, unknown or answered before, and are ok all the same', () => {
    const { call, world } = scene();
    const { flag } = world.requests.friend(SELF, WEN, '');
    for (const params of [{ flag, approve: false }, { flag, approve: true }, { flag: '7' }]) {
      expect(call('set_friend_add_request', params)).toBeUndefined();
    }
    expect(world.directory.account(SELF).friends.has(WEN)).toBe(false);
  });

  it('of one second have different flags', () => {
    const { world } = scene();
    const flags = [WEN, STRANGER].map((userId) => world.requests.friend(SELF, userId, '').flag);
    expect(new Set(flags).size).toBe(2);
  });
});

describe('group requests', () => {
  it('let the applicant in when approved', () => {
    const { call, world, frames } = scene();
    world.notices.admin(GROUP, SELF, true);
    const flag = world.requests.groupAdd(GROUP, STRANGER, '口令')[0]?.flag;
    expect(call('get_group_system_msg')).toMatchObject({
      join_requests: [{ group_id: Number(GROUP), invitor_uin: Number(STRANGER), message: '口令', checked: false }],
      invited_requests: [],
    });
    expect(call('set_group_add_request', { flag })).toBeNull();
    expect(frames.at(-1)).toMatchObject({ notice_type: 'group_increase', user_id: Number(STRANGER) });
    expect(call('get_group_system_msg')).toMatchObject({ join_requests: [{ checked: true }] });
    call('set_group_add_request', { flag });
    expect(frames.filter((frame) => frame['notice_type'] === 'group_increase')).toHaveLength(1);
  });

  it('take the account into a group it is invited to', () => {
    const { call, world } = scene();
    world.directory.addGroup('5', '新群');
    const { flag } = world.requests.groupInvite(SELF, '5', LIN);
    const invited = { invited_requests: [{ group_id: 5, group_name: '新群', request_id: Number(flag) }] };
    expect(call('get_group_system_msg', { count: '10' })).toMatchObject(invited);
    call('set_group_add_request', { flag, approve: true });
    expect(world.directory.account(SELF).groups.has('5')).toBe(true);
  });

  it('leave the applicant out when refused', () => {
    const { call, world } = scene();
    world.notices.admin(GROUP, SELF, true);
    const flag = world.requests.groupAdd(GROUP, STRANGER, '')[0]?.flag;
    call('set_group_add_request', { flag, approve: false, reason: '满了' });
    expect(world.directory.group(GROUP).members.has(STRANGER)).toBe(false);
  });

  it('fail for an unknown flag', () => {
    expect(refusal(() => scene().call('set_group_add_request', { flag: '7' })).text).toBe('No such request');
  });
});
