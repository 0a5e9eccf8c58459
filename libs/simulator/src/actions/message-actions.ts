import type { Frame } from '../world/account';
import type { Said } from '../world/conversation';
import { messageFrame } from '../world/message-frame';
import { ActionFailure, type Call, type Handler } from './call';
import { groupOf } from './group-actions';
import { kernelTimeout } from './kernel-text';
import { flagParam, idParam, numberParam, textParam } from './params';
import { forwardSingle, groupChat, privateChat, sendMessage } from './sending';

/** The message with this id, if this process still knows it. */
function messageById(call: Call, missing: string): Said {
  const said = call.account.ids.get(Number(call.params['message_id']));
  if (said === undefined) throw new ActionFailure(missing);
  return said;
}

const deleteMessage: Handler = (call) => {
  const said = messageById(call, 'Recall failed');
  const { account, world } = call;
  const { scene } = said.chat;
  const members = scene.kind === 'group' ? world.directory.group(scene.groupId).members : undefined;
  const isAdmin = (members?.get(account.self)?.role ?? 'member') !== 'member';
  // NapCat: lacking permission shows as a timeout.
  if (said.userId !== account.self && !isAdmin)
    throw new ActionFailure(kernelTimeout('NodeIKernelMsgService/recallMsg'));
  call.effect.seq = said.seq;
  if (scene.kind === 'group') call.effect.groupId = scene.groupId;
  world.recall(said, account.self);
  return null;
};

const getMessage: Handler = (call) => {
  const said = messageById(call, '消息不存在');
  if (said.recalled) throw new ActionFailure(kernelTimeout('NodeIKernelMsgService/getMsgsByMsgId'));
  return { ...frameOf(call, said), emoji_likes_list: [] };
};

function frameOf(call: Call, said: Said): Frame {
  return messageFrame(call.world.directory, call.account, said, 'array');
}

/** `message_seq` is a message_id; without it the newest. Messages come oldest first, and their ids are known again. */
function history(call: Call, all: readonly Said[]): unknown {
  const { params } = call;
  const anchorId = idParam(params, 'message_seq');
  const readable = all.filter((said) => !said.recalled);
  const anchor = anchorId === undefined ? undefined : call.account.ids.get(Number(anchorId));
  const at = anchor === undefined ? readable.length - 1 : readable.indexOf(anchor);
  if (anchorId !== undefined && (anchor === undefined || at < 0)) throw new ActionFailure(`消息${anchorId}不存在`);
  const count = numberParam(params, 'count', 20);
  const newer = flagParam(params, 'reverse_order', flagParam(params, 'reverseOrder', false)) && anchor !== undefined;
  const part = newer ? readable.slice(at, at + count) : readable.slice(Math.max(0, at + 1 - count), at + 1);
  return { messages: part.map((said) => frameOf(call, said)) };
}

const poke: Handler = (call) => {
  const { world, account, params } = call;
  const userId = textParam(params, 'user_id');
  const groupId = idParam(params, 'group_id');
  if (groupId === undefined) {
    world.notices.privatePoke(account.self, userId, account.self);
    call.effect.userId = userId;
  } else {
    world.notices.groupPoke(groupOf(call).groupId, account.self, idParam(params, 'target_id') ?? userId);
    call.effect.groupId = groupId;
  }
  return undefined;
};

const emojiLike: Handler = (call) => {
  const said = messageById(call, 'msg not found');
  call.world.notices.emojiLike(
    said,
    call.account.self,
    textParam(call.params, 'emoji_id'),
    flagParam(call.params, 'set', true),
  );
  return { result: 0, errMsg: '' };
};

const essence: Handler = (call) => {
  const said = messageById(call, 'msg not found');
  call.world.notices.essence(said, call.account.self);
  return { result: 0, errMsg: '' };
};

const getForward: Handler = (call) => {
  const id = idParam(call.params, 'message_id') ?? textParam(call.params, 'id');
  const said = call.account.ids.get(Number(id));
  const forward = said?.segments.find((segment) => segment.type === 'forward');
  const nodes = call.world.forwards.get(forward === undefined ? id : textParam(forward.data, 'id'));
  if (nodes === undefined) throw new ActionFailure('protocolFallbackLogic: 找不到相关的聊天记录');
  const time = call.world.directory.seconds;
  return {
    messages: nodes.map(({ data }) => ({
      self_id: Number(call.account.self),
      user_id: Number(data['user_id'] ?? call.account.self),
      time,
      sender: { user_id: Number(data['user_id'] ?? call.account.self), nickname: data['nickname'] ?? '', card: '' },
      message: data['content'],
      message_format: 'array',
      post_type: 'message',
    })),
  };
};

export const MESSAGE_ACTIONS: Readonly<Record<string, Handler>> = {
  send_msg: sendMessage,
  send_group_msg: sendMessage,
  send_private_msg: sendMessage,
  send_forward_msg: sendMessage,
  send_group_forward_msg: sendMessage,
  send_private_forward_msg: sendMessage,
  forward_group_single_msg: forwardSingle,
  forward_friend_single_msg: forwardSingle,
  delete_msg: deleteMessage,
  get_msg: getMessage,
  get_group_msg_history: (call) => history(call, groupChat(call).history),
  get_friend_msg_history: (call) => history(call, privateChat(call, textParam(call.params, 'user_id')).history),
  get_forward_msg: getForward,
  send_poke: poke,
  group_poke: poke,
  friend_poke: poke,
  set_msg_emoji_like: emojiLike,
  set_essence_msg: essence,
};
