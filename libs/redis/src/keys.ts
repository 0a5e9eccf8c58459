import type { ActionId, SelfId } from '@rookery/protocol';

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

export const keys = {
  /** Hash: what all nodes must agree on (`partitions`). */
  cluster: (): string => `${PREFIX}:cluster`,
  /** Hash: account number → status as JSON. */
  accountStatus: (): string => `${PREFIX}:account-status`,
  /** String: who claimed an action, or its result as JSON. */
  claim: (self: SelfId, action: ActionId): string => `${PREFIX}:${accountTag(self)}:claim:${action}`,
} as const;
