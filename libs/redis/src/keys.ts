import type { ActionId, BroadcastId, SelfId } from '@rookery/protocol';

/**
 * Every key that Rookery writes, and nothing else builds keys. What is in braces is the Redis Cluster hash tag: all keys of one
 * partition share a slot, and all keys of one account share another, so that every script stays in one slot and the load
 * spreads over the masters.
 */
export const PREFIX = 'rookery';

/** Hash tag of a partition's queue and memory. */
export const partitionTag = (partition: number): string => `{p${partition}}`;
/** Hash tag of an account's queues, claims and limits. */
export const accountTag = (self: SelfId): string => `{a${self}}`;

/** A group of nodes of one kind and the keys that they share out. */
export type Realm = 'accounts' | 'partitions' | 'watch';

export const keys = {
  /** Hash: what all nodes must agree on (`partitions`, `seed`). */
  cluster: (): string => `${PREFIX}:cluster`,
  /** Stream: what nodes did with events, bounded. */
  trace: (): string => `${PREFIX}:trace`,
  /** Hash: alarm → since when, and when it was told, as JSON. */
  alarms: (): string => `${PREFIX}:alarms`,
  /** Hash: account number → its registration as JSON; `@version` → how often the registry changed. */
  accounts: (): string => `${PREFIX}:accounts`,
  /** Hash: account number → its state and the connector that says so, as JSON. */
  accountStatus: (): string => `${PREFIX}:account-status`,
  /** Stream: transitions of account states, all accounts, bounded. */
  accountEvents: (): string => `${PREFIX}:account-events`,
  /** Hash: group → sequence and time of its last message that the account has seen. */
  seenSequences: (self: SelfId): string => `${PREFIX}:${accountTag(self)}:seen-sequences`,
  /** String: who claimed an action (`open …`), or its result as JSON (after `unknown ` where that may still be decided). */
  claim: (self: SelfId, action: ActionId): string => `${PREFIX}:${accountTag(self)}:claim:${action}`,
  /** String: breakers and mutes of an account as JSON. */
  holds: (self: SelfId): string => `${PREFIX}:${accountTag(self)}:holds`,
  /** Hash: action id → when it was claimed and what to look for, of actions whose outcome is not known. */
  openActions: (self: SelfId): string => `${PREFIX}:${accountTag(self)}:open-actions`,
  /** Sorted set: ids of messages that the account was answered to have sent, by time; of some minutes. */
  sentMessages: (self: SelfId): string => `${PREFIX}:${accountTag(self)}:sent-messages`,
  /** BullMQ's keys of the queue of a partition's envelopes. */
  events: (partition: number, part: string): string => `${PREFIX}:events-${partitionTag(partition)}:${part}`,
  /** BullMQ's keys of the queue of ticks. */
  schedules: (part: string): string => `${PREFIX}:schedules-{schedules}:${part}`,
  /** BullMQ's keys of the queue of an account's actions. */
  outgoing: (self: SelfId, part: string): string => `${PREFIX}:actions-${accountTag(self)}:${part}`,
  /** BullMQ's keys of the queue of an account's reads. */
  reading: (self: SelfId, part: string): string => `${PREFIX}:reads-${accountTag(self)}:${part}`,
  /** Sorted set: accounts that something was asked of, by when that was noted last. */
  actionAccounts: (): string => `${PREFIX}:action-accounts`,
  /** What else is kept of an account's outgoing actions; the scripts in scripts/outgoing say what. */
  sending: (self: SelfId, part: string): string => `${PREFIX}:${accountTag(self)}:${part}`,
  /** Hash: scope → what was said at run time about its limits, as JSON; `@version` → how often that changed. */
  limits: (): string => `${PREFIX}:limits`,
  /** Number: the highest epoch under which an account was held. */
  fence: (self: SelfId): string => `${PREFIX}:${accountTag(self)}:fence`,
  /** Hash: node → its record and the end of its heartbeat. */
  leaseNodes: (realm: Realm): string => `${PREFIX}:{leases-${realm}}:nodes`,
  /** Hash: account or partition → epoch and node. */
  leases: (realm: Realm): string => `${PREFIX}:{leases-${realm}}:leases`,
  /** Hash: what the table of leases knows of itself. */
  leaseRealm: (realm: Realm): string => `${PREFIX}:{leases-${realm}}:realm`,
  /** Hash: reference of an event → the copy that was taken, and whether it is settled. */
  settled: (partition: number): string => `${PREFIX}:${partitionTag(partition)}:settled`,
  /** Sorted set: the same references by the time of their last change. */
  settledAge: (partition: number): string => `${PREFIX}:${partitionTag(partition)}:settled-age`,
  /** Hash: group conversation → the account that answers there now. */
  assignees: (partition: number): string => `${PREFIX}:${partitionTag(partition)}:assignees`,
  /** Hash: group conversation → the account that an operator wants to answer there. */
  assignments: (): string => `${PREFIX}:assignments`,
  /** Sorted set: failed handlings by the time of their next attempt. */
  retries: (partition: number): string => `${PREFIX}:${partitionTag(partition)}:retries`,
  /** Hash: the same handlings as JSON. */
  retryEntries: (partition: number): string => `${PREFIX}:${partitionTag(partition)}:retry-entries`,
  /** Hash: how often each was handed out. */
  retryTakes: (partition: number): string => `${PREFIX}:${partitionTag(partition)}:retry-takes`,
  /** Hash: handlings that are not tried again by themselves, as JSON. */
  deadLetters: (): string => `${PREFIX}:{dead-letters}:letters`,
  /** Sorted set: the same by the time at which they were given up. */
  deadLetterAge: (): string => `${PREFIX}:{dead-letters}:age`,
  /** Sorted set: the broadcasts that are kept, by the time of their making. */
  broadcasts: (partition: number): string => `${PREFIX}:${partitionTag(partition)}:broadcasts`,
  /** Set: those of them that have not ended. */
  openBroadcasts: (partition: number): string => `${PREFIX}:${partitionTag(partition)}:broadcasts-open`,
  /** Hash: what is to be sent, what is wanted of the broadcast, how far it is. */
  broadcast: (partition: number, id: BroadcastId): string => `${PREFIX}:${partitionTag(partition)}:broadcast:${id}`,
  /** Hash: target → whether it waits, is in hand or has ended, and the accounts that can reach it. */
  broadcastTargets: (partition: number, id: BroadcastId): string =>
    `${PREFIX}:${partitionTag(partition)}:broadcast-targets:${id}`,
  /** Hash: target in hand → account, attempt, times. */
  broadcastHands: (partition: number, id: BroadcastId): string =>
    `${PREFIX}:${partitionTag(partition)}:broadcast-hands:${id}`,
  /** Hash: account whose groups and friends are known → how many targets it can reach. */
  broadcastAccounts: (partition: number, id: BroadcastId): string =>
    `${PREFIX}:${partitionTag(partition)}:broadcast-accounts:${id}`,
  /** List: targets that this account can reach, also such as another one has taken meanwhile. */
  broadcastQueue: (partition: number, id: BroadcastId, self: SelfId): string =>
    `${PREFIX}:${partitionTag(partition)}:broadcast-queue:${id}:${self}`,
  /** List: targets that were not reached, newest first, bounded. */
  broadcastFailures: (partition: number, id: BroadcastId): string =>
    `${PREFIX}:${partitionTag(partition)}:broadcast-failures:${id}`,
  /** String: who began a cooldown; gone when it is over. */
  cooldown: (key: string): string => `${PREFIX}:cooldown:${encodeURIComponent(key)}`,
  /** Hash: what operators have set about plugins; `@version` → how often it changed. */
  pluginSettings: (): string => `${PREFIX}:plugin-settings`,
  /** Hash: plugin → what it declares, as JSON, as the last worker that loaded it says; `@<node>` → what that worker has loaded, and what not. */
  plugins: (): string => `${PREFIX}:plugins`,
  /** Hash: the values of one plugin in one scope; those of a conversation in the slot of its partition. */
  storage: (plugin: string, { of, partition }: { readonly of: string; readonly partition?: number }): string =>
    `${PREFIX}:${partition === undefined ? '' : `${partitionTag(partition)}:`}storage:${encodeURIComponent(plugin)}:${of}`,
  /** Hash: handlings that wait for an answer, as JSON. */
  asks: (partition: number): string => `${PREFIX}:${partitionTag(partition)}:asks`,
} as const;
