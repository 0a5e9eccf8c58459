import type { Segment } from '@rookery/protocol';
import { asReceived } from '../world/content';
import type { Chat, Said } from '../world/conversation';
import { parseRaw, rawMessage } from '../world/raw-message';
import { ActionFailure, type Call, type Handler } from './call';
import { kernelRefusal } from './kernel-text';
import { flagParam, idParam } from './params';

/** Segments that NapCat takes and drops without a word. */
const DROPPED = new Set(['xml', 'poke', 'miniapp', 'onlinefile', 'flashtransfer']);
/** Segments that it builds into a message. Any other type fails the whole call. */
const SENDABLE = new Set(
  'text at reply face mface image record video file json markdown dice rps music contact location forward'.split(' '),
);
const MEDIA = new Set(['image', 'record', 'video', 'file']);

/** send_msg, send_group_msg, send_private_msg and their forward forms. */
export const sendMessage: Handler = (call) => {
  const chat = target(call);
  const wanted = messageOf(call);
  if (wanted.some((segment) => segment.type === 'node')) return sendForward(call, chat, wanted);
  const segments = wanted.flatMap((segment) => built(call, chat, segment));
  if (segments.length === 0) throw new ActionFailure('消息体无法解析, 请检查是否发送了不支持的消息类型');
  const said = deliver(call, chat, segments);
  return { message_id: call.account.ids.register(said) };
};

/** forward_group_single_msg and forward_friend_single_msg: the message as it was, to another chat. */
export const forwardSingle: Handler = (call) => {
  const said = call.account.ids.get(Number(call.params['message_id']));
  if (said === undefined) throw new ActionFailure('无法找到消息');
  const userId = idParam(call.params, 'user_id');
  deliver(call, userId === undefined ? groupChat(call) : privateChat(call, userId), said.segments);
  return null;
};

/** Says it in the chat if QQ lets the account speak there, and notes for the audit what was said where. */
export function deliver(call: Call, chat: Chat, segments: readonly Segment[]): Said {
  const { account, world, effect } = call;
  refuseIfSilenced(call, chat);
  const said = world.append(chat, account.self, segments);
  effect.messageId = account.ids.register(said);
  effect.seq = said.seq;
  effect.text = rawMessage(said.segments);
  if (chat.scene.kind === 'group') effect.groupId = chat.scene.groupId;
  else effect.userId = chat.peerOf(account.self) ?? account.self;
  return said;
}

function refuseIfSilenced(call: Call, chat: Chat): void {
  const { account, world } = call;
  if (!account.online) throw new ActionFailure(kernelRefusal(1006514, 'network unavailable'));
  if (chat.scene.kind === 'private') return;
  const group = world.directory.group(chat.scene.groupId);
  const member = group.members.get(account.self);
  if (member === undefined) throw new ActionFailure(kernelRefusal(110, '你已被移出该群，请重新加群'));
  if (group.silences(member, world.directory.seconds))
    throw new ActionFailure(kernelRefusal(120, '发送失败，你已被禁言'));
}

/** group_id wins over user_id unless the name or message_type says otherwise. */
function target(call: Call): Chat {
  const { action, params } = call;
  const type = action.includes('_group_') ? 'group' : action.includes('_private_') ? 'private' : params['message_type'];
  const userId = idParam(params, 'user_id');
  if (type === 'group' || (type !== 'private' && idParam(params, 'group_id') !== undefined)) return groupChat(call);
  if (userId === undefined) throw new ActionFailure('请指定正确的 group_id 或 user_id');
  return privateChat(call, userId);
}

export function groupChat(call: Call): Chat {
  const groupId = idParam(call.params, 'group_id');
  if (groupId === undefined) throw new ActionFailure('请指定正确的 group_id 或 user_id');
  const group = call.world.directory.groups.get(groupId);
  if (group === undefined) throw new ActionFailure(kernelRefusal(110, '你已被移出该群，请重新加群'));
  return group.chat;
}

/** Friends are written to directly, members of a common group through a temporary session when group_id names it. */
export function privateChat(call: Call, userId: string): Chat {
  const { account, world } = call;
  if (!world.directory.knows(userId)) throw new ActionFailure('无法获取用户信息');
  if (account.friends.has(userId)) return world.directory.privateChat(account.self, userId);
  const groupId = idParam(call.params, 'group_id');
  const members = groupId === undefined ? undefined : world.directory.groups.get(groupId)?.members;
  if (groupId !== undefined && members?.has(userId) && members.has(account.self)) {
    return world.directory.privateChat(account.self, userId, groupId);
  }
  throw new ActionFailure(kernelRefusal(16, '请先添加对方为好友'));
}

function messageOf(call: Call): Segment[] {
  const message = call.params['message'] ?? call.params['messages'];
  if (typeof message === 'string') {
    return flagParam(call.params, 'auto_escape', false)
      ? [{ type: 'text', data: { text: message } }]
      : parseRaw(message);
  }
  const parts: readonly unknown[] = Array.isArray(message) ? message : [message];
  return parts.map((part) => {
    if (typeof part !== 'object' || part === null || !('type' in part))
      throw new ActionFailure('未知的消息类型：undefined');
    const data = 'data' in part && typeof part.data === 'object' && part.data !== null ? part.data : {};
    return { type: String(part.type), data: { ...data } };
  });
}

/** The segment as the others will see it; nothing where NapCat drops it. */
function built(call: Call, chat: Chat, segment: Segment): Segment[] {
  const { type, data } = segment;
  if (DROPPED.has(type)) return [];
  if (!SENDABLE.has(type)) throw new ActionFailure(`未知的消息类型：${type}`);
  if (type === 'at') return mention(call, chat, data);
  if (type === 'reply') {
    const seq = quotedSeq(call, chat, data);
    return seq === undefined ? [] : [{ type, data: { seq } }];
  }
  if (MEDIA.has(type) && typeof data['file'] !== 'string' && typeof data['url'] !== 'string') {
    throw new ActionFailure('文件消息缺少参数');
  }
  return [asReceived(segment)];
}

function mention(call: Call, chat: Chat, data: Segment['data']): Segment[] {
  const qq = idParam(data, 'qq');
  if (qq === undefined || chat.scene.kind === 'private') return [];
  const members = call.world.directory.group(chat.scene.groupId).members;
  if (qq !== 'all' && !members.has(qq)) throw new ActionFailure('Get Uid Error');
  return [{ type: 'at', data: { qq } }];
}

/** `seq` wins over `id`; a quote of something unknown is dropped and the rest is sent. */
function quotedSeq(call: Call, chat: Chat, data: Segment['data']): string | undefined {
  const seq = idParam(data, 'seq');
  if (seq !== undefined) return chat.bySeq(seq) === undefined ? undefined : seq;
  const quoted = call.account.ids.get(Number(data['id']));
  return quoted?.chat === chat ? quoted.seq : undefined;
}

function sendForward(call: Call, chat: Chat, nodes: readonly Segment[]): unknown {
  if (nodes.some((segment) => segment.type !== 'node')) {
    throw new ActionFailure('转发消息不能和普通消息混在一起发送,转发需要保证message只有type为node的元素', 1400);
  }
  const { account, world } = call;
  const resId = `res-${chat.key}-${world.forwards.size + 1}`;
  world.forwards.set(resId, nodes);
  const said = deliver(call, chat, [{ type: 'forward', data: { id: resId } }]);
  return { message_id: account.ids.register(said), res_id: resId, forward_id: resId };
}
