import type { ConversationKey, GroupId, PoolName, SelfId, UserId } from './ids';

/** Somebody or something to send to. */
export type Target = { readonly group: GroupId } | { readonly user: UserId };

/** What a stored value belongs to. Each plugin has its own values in each scope. */
export type StorageScope =
  | { readonly kind: 'user'; readonly user: UserId }
  | { readonly kind: 'conversation'; readonly conversation: ConversationKey }
  | { readonly kind: 'account'; readonly self: SelfId }
  | { readonly kind: 'pool'; readonly pool: PoolName }
  | { readonly kind: 'global' };

/**
 * One operation on the values of a plugin in a scope. Values are JSON texts. `ttlMs`: forgotten after so many milliseconds;
 * without it the value stays.
 */
export type StorageOperation =
  | { readonly op: 'get'; readonly name: string }
  | { readonly op: 'set'; readonly name: string; readonly value: string; readonly ttlMs?: number }
  /** Only when the present value is `expected`; null: only when there is none. */
  | {
      readonly op: 'swap';
      readonly name: string;
      readonly expected: string | null;
      readonly value: string;
      readonly ttlMs?: number;
    }
  | { readonly op: 'delete'; readonly name: string }
  /** To a whole number; what is not there counts as 0, and `ttlMs` counts from then on. */
  | { readonly op: 'add'; readonly name: string; readonly by: number; readonly ttlMs?: number }
  /** As `add`, but written with others some seconds later; what a worker that is killed had not written is lost. Answered with `done`. */
  | { readonly op: 'tally'; readonly name: string; readonly by: number; readonly ttlMs?: number }
  /** `after`: only names behind this one. */
  | { readonly op: 'list'; readonly prefix: string; readonly limit: number; readonly after?: string };

export interface StorageRequest {
  readonly scope: StorageScope;
  readonly operation: StorageOperation;
}

export type StorageAnswer =
  /** JSON, or null where nothing is stored. Of `swap`, when it did not take place: what is there. Of `add`: the sum. */
  | { readonly kind: 'value'; readonly value: string | null }
  /** It was set, swapped or deleted. */
  | { readonly kind: 'done' }
  /** In the order of their names. */
  | { readonly kind: 'list'; readonly entries: readonly { readonly name: string; readonly value: string }[] };

export interface StorageLimits {
  /** Bytes of names and values, of one plugin in one scope. */
  readonly bytes: number;
  /** Names, of one plugin in one scope. */
  readonly names: number;
}

/** Of every scope alike: one group, one person, one account. */
export const STORAGE_LIMITS: StorageLimits = { bytes: 256 * 1024, names: 1_000 };
/** Characters of a name. */
export const STORAGE_NAME_MAX = 200;
/** Most entries of one list. */
export const STORAGE_LIST_MAX = 100;
