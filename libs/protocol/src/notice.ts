import type { UserId } from './ids';

/** A file that a notice speaks of. Ids are handles of one NapCat process; sizes are decimal text, in bytes. */
export interface NoticeFile {
  readonly id?: string;
  readonly name?: string;
  readonly size?: string;
  readonly url?: string;
  readonly busid?: string;
}

export interface EmojiLike {
  readonly emojiId: string;
  readonly count: number;
}

type Opaque = Readonly<Record<string, unknown>>;

/**
 * What each kind of notice says beyond the common fields, under its OneBot names. Every field may be missing, since
 * implementations differ; what is present has the type written here. Kinds are `notice_type`, and `notify.<sub_type>`.
 */
export interface NoticeFields {
  group_upload: { readonly file?: NoticeFile };
  /** `subType`: set, unset. */
  group_admin: object;
  /** `subType`: leave, kick, kick_me, disband. */
  group_decrease: object;
  /** `subType`: approve, invite. The account's own join has `userId` = `self`. */
  group_increase: object;
  /** Seconds; -1 for a ban of the whole group, which has no `userId`; 0 when lifted. `subType`: ban, lift_ban. */
  group_ban: { readonly duration?: number };
  group_recall: object;
  friend_recall: object;
  friend_add: object;
  /** `userId` poked `targetId`. */
  'notify.poke': { readonly raw_info?: readonly unknown[] };
  'notify.lucky_king': object;
  'notify.honor': { readonly honor_type?: string };
  'notify.title': { readonly title?: string };
  'notify.group_name': { readonly name_new?: string };
  /** Very frequent. */
  'notify.input_status': { readonly event_type?: number; readonly status_text?: string };
  'notify.profile_like': { readonly operator_nick?: string; readonly times?: number };
  /** A grey system line with a real sender: how forged tips are spotted. `busi_id` and `content` are opaque. */
  'notify.gray_tip': { readonly busi_id?: string; readonly content?: string; readonly raw_info?: Opaque };
  group_card: { readonly card_new?: string; readonly card_old?: string };
  /** `subType`: add, delete. `sender_id` wrote the message, `operatorId` marked it. */
  essence: { readonly sender_id?: UserId };
  group_msg_emoji_like: { readonly likes?: readonly EmojiLike[]; readonly is_add?: boolean };
  /** QQ ended the login; the socket stays open. */
  bot_offline: { readonly tag?: string; readonly message?: string };
  offline_file: { readonly file?: NoticeFile };
  client_status: { readonly client?: Opaque; readonly online?: boolean };
  /** `subType`: receive, refuse. `userId` is the friend. */
  online_file_send: object;
  /** `subType`: cancel. `userId` is the friend. */
  online_file_receive: object;
  message_reactions_updated: { readonly current_reactions?: readonly unknown[] } & GuildPlace;
  channel_updated: { readonly old_info?: Opaque; readonly new_info?: Opaque } & GuildPlace;
  channel_created: { readonly channel_info?: Opaque } & GuildPlace;
  channel_destroyed: { readonly channel_info?: Opaque } & GuildPlace;
}

interface GuildPlace {
  readonly guild_id?: string;
  readonly channel_id?: string;
}

export type NoticeKind = keyof NoticeFields;
