import {
  isDecimalId,
  userId,
  type EmojiLike,
  type NoticeFields,
  type NoticeFile,
  type NoticeKind,
  type UserId,
} from '@rookery/protocol';
import { idText, isFields, stringOr, type Fields } from './values';

/** Reads a value as the declared type; undefined when it is of another one. */
type Read<T> = (value: unknown) => T | undefined;

export interface NoticeSpec {
  /** `group`: without a group id it is malformed. `any`: in a group when it names one. */
  readonly place: 'group' | 'any' | 'guild';
  /** The field that names the person, where that is not `user_id`. */
  readonly user?: 'sender_id' | 'peer_id';
  readonly fields: Readonly<Record<string, Read<unknown>>>;
}

type Table = {
  readonly [K in NoticeKind]: NoticeSpec & {
    readonly fields: { readonly [F in keyof NoticeFields[K]]-?: Read<NonNullable<NoticeFields[K][F]>> };
  };
};

const text: Read<string> = (value) => (typeof value === 'string' ? value : undefined);
const number: Read<number> = (value) => (typeof value === 'number' && Number.isFinite(value) ? value : undefined);
const flag: Read<boolean> = (value) => (typeof value === 'boolean' ? value : undefined);
const list: Read<readonly unknown[]> = (value) => (Array.isArray(value) ? (value as unknown[]) : undefined);
const record: Read<Fields> = (value) => (isFields(value) ? value : undefined);
const user: Read<UserId> = (value) => {
  const id = idText(value);
  return id === undefined || id === '0' ? undefined : userId(id);
};
/** Guild ids: text that may be longer than any number. */
const opaque: Read<string> = (value) => text(value) ?? idText(value);

const file: Read<NoticeFile> = (value) => {
  if (!isFields(value)) return undefined;
  const read: Record<string, string> = {};
  for (const key of ['id', 'name', 'size', 'url', 'busid'] as const) {
    const item = text(value[key]) ?? idText(value[key]);
    if (item !== undefined && (key !== 'size' || isDecimalId(item))) read[key] = item;
  }
  return read;
};

const likes: Read<readonly EmojiLike[]> = (value) => {
  if (!Array.isArray(value)) return undefined;
  return (value as unknown[]).filter(isFields).map((like) => ({
    emojiId: stringOr(like['emoji_id'], idText(like['emoji_id']) ?? ''),
    count: number(like['count']) ?? 1,
  }));
};

const guildPlace = { guild_id: opaque, channel_id: opaque };

/** Every kind of notice that we know. A kind missing here does not compile; a frame of another kind is `unknown`. */
export const NOTICES: Table = {
  group_upload: { place: 'group', fields: { file } },
  group_admin: { place: 'group', fields: {} },
  group_decrease: { place: 'group', fields: {} },
  group_increase: { place: 'group', fields: {} },
  group_ban: { place: 'group', fields: { duration: number } },
  group_recall: { place: 'group', fields: {} },
  friend_recall: { place: 'any', fields: {} },
  friend_add: { place: 'any', fields: {} },
  // In a private chat user_id is the other party, whoever poked; sender_id is the poker.
  'notify.poke': { place: 'any', user: 'sender_id', fields: { raw_info: list } },
  'notify.lucky_king': { place: 'group', fields: {} },
  'notify.honor': { place: 'group', fields: { honor_type: text } },
  'notify.title': { place: 'group', fields: { title: text } },
  'notify.group_name': { place: 'group', fields: { name_new: text } },
  'notify.input_status': { place: 'any', fields: { event_type: number, status_text: text } },
  'notify.profile_like': { place: 'any', fields: { operator_nick: text, times: number } },
  'notify.gray_tip': { place: 'group', fields: { busi_id: text, content: text, raw_info: record } },
  group_card: { place: 'group', fields: { card_new: text, card_old: text } },
  essence: { place: 'group', fields: { sender_id: user } },
  group_msg_emoji_like: { place: 'group', fields: { likes, is_add: flag } },
  bot_offline: { place: 'any', fields: { tag: text, message: text } },
  offline_file: { place: 'any', fields: { file } },
  client_status: { place: 'any', fields: { client: record, online: flag } },
  online_file_send: { place: 'any', user: 'peer_id', fields: {} },
  online_file_receive: { place: 'any', user: 'peer_id', fields: {} },
  message_reactions_updated: { place: 'guild', fields: { ...guildPlace, current_reactions: list } },
  channel_updated: { place: 'guild', fields: { ...guildPlace, old_info: record, new_info: record } },
  channel_created: { place: 'guild', fields: { ...guildPlace, channel_info: record } },
  channel_destroyed: { place: 'guild', fields: { ...guildPlace, channel_info: record } },
};
