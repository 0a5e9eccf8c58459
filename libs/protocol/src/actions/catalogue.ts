import type { ActionSpec, ActionTable } from './action-spec';
import { ACCOUNT_ACTIONS, type AccountActions } from './generated/account';
import { EXTENSION_ACTIONS, type ExtensionActions } from './generated/extension';
import { FILE_ACTIONS, type FileActions } from './generated/file';
import { FRIEND_ACTIONS, type FriendActions } from './generated/friend';
import { GROUP_ACTIONS, type GroupActions } from './generated/group';
import { GUILD_ACTIONS, type GuildActions } from './generated/guild';
import { MESSAGE_ACTIONS, type MessageActions } from './generated/message';
import { PACKET_ACTIONS, type PacketActions } from './generated/packet';
import { STREAM_ACTIONS, type StreamActions } from './generated/stream';
import { SYSTEM_ACTIONS, type SystemActions } from './generated/system';

interface Catalogue
  extends
    AccountActions,
    ExtensionActions,
    FileActions,
    FriendActions,
    GroupActions,
    GuildActions,
    MessageActions,
    PacketActions,
    StreamActions,
    SystemActions {}

/** Name of an action that NapCat registers. Others can still be called; only their parameters are not known. */
export type ActionName = keyof Catalogue;
export type ActionParams<Name extends ActionName> = Catalogue[Name]['params'];
/**
 * What the action returns according to NapCat; not checked at run time. Integers beyond 2^53 arrive as decimal text, also
 * where the type says number.
 */
export type ActionData<Name extends ActionName> = Catalogue[Name]['data'];

export const ACTIONS: ActionTable<ActionName> = {
  ...ACCOUNT_ACTIONS,
  ...EXTENSION_ACTIONS,
  ...FILE_ACTIONS,
  ...FRIEND_ACTIONS,
  ...GROUP_ACTIONS,
  ...GUILD_ACTIONS,
  ...MESSAGE_ACTIONS,
  ...PACKET_ACTIONS,
  ...STREAM_ACTIONS,
  ...SYSTEM_ACTIONS,
};

/** What NapCat does not have and we send nevertheless: the answer in a channel, which only go-cqhttp knows. */
const ELSEWHERE: ActionTable<'send_guild_channel_msg'> = {
  send_guild_channel_msg: {
    kind: 'write',
    sends: true,
    params: { guild_id: 'text!', channel_id: 'text!', message: 'message!' },
  },
};

/** Undefined for an action that the table does not know. */
export function actionSpec(name: string): ActionSpec | undefined {
  if (Object.hasOwn(ACTIONS, name)) return ACTIONS[name as ActionName];
  return name === 'send_guild_channel_msg' ? ELSEWHERE[name] : undefined;
}
