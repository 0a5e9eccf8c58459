import { actionSpec } from './actions/catalogue';
import type { Action } from './action';
import { accountConversation, groupConversation, guildConversation, privateConversation } from './conversation';
import { groupId, isDecimalId, userId, type ConversationKey, type PoolName, type SelfId, type Chat } from './ids';

/**
 * What an action does, as far as limits care: a message to a group or channel, a message to a person, a file, a light sign (poke,
 * like, emoji), something that changes a group or a friendship, and all the rest, which nobody else sees (marks, status, caches).
 */
export const ACTION_KINDS = ['group', 'private', 'file', 'reaction', 'moderation', 'other'] as const;
export type ActionKind = (typeof ACTION_KINDS)[number];

type Acting = Pick<Action, 'name' | 'params' | 'conversation'>;

const REACTIONS = /poke|like|emoji|sign$/;
const FILES = /^(?:upload_.*_file|trans_group_file|send_online_file|create_flash_task)$/;
const QUIET = /^(?:_?mark_|set_input_status|clean_|set_(?:diy_)?online_status|download_|get_|can_|_set_model)/;

/**
 * The chat that an action reaches, as its own account sees it: what the parameters name, else the conversation it was asked in.
 * Unit of order, of the conversation's limits and of holds.
 */
export function chatOf({ name, params, conversation }: Acting): Chat {
  const group = idOf(params['group_id']);
  const user = idOf(params['user_id']);
  const isPrivate = name.includes('_private_') || params['message_type'] === 'private' || name === 'friend_poke';
  const [guild, channel] = [params['guild_id'], params['channel_id']];
  if (typeof guild === 'string' && typeof channel === 'string') {
    return chat(`guild:${encodeURIComponent(guild)}:${encodeURIComponent(channel)}`);
  }
  if (group !== undefined && !(isPrivate && user !== undefined)) return chat(`group:${group}`);
  if (user !== undefined) return chat(`private:${user}`);
  return conversation === undefined ? chat('account') : chatIn(conversation);
}

export function actionKind(name: string, reached: Chat): ActionKind {
  if (actionSpec(name)?.sends === true || /^(?:send|forward)_.*msg/.test(name)) {
    if (FILES.test(name)) return 'file';
    return reached.startsWith('private:') ? 'private' : 'group';
  }
  if (FILES.test(name)) return 'file';
  if (REACTIONS.test(name)) return 'reaction';
  return QUIET.test(name) ? 'other' : 'moderation';
}

/** The conversation that a chat is for an account of a pool. */
export function conversationAt(reached: Chat, self: SelfId, pool: PoolName): ConversationKey {
  const [place, first = '', second = ''] = reached.split(':');
  switch (place) {
    case 'group':
      return groupConversation(pool, groupId(first));
    case 'private':
      return privateConversation(self, userId(first));
    case 'guild':
      return guildConversation(decodeURIComponent(first), decodeURIComponent(second));
    default:
      return accountConversation(self);
  }
}

function chatIn(conversation: ConversationKey): Chat {
  const [place, first, second] = conversation.split(':');
  if (place === 'guild') return chat(`guild:${first}:${second}`);
  return place === 'group' || place === 'private' ? chat(`${place}:${second}`) : chat('account');
}

const chat = (text: string): Chat => text as Chat;

function idOf(value: unknown): string | undefined {
  const text = typeof value === 'number' ? String(value) : value;
  return typeof text === 'string' && isDecimalId(text) && text !== '0' ? text : undefined;
}
