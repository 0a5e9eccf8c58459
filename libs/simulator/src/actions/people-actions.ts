import type { PendingRequest } from '../world/requests';
import { ActionFailure, type Call, type Handler } from './call';
import { flagParam, numberParam, textParam } from './params';

const friendList: Handler = ({ account, world }) =>
  [...account.friends].map((userId) => ({
    user_id: Number(userId),
    nickname: world.directory.nickname(userId),
    remark: '',
    sex: 'unknown',
    age: 0,
    level: 0,
  }));

const strangerInfo: Handler = ({ world, params }) => {
  const userId = textParam(params, 'user_id');
  if (!world.directory.knows(userId)) throw new ActionFailure('无法获取用户信息');
  return {
    user_id: Number(userId),
    uid: `u_${userId}`,
    nickname: world.directory.nickname(userId),
    age: 0,
    qid: '',
    qqLevel: 0,
    sex: 'unknown',
    long_nick: '',
    reg_time: 0,
    is_vip: false,
    is_years_vip: false,
    vip_level: 0,
    remark: '',
    status: 10,
    login_days: 0,
  };
};

/** NapCat does not look at the result: an unknown flag is answered with ok. */
const answerFriend: Handler = (call) => {
  const request = call.world.requests.find(call.account.self, textParam(call.params, 'flag'));
  if (request !== undefined && request.approved === undefined) {
    request.approved = flagParam(call.params, 'approve', true);
    call.effect.userId = request.userId;
    if (request.approved) call.world.notices.friendAdd(request.self, request.userId);
  }
  return undefined;
};

const answerGroup: Handler = (call) => {
  const request = call.world.requests.find(call.account.self, textParam(call.params, 'flag'));
  if (request?.groupId === undefined) throw new ActionFailure('No such request');
  if (request.approved === undefined) {
    request.approved = flagParam(call.params, 'approve', true);
    const newcomer = request.kind === 'group.add' ? request.userId : request.self;
    if (request.approved) call.world.notices.increase(request.groupId, newcomer, call.account.self);
  }
  call.effect.groupId = request.groupId;
  return null;
};

function listed(call: Call, kind: PendingRequest['kind']) {
  const { world, account } = call;
  return world.requests
    .of(account.self)
    .filter((request) => request.kind === kind)
    .slice(-numberParam(call.params, 'count', 50))
    .map((request) => ({
      request_id: Number(request.flag),
      invitor_uin: Number(request.userId),
      invitor_nick: world.directory.nickname(request.userId),
      group_id: Number(request.groupId),
      message: request.comment,
      group_name: world.directory.groups.get(request.groupId ?? '')?.name ?? '',
      checked: request.approved !== undefined,
      actor: 0,
      requester_nick: world.directory.nickname(request.userId),
    }));
}

const like: Handler = (call) => {
  const userId = textParam(call.params, 'user_id');
  if (!call.world.directory.knows(userId)) throw new ActionFailure('点赞失败 对方不存在');
  call.effect.userId = userId;
  if (call.world.directory.accounts.has(userId)) {
    call.world.notices.profileLike(userId, call.account.self, numberParam(call.params, 'times', 1));
  }
  return undefined;
};

export const PEOPLE_ACTIONS: Readonly<Record<string, Handler>> = {
  get_friend_list: friendList,
  get_stranger_info: strangerInfo,
  set_friend_add_request: answerFriend,
  set_group_add_request: answerGroup,
  get_group_system_msg: (call) => {
    const invited = listed(call, 'group.invite');
    return { invited_requests: invited, InvitedRequest: invited, join_requests: listed(call, 'group.add') };
  },
  delete_friend: (call) => {
    const userId = textParam(call.params, 'user_id') || textParam(call.params, 'friend_id');
    if (!call.account.friends.has(userId)) return { valid: false, message: '不是好友' };
    call.world.directory.unfriend(call.account.self, userId);
    return { result: 0, errMsg: '' };
  },
  send_like: like,
};
