import { isDecimalId } from '../ids';
import { actionSpec, type ActionName } from './catalogue';
import { nearest } from './nearest';

type Known = ActionName | 'send_guild_channel_msg';

/**
 * What each action does, as far as it matters who may have it done. `read` changes nothing that anybody would miss; `send` posts what people
 * see, or marks something as read; `moderate` changes a group or takes from it; `account` changes who the account is, what it is a member of
 * and whom it knows; `dangerous` reaches beyond QQ: the login, the process of NapCat, or files of its machine.
 */
export const ACTION_CLASSES = {
  read: [
    '.ocr_image',
    'ArkShareGroup',
    'ArkSharePeer',
    '_get_group_notice',
    '_get_model_show',
    'can_send_image',
    'can_send_record',
    'check_url_safely',
    'download_file_image_stream',
    'download_file_record_stream',
    'download_file_stream',
    'fetch_custom_face',
    'fetch_custom_face_detail',
    'fetch_emoji_like',
    'fetch_ptt_text',
    'get_ai_characters',
    'get_ai_record',
    'get_collection_list',
    'get_doubt_friends_add_request',
    'get_emoji_likes',
    'get_essence_msg_list',
    'get_file',
    'get_fileset_id',
    'get_fileset_info',
    'get_flash_file_list',
    'get_flash_file_url',
    'get_forward_msg',
    'get_friend_list',
    'get_friend_msg_history',
    'get_friends_with_category',
    'get_group_album_media_list',
    'get_group_at_all_remain',
    'get_group_detail_info',
    'get_group_file_system_info',
    'get_group_file_url',
    'get_group_files_by_folder',
    'get_group_honor_info',
    'get_group_ignore_add_request',
    'get_group_ignored_notifies',
    'get_group_info',
    'get_group_info_ex',
    'get_group_list',
    'get_group_member_info',
    'get_group_member_list',
    'get_group_msg_history',
    'get_group_root_files',
    'get_group_shut_list',
    'get_group_signed_list',
    'get_group_system_msg',
    'get_guild_list',
    'get_guild_service_profile',
    'get_image',
    'get_login_info',
    'get_mini_app_ark',
    'get_msg',
    'get_online_clients',
    'get_online_file_msg',
    'get_private_file_url',
    'get_profile_like',
    'get_qun_album_list',
    'get_recent_contact',
    'get_record',
    'get_robot_uin_range',
    'get_share_link',
    'get_status',
    'get_stranger_info',
    'get_unidirectional_friend_list',
    'get_version_info',
    'nc_get_packet_status',
    'nc_get_user_status',
    'ocr_image',
    'send_ark_share',
    'send_group_ark_share',
    'test_download_stream',
    'translate_en2zh',
  ],
  send: [
    '_mark_all_as_read',
    'cancel_group_album_media_like',
    'cancel_online_file',
    'click_inline_keyboard_button',
    'complete_group_todo',
    'create_flash_task',
    'do_group_album_comment',
    'forward_friend_single_msg',
    'forward_group_single_msg',
    'friend_poke',
    'group_poke',
    'mark_group_msg_as_read',
    'mark_msg_as_read',
    'mark_private_msg_as_read',
    'refuse_online_file',
    'send_flash_msg',
    'send_forward_msg',
    'send_group_ai_record',
    'send_group_forward_msg',
    'send_group_msg',
    'send_group_sign',
    'send_guild_channel_msg',
    'send_like',
    'send_msg',
    'send_online_file',
    'send_online_folder',
    'send_poke',
    'send_private_forward_msg',
    'send_private_msg',
    'set_group_album_media_like',
    'set_group_sign',
    'set_input_status',
    'set_msg_emoji_like',
    'upload_file_stream',
    'upload_group_file',
    'upload_image_to_qun_album',
    'upload_private_file',
  ],
  moderate: [
    '_del_group_notice',
    '_send_group_notice',
    'cancel_group_todo',
    'create_group_file_folder',
    'del_group_album_media',
    'delete_essence_msg',
    'delete_group_file',
    'delete_group_folder',
    'delete_msg',
    'move_group_file',
    'rename_group_file',
    'set_essence_msg',
    'set_group_add_option',
    'set_group_add_request',
    'set_group_admin',
    'set_group_ban',
    'set_group_card',
    'set_group_kick',
    'set_group_kick_members',
    'set_group_member_invite_policy',
    'set_group_member_permissions',
    'set_group_name',
    'set_group_new_member_history_visibility',
    'set_group_portrait',
    'set_group_robot_add_option',
    'set_group_search',
    'set_group_special_title',
    'set_group_todo',
    'set_group_whole_ban',
    'trans_group_file',
  ],
  account: [
    '_set_model_show',
    'add_custom_face',
    'create_collection',
    'delete_custom_face',
    'delete_friend',
    'delete_qzone_msg',
    'send_qzone_msg',
    'set_custom_face_desc',
    'set_diy_online_status',
    'set_doubt_friends_add_request',
    'set_friend_add_request',
    'set_friend_remark',
    'set_group_leave',
    'set_group_remark',
    'set_online_status',
    'set_qq_avatar',
    'set_qq_profile',
    'set_self_longnick',
  ],
  dangerous: [
    '.handle_quick_operation',
    'bot_exit',
    'clean_cache',
    'clean_stream_temp_file',
    'download_file',
    'download_fileset',
    'get_clientkey',
    'get_cookies',
    'get_credentials',
    'get_csrf_token',
    'get_rkey',
    'get_rkey_server',
    'nc_get_rkey',
    'receive_online_file',
    'send_packet',
    'set_restart',
  ],
} as const satisfies Readonly<Record<string, readonly Known[]>>;

export type ActionClass = keyof typeof ACTION_CLASSES;

/** Does not compile while an action of the catalogue has no class: the name that is missing stands in the error. */
type Unclassified = Exclude<Known, (typeof ACTION_CLASSES)[ActionClass][number]>;
const ALL_HAVE_A_CLASS: [Unclassified] extends [never] ? true : Unclassified = true;

/** What a plugin may not do just because it is there. `mention-all`: to have everybody of a group notified. */
export const PLUGIN_RIGHTS = ['moderate', 'account', 'dangerous', 'mention-all'] as const;
export type PluginRight = (typeof PLUGIN_RIGHTS)[number];

/** What a plugin can declare, and an operator grant: a right, or one action by its name. */
export type PluginNeed = PluginRight | ActionName;

const CLASS_OF: ReadonlyMap<string, ActionClass> = new Map(
  ALL_HAVE_A_CLASS &&
    Object.entries(ACTION_CLASSES).flatMap(([is, names]) => names.map((name) => [name, is as ActionClass] as const)),
);

/** An action that nobody has looked at may do anything. */
export function actionClass(name: string): ActionClass {
  return CLASS_OF.get(name) ?? 'dangerous';
}

/** The rights that an action takes; empty for what every plugin may do. */
export function rightsFor({
  name,
  params,
}: {
  readonly name: string;
  readonly params: Readonly<Record<string, unknown>>;
}): readonly PluginRight[] {
  const is = actionClass(name);
  if (is === 'read') return [];
  const own: readonly PluginRight[] = is === 'send' ? [] : [is];
  return mentionsAll(params) ? [...own, 'mention-all'] : own;
}

/** Whether a message, or anything that holds one, mentions everybody. Text never does: outgoing messages are segments. */
export function mentionsAll(value: unknown): boolean {
  // Not by recursion: what comes from a plugin may be nested as deep as it likes.
  const open: unknown[] = [value];
  for (let next = open.pop(); next !== undefined || open.length > 0; next = open.pop()) {
    if (typeof next !== 'object' || next === null) continue;
    if (isMentionOfAll(next as Readonly<Record<string, unknown>>)) return true;
    for (const part of Object.values(next)) if (typeof part === 'object' && part !== null) open.push(part);
  }
  return false;
}

function isMentionOfAll({ type, data, message }: Readonly<Record<string, unknown>>): boolean {
  // Ours are arrays. Text would be read as CQ codes by NapCat, and only code that goes around the kit can send it.
  if (typeof message === 'string') return /\[CQ:at,[^\]]*=all/.test(message);
  if (type !== 'at' || typeof data !== 'object' || data === null) return false;
  const whom = String((data as Readonly<Record<string, unknown>>)['qq']);
  return whom === '0' || !isDecimalId(whom);
}

/** What is wrong with a need or a grant; undefined when it can be meant. */
export function needProblem(need: string): string | undefined {
  if ((PLUGIN_RIGHTS as readonly string[]).includes(need) || actionSpec(need) !== undefined) return undefined;
  const meant = nearest(need, [...PLUGIN_RIGHTS, ...CLASS_OF.keys()]);
  if (meant !== undefined) return `did you mean ${meant}?`;
  // Other implementations have actions that the table does not know.
  if (/^[._]?[A-Za-z][A-Za-z0-9_]{0,99}$/.test(need) && need.includes('_')) return undefined;
  return `it must be ${PLUGIN_RIGHTS.join(', ')}, or the name of an action`;
}
