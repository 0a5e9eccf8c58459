import { describe, expect, it } from '@jest/globals';
import { FakeClock } from '@rookery/testing';
import { caller, fixture, GROUP, LIN, listen, OTHER, refusal, SELF, stage, STRANGER, WEN } from '../testing/stage';
import { ACTIONS } from './action-table';

function scene(role: 'owner' | 'admin' | 'member' = 'admin') {
  const { world } = stage(FakeClock);
  const me = world.directory.group(GROUP).members.get(SELF);
  if (me !== undefined) me.role = role;
  const frames = listen(world, SELF);
  const call = caller(world);
  const group = world.directory.group(GROUP);
  return { world, frames, call, group, member: (userId: string) => group.members.get(userId) };
}
const target = { group_id: GROUP, user_id: WEN };

describe('reading groups', () => {
  it('lists the groups that the account is in', () => {
    const { world, call } = scene();
    world.directory.addGroup('5', '别人的群');
    expect(call('get_group_list')).toMatchObject([
      { group_id: Number(GROUP), group_name: '晚风小组', member_count: 4 },
    ]);
  });

  it('describes a group and its members with the declared fields', () => {
    const { call } = scene();
    const info = call('get_group_info', { group_id: Number(GROUP) }) as object;
    expect(Object.keys(info)).toEqual(expect.arrayContaining(Object.keys(ACTIONS['get_group_info']?.data ?? {})));
    const member = call('get_group_member_info', { group_id: GROUP, user_id: Number(LIN) }) as object;
    expect(member).toMatchObject({ user_id: Number(LIN), nickname: 'Lin', card: '值日生 Lin', role: 'owner' });
    expect(Object.keys(member)).toEqual(
      expect.arrayContaining(Object.keys(ACTIONS['get_group_member_info']?.data ?? {})),
    );
    expect(call('get_group_member_list', { group_id: GROUP })).toContainEqual(member);
  });

  it('tells of a whole-group ban and of muted members', () => {
    const { world, call } = scene();
    world.notices.wholeBan(GROUP, LIN, true);
    world.notices.ban(GROUP, WEN, LIN, 60);
    expect(call('get_group_info', { group_id: GROUP })).toMatchObject({ group_all_shut: -1 });
    expect(call('get_group_shut_list', { group_id: GROUP })).toMatchObject([{ uin: WEN }]);
  });

  it('fails for a group or member that does not exist', () => {
    const { call } = scene();
    expect(refusal(() => call('get_group_info', { group_id: '5' })).text).toBe('群5不存在');
    expect(refusal(() => call('get_group_member_info', { group_id: GROUP, user_id: STRANGER })).retcode).toBe(1200);
  });
});

describe('set_group_ban', () => {
  it('mutes for the duration in seconds, and without one lifts the ban', () => {
    const { call, member, world, frames } = scene();
    call('set_group_ban', { ...target, duration: '600' });
    expect(member(WEN)?.mutedUntil).toBe(world.directory.seconds + 600);
    call('set_group_ban', target);
    expect(member(WEN)?.mutedUntil).toBe(0);
    expect(frames.map((frame) => frame['sub_type'])).toEqual(['ban', 'lift_ban']);
  });

  it.each([
    ['a member', 'member', WEN, '操作失败：没有管理员权限'],
    ['an admin towards the owner', 'admin', LIN, 'cannot ban owner'],
    ['an admin towards an admin', 'admin', OTHER, 'cannot ban admin'],
  ] as const)('is refused to %s', (_, role, userId, text) => {
    const { call, world } = scene(role);
    world.notices.admin(GROUP, OTHER, true);
    expect(refusal(() => call('set_group_ban', { ...target, user_id: userId, duration: 60 })).text).toBe(text);
  });

  it('is granted to the owner towards an admin', () => {
    const { call, world, member } = scene('owner');
    world.notices.admin(GROUP, WEN, true);
    call('set_group_ban', { ...target, duration: 60 });
    expect(member(WEN)?.mutedUntil).toBeGreaterThan(0);
  });
});

describe('checked group settings', () => {
  it.each([
    ['set_group_whole_ban', { group_id: GROUP }],
    ['set_group_name', { group_id: GROUP, group_name: '新' }],
    ['set_group_card', { ...target, card: '新' }],
  ])('%s is refused to a member', (action, params) => {
    expect(refusal(() => scene('member').call(action, params)).text).toContain('没有管理员权限');
  });

  it('whole ban is on unless enable says otherwise', () => {
    const { call, group } = scene();
    call('set_group_whole_ban', { group_id: GROUP });
    expect(group.wholeBan).toBe(true);
    call('set_group_whole_ban', { group_id: GROUP, enable: 'false' });
    expect(group.wholeBan).toBe(false);
  });

  it('a name and cards are changed and reported', () => {
    const { call, group, frames } = scene();
    call('set_group_name', { group_id: GROUP, group_name: '新名' });
    call('set_group_card', { ...target, card: '小文' });
    expect([group.name, group.members.get(WEN)?.card]).toEqual(['新名', '小文']);
    expect(frames).toMatchObject([{ name_new: '新名' }, { card_new: '小文', card_old: '' }]);
  });

  it('everybody may change the own card', () => {
    const { call, member } = scene('member');
    call('set_group_card', { group_id: GROUP, user_id: SELF, card: '我' });
    expect(member(SELF)?.card).toBe('我');
  });
});

describe('unchecked group settings answer ok whether or not they worked', () => {
  it.each([
    ['member', true],
    ['admin', false],
  ] as const)('a kick by a %s leaves the member in: %p', (role, stays) => {
    const { call, group } = scene(role);
    expect(call('set_group_kick', target)).toBeNull();
    expect(group.members.has(WEN)).toBe(stays);
  });

  it('several members are kicked by one call', () => {
    const { call, group } = scene();
    expect(call('set_group_kick_members', { group_id: GROUP, user_id: [WEN, OTHER, '5'] })).toBeNull();
    expect([...group.members.keys()]).toEqual([LIN, SELF]);
  });

  it('an admin is made by the owner only, and removed when enable is left out', () => {
    const { call, member } = scene('owner');
    call('set_group_admin', { ...target, enable: true });
    expect(member(WEN)?.role).toBe('admin');
    call('set_group_admin', target);
    expect(member(WEN)?.role).toBe('member');
    const other = scene('admin');
    expect(other.call('set_group_admin', { ...target, enable: true })).toBeNull();
    expect(other.member(WEN)?.role).toBe('member');
  });

  it('a title is given by the owner only', () => {
    const { call, member } = scene('owner');
    expect(call('set_group_special_title', { ...target, special_title: '台长' })).toBeUndefined();
    expect(member(WEN)?.title).toBe('台长');
    const other = scene('admin');
    other.call('set_group_special_title', { ...target, special_title: '台长' });
    expect(other.member(WEN)?.title).toBe('');
  });

  it('leaving is reported once, and a second time does nothing', () => {
    const { call, frames, world } = scene('member');
    expect([call('set_group_leave', { group_id: GROUP }), call('set_group_leave', { group_id: GROUP })]).toEqual([
      null,
      null,
    ]);
    expect(frames).toMatchObject([{ notice_type: 'group_decrease', sub_type: 'leave', user_id: Number(SELF) }]);
    expect(world.directory.account(SELF).groups.size).toBe(0);
  });
});

describe('every implemented answer', () => {
  it('has the fields that the table declares', () => {
    const { world, call } = scene();
    const said = world.say(LIN, { group: GROUP }, '一');
    const message_id = world.directory.account(SELF).ids.register(said);
    const params = { group_id: GROUP, user_id: LIN, message_id, count: 5 };
    for (const { name, kind, returns } of fixture<{ name: string; kind: string; returns: string }[]>('actions.json')) {
      const declared = ACTIONS[name]?.data;
      if (kind !== 'read' || !/^\w*\{/.test(returns) || name.startsWith('download_') || name === 'get_forward_msg')
        continue;
      const required = Object.entries(ACTIONS[name]?.params ?? {}).filter(([, param]) => param.required);
      const missing = Object.fromEntries(
        required.map(([key, param]) => [key, param.accepts[0] === 'array' ? [] : 'x']),
      );
      const data = call(name, { ...missing, ...params }) as object;
      const fields = Array.isArray(data) ? [] : Object.keys(Array.isArray(declared) ? {} : (declared as object));
      expect(Object.keys(data)).toEqual(expect.arrayContaining(fields));
    }
  });
});
