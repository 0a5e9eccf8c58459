import type { ConversationKey, GroupId, PoolName, SelfId, UserId } from './ids';

/** The group as a pool sees it: every account of the pool in that group shares it, so copies meet in one mailbox. */
export function groupConversation(pool: PoolName, group: GroupId): ConversationKey {
  return `group:${pool}:${group}` as ConversationKey;
}

export function privateConversation(self: SelfId, user: UserId): ConversationKey {
  return `private:${self}:${user}` as ConversationKey;
}

/** Guild and channel ids are opaque text from other implementations; they are encoded so that a colon cannot forge a key. */
export function guildConversation(guild: string, channel: string): ConversationKey {
  return `guild:${encodeURIComponent(guild)}:${encodeURIComponent(channel)}` as ConversationKey;
}

/** Everything about an account that belongs to no chat: meta events, friend requests, kicks. */
export function accountConversation(self: SelfId): ConversationKey {
  return `account:${self}` as ConversationKey;
}

/**
 * The partition that carries a conversation: FNV-1a (32 bit) over the key's UTF-16 code units, modulo the number of
 * partitions. Part of the wire contract: a change would send one conversation to two consumers during an upgrade.
 */
export function partitionOf(conversation: ConversationKey, partitions: number): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < conversation.length; i++) {
    hash = Math.imul(hash ^ conversation.charCodeAt(i), 0x01000193);
  }
  return (hash >>> 0) % partitions;
}
