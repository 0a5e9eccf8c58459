import { DEFAULT_POOL, selfId, type AccountState } from '@rookery/protocol';
import type { ClusterPicture, WatchedAccount } from './survey';

const NONE = { waiting: 0, active: 0, delayed: 0, failed: 0 };
const LANES = { interactive: 0, normal: 0, bulk: 0, read: 0 };

/** For specs: a cluster in which all is well, but for what is said. */
export function picture(differences: Partial<ClusterPicture> = {}): ClusterPicture {
  return {
    at: 0,
    nodes: { connector: 1, worker: 1, console: 1 },
    accounts: [],
    partitionsUnowned: 0,
    queues: {
      events: NONE,
      actions: NONE,
      reads: NONE,
      inboundOldestSeconds: 0,
      outboundWaiting: LANES,
      outboundOldestSeconds: LANES,
    },
    deadLetters: 0,
    retries: 0,
    redis: { memoryBytes: 1, memoryLimitBytes: 0, persistenceOk: true, replicaLagBytes: 0, evictedKeys: 0 },
    ...differences,
  };
}

/** For specs: an account of the default pool. */
export function account(self: string, state: AccountState, more: Partial<WatchedAccount> = {}): WatchedAccount {
  return {
    self: selfId(self),
    pool: DEFAULT_POOL,
    mode: 'forward',
    source: 'file',
    wanted: 'started',
    version: 1,
    state,
    reason: `it is ${state}`,
    since: 0,
    isOwned: true,
    ...more,
  };
}
