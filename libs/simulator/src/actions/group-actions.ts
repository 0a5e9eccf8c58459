import type { Group, Member } from '../world/group';
import { ActionFailure, type Call, type Handler } from './call';
import { flagParam, numberParam, textParam } from './params';

/** The group that the request names. */
export function groupOf(call: Call): Group {
  const groupId = textParam(call.params, 'group_id');
  const group = call.world.directory.groups.get(groupId);
  if (group === undefined) throw new ActionFailure(`群${groupId}不存在`);
  call.effect.groupId = groupId;
  return group;
}

function memberOf(call: Call, group: Group): Member {
  const userId = textParam(call.params, 'user_id');
  const member = group.members.get(userId);
  if (member === undefined) throw new ActionFailure(`群(${group.groupId})成员${userId}不存在`);
  call.effect.userId = userId;
  return member;
}

const roleOf = (call: Call, group: Group) => group.members.get(call.account.self)?.role ?? 'member';

function requireAdmin(call: Call, group: Group): void {
  if (roleOf(call, group) === 'member') throw new ActionFailure('操作失败：没有管理员权限');
}

function groupInfo(group: Group) {
  return {
    group_all_shut: group.wholeBan ? -1 : 0,
    group_remark: '',
    group_id: Number(group.groupId),
    group_name: group.name,
    member_count: group.members.size,
    max_member_count: 500,
  };
}

function memberInfo(call: Call, group: Group, member: Member) {
  return {
    group_id: Number(group.groupId),
    user_id: Number(member.userId),
    nickname: call.world.directory.nickname(member.userId),
    card: member.card,
    sex: 'unknown',
    age: 0,
    area: '',
    level: '1',
    qq_level: 0,
    join_time: member.joinedAt,
    last_sent_time: member.lastSentAt,
    title_expire_time: 0,
    unfriendly: false,
    card_changeable: true,
    is_robot: false,
    shut_up_timestamp: member.mutedUntil,
    role: member.role,
    title: member.title,
  };
}

const ban: Handler = (call) => {
  const group = groupOf(call);
  const member = memberOf(call, group);
  requireAdmin(call, group);
  if (member.role === 'owner') throw new ActionFailure('cannot ban owner');
  if (member.role === 'admin' && roleOf(call, group) !== 'owner') throw new ActionFailure('cannot ban admin');
  // NapCat: without duration the ban is lifted.
  call.world.notices.ban(group.groupId, member.userId, call.account.self, numberParam(call.params, 'duration', 0));
  return null;
};

const wholeBan: Handler = (call) => {
  const group = groupOf(call);
  requireAdmin(call, group);
  call.world.notices.wholeBan(group.groupId, call.account.self, flagParam(call.params, 'enable', true));
  return null;
};

/** NapCat does not look at the result: without the right nothing happens and the answer is ok all the same. */
const kick: Handler = (call) => {
  const group = groupOf(call);
  const userId = textParam(call.params, 'user_id');
  call.effect.userId = userId;
  if (roleOf(call, group) !== 'member' && group.members.has(userId)) {
    call.world.notices.decrease(group.groupId, userId, call.account.self, 'kick');
  }
  return null;
};

const kickMany: Handler = (call) => {
  const users = call.params['user_id'];
  for (const userId of Array.isArray(users) ? users.map(String) : []) {
    kick({ ...call, params: { ...call.params, user_id: userId } });
  }
  return null;
};

/** Unchecked as well, and without `enable` the admin is removed. */
const admin: Handler = (call) => {
  const group = groupOf(call);
  const userId = textParam(call.params, 'user_id');
  call.effect.userId = userId;
  if (roleOf(call, group) === 'owner' && group.members.has(userId) && userId !== call.account.self) {
    call.world.notices.admin(group.groupId, userId, flagParam(call.params, 'enable', false));
  }
  return null;
};

const card: Handler = (call) => {
  const group = groupOf(call);
  const member = memberOf(call, group);
  if (member.userId !== call.account.self) requireAdmin(call, group);
  call.world.notices.card(group.groupId, member.userId, textParam(call.params, 'card'));
  return null;
};

const rename: Handler = (call) => {
  const group = groupOf(call);
  requireAdmin(call, group);
  call.world.notices.rename(group.groupId, call.account.self, textParam(call.params, 'group_name'));
  return null;
};

const title: Handler = (call) => {
  const group = groupOf(call);
  const member = memberOf(call, group);
  if (roleOf(call, group) === 'owner') {
    call.world.notices.title(group.groupId, member.userId, textParam(call.params, 'special_title'));
  }
  return undefined;
};

const leave: Handler = (call) => {
  const group = groupOf(call);
  if (group.members.has(call.account.self)) {
    call.world.notices.decrease(group.groupId, call.account.self, call.account.self, 'leave');
  }
  return null;
};

const joined = (call: Call) => [...call.account.groups].map((groupId) => call.world.directory.group(groupId));

export const GROUP_ACTIONS: Readonly<Record<string, Handler>> = {
  get_group_list: (call) => joined(call).map(groupInfo),
  get_group_info: (call) => groupInfo(groupOf(call)),
  get_group_member_list: (call) => {
    const group = groupOf(call);
    return [...group.members.values()].map((member) => memberInfo(call, group, member));
  },
  get_group_member_info: (call) => {
    const group = groupOf(call);
    return memberInfo(call, group, memberOf(call, group));
  },
  get_group_shut_list: (call) =>
    [...groupOf(call).members.values()]
      .filter((member) => member.mutedUntil > call.world.directory.seconds)
      .map((member) => ({ uid: `u_${member.userId}`, uin: member.userId, shutUpTime: member.mutedUntil })),
  set_group_ban: ban,
  set_group_whole_ban: wholeBan,
  set_group_kick: kick,
  set_group_kick_members: kickMany,
  set_group_admin: admin,
  set_group_card: card,
  set_group_name: rename,
  set_group_special_title: title,
  set_group_leave: leave,
};
