import {
  accountConversation,
  groupConversation,
  groupId,
  guildConversation,
  privateConversation,
  type ConversationKey,
  type Mutable,
  type NoticeEvent,
  type NoticeKind,
  type UserId,
} from '@rookery/protocol';
import { opaqueId, ownMessageId } from './message-event';
import type { Context } from './context';
import { NOTICES, type NoticeSpec } from './notice-table';
import { MalformedEvent, optionalId, optionalUser, stringOr, type Fields } from './values';

const COMMON = new Set([
  ...['time', 'self_id', 'post_type', 'notice_type', 'sub_type'],
  ...['group_id', 'user_id', 'operator_id', 'target_id', 'message_id'],
]);

/** Undefined when the kind of notice is one that we do not know. */
export function noticeEvent(frame: Fields, context: Context): NoticeEvent | undefined {
  const kind = kindOf(frame);
  if (kind === undefined) return undefined;
  const spec: NoticeSpec = NOTICES[kind];
  const group = optionalId(frame, 'group_id');
  if (spec.place === 'group' && group === undefined) throw new MalformedEvent('shape', `${kind} without group_id`);
  const user = optionalUser(frame, spec.user ?? 'user_id') ?? optionalUser(frame, 'user_id');
  const operator = optionalUser(frame, 'operator_id');
  const target = optionalUser(frame, 'target_id');
  const message = ownMessageId(frame);
  const sub = frame['sub_type'];
  // The kind decides the type of `fields`; the compiler cannot see that the table was asked with the same kind.
  const event = context.base(context.contentId(), conversationOf(frame, spec, context, group)) as Mutable<NoticeEvent>;
  event.type = 'notice';
  event.kind = kind;
  if (typeof sub === 'string') event.subType = sub;
  if (group !== undefined) event.groupId = groupId(group);
  if (user !== undefined) event.userId = user;
  if (operator !== undefined) event.operatorId = operator;
  if (target !== undefined) event.targetId = target;
  if (message !== undefined) event.messageId = message;
  event.fields = fieldsOf(frame, spec);
  return event as NoticeEvent;
}

function kindOf(frame: Fields): NoticeKind | undefined {
  const type = frame['notice_type'];
  if (typeof type !== 'string') throw new MalformedEvent('shape', 'notice_type is missing');
  const kind = type === 'notify' ? `notify.${stringOr(frame['sub_type'], '')}` : type;
  return Object.hasOwn(NOTICES, kind) ? (kind as NoticeKind) : undefined;
}

/** A notice about the account itself, or about nobody, belongs to the account. */
function conversationOf(
  frame: Fields,
  spec: NoticeSpec,
  { reader }: Context,
  group: string | undefined,
): ConversationKey {
  if (spec.place === 'guild') return guildConversation(opaqueId(frame, 'guild_id'), opaqueId(frame, 'channel_id'));
  if (group !== undefined) return groupConversation(reader.pool, groupId(group));
  const peer: UserId | undefined = optionalUser(frame, 'user_id') ?? optionalUser(frame, 'peer_id');
  return peer === undefined || peer === (reader.self as string)
    ? accountConversation(reader.self)
    : privateConversation(reader.self, peer);
}

/** Declared fields in their declared type, or left out; whatever else the frame holds as it came. */
function fieldsOf(frame: Fields, spec: NoticeSpec): Fields {
  const fields: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(frame)) {
    if (COMMON.has(key)) continue;
    const read = Object.hasOwn(spec.fields, key) ? spec.fields[key] : undefined;
    const item = read === undefined ? value : read(value);
    if (item !== undefined) fields[key] = item;
  }
  return fields;
}
