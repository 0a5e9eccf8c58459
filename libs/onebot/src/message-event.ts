import {
  groupConversation,
  groupId,
  guildConversation,
  messageId,
  messageSeq,
  privateConversation,
  userId,
  type ConversationKey,
  type MessageEvent,
  type MessageId,
  type MessageSeq,
  type Mutable,
  type Scene,
  type Sender,
} from '@rookery/protocol';
import { messageEventId } from './event-id';
import { FRAME_LIMITS } from './frame';
import { matchedText, normalizeMessage } from './message';
import type { Context } from './context';
import { idText, isFields, MalformedEvent, optionalId, requiredId, stringOr, type Fields } from './values';

/** Undefined when `message_type` is one that we do not know. */
export function messageEvent(frame: Fields, context: Context): MessageEvent | undefined {
  const { reader } = context;
  const author = requiredId(frame, 'user_id');
  // In a guild the account has another id than its QQ number.
  const own = frame['post_type'] === 'message_sent' || author === reader.self || author === frame['self_tiny_id'];
  const scene = sceneOf(frame, own);
  if (scene === undefined) return undefined;

  const segments = normalizeMessage(frame['message']);
  if (segments === undefined) throw new MalformedEvent('message', 'message is neither text nor an array of segments');
  if (segments.length > FRAME_LIMITS.maxSegments) throw new MalformedEvent('segments', `${segments.length} segments`);

  const id = ownMessageId(frame);
  const seq = sequence(frame);
  const anonymous = anonymousOf(frame['anonymous']);
  const reference = seq === undefined ? (id === undefined ? undefined : { id }) : { seq };
  const eventId = reference === undefined ? context.contentId() : messageEventId(reader.self, scene, reference);
  // Filled in one by one: conditional spreads cost more than everything else here.
  const event: Mutable<MessageEvent> = {
    id: eventId,
    self: reader.self,
    pool: reader.pool,
    conversation: conversationOf(scene, context),
    time: context.time,
    receivedAt: reader.receivedAt,
    type: 'message',
    scene,
    subType: stringOr(frame['sub_type'], ''),
    sender: senderOf(userId(author), frame['sender'], anonymous?.name),
    segments,
    text: matchedText(segments),
    own,
  };
  if (id !== undefined) event.messageId = id;
  if (seq !== undefined) event.seq = seq;
  if (anonymous !== undefined) event.anonymous = anonymous;
  if (reader.filled === true) event.filled = true;
  if (reader.keepRaw === true) event.raw = frame;
  return event;
}

function sceneOf(frame: Fields, own: boolean): Scene | undefined {
  switch (frame['message_type']) {
    case 'group': {
      const group = optionalId(frame, 'group_id');
      if (group === undefined) throw new MalformedEvent('shape', 'a group message without group_id');
      const name = frame['group_name'];
      if (typeof name !== 'string') return { kind: 'group', groupId: groupId(group) };
      return { kind: 'group', groupId: groupId(group), groupName: name };
    }
    case 'private': {
      // Own messages name the other party in target_id; user_id is then the account itself.
      const target = own ? optionalId(frame, 'target_id') : undefined;
      const via = optionalId(frame, 'group_id');
      return {
        kind: 'private',
        userId: userId(target ?? requiredId(frame, 'user_id')),
        ...(via !== undefined && { viaGroup: groupId(via) }),
      };
    }
    case 'guild':
      return { kind: 'guild', guildId: opaqueId(frame, 'guild_id'), channelId: opaqueId(frame, 'channel_id') };
    default:
      if (typeof frame['message_type'] !== 'string') throw new MalformedEvent('shape', 'message_type is missing');
      return undefined;
  }
}

function conversationOf(scene: Scene, { reader }: Context): ConversationKey {
  switch (scene.kind) {
    case 'group':
      return groupConversation(reader.pool, scene.groupId);
    case 'private':
      return privateConversation(reader.self, scene.userId);
    case 'guild':
      return guildConversation(scene.guildId, scene.channelId);
  }
}

/** Free text in some implementations, and negative in go-cqhttp. */
export function ownMessageId(frame: Fields): MessageId | undefined {
  const value = frame['message_id'];
  if (value === undefined || value === null || value === '') return undefined;
  const text = typeof value === 'number' && Number.isSafeInteger(value) ? String(value) : value;
  if (typeof text !== 'string' || text.length > 200) throw new MalformedEvent('id', 'message_id is no id');
  return messageId(text);
}

/**
 * The sequence number. NapCat: `real_seq` (its `message_seq` is a copy of message_id). LLBot and go-cqhttp: `message_seq`,
 * which then differs from message_id. Zero means that there is none.
 */
function sequence(frame: Fields): MessageSeq | undefined {
  const real = idText(frame['real_seq']);
  if (real !== undefined) return real === '0' ? undefined : messageSeq(real);
  const told = idText(frame['message_seq']);
  if (told === undefined || told === '0' || told === idText(frame['message_id'])) return undefined;
  return messageSeq(told);
}

function senderOf(user: Sender['userId'], value: unknown, anonymousName: string | undefined): Sender {
  const fields = isFields(value) ? value : {};
  const { role, title } = fields;
  const sender: Mutable<Sender> = {
    userId: user,
    nickname: stringOr(fields['nickname'], anonymousName ?? ''),
    card: stringOr(fields['card'], ''),
  };
  if (role === 'owner' || role === 'admin' || role === 'member') sender.role = role;
  if (typeof title === 'string' && title !== '') sender.title = title;
  return sender;
}

function anonymousOf(value: unknown): MessageEvent['anonymous'] {
  if (!isFields(value)) return undefined;
  return { id: idText(value['id']) ?? '', name: stringOr(value['name'], ''), flag: stringOr(value['flag'], '') };
}

/** Guild and channel ids exceed 2^53 and are opaque text; a number is accepted where it is still exact. */
export function opaqueId(frame: Fields, key: string): string {
  const value = frame[key];
  const text = typeof value === 'string' ? value : idText(value);
  if (text === undefined || text === '' || text.length > 100) throw new MalformedEvent('id', `${key} is no id`);
  return text;
}
