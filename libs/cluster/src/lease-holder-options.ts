import type { Clock } from '@rookery/protocol';
import type { Lease, LeaseStore, NodeRecord } from './lease-store';

/**
 * `taken`       another node holds it now: our heartbeat had run out, or it was seized
 * `rebalanced`  placement wants it elsewhere, and we gave it up
 * `drained`     this node is leaving
 * `removed`     the key is not wanted any more
 */
export type LossReason = 'taken' | 'rebalanced' | 'drained' | 'removed';

export interface LeaseHolderEvents {
  gained: [lease: Lease, how: 'acquired' | 'seized'];
  /** The lease stays this node's, under a new epoch: the store began another life. */
  renumbered: [lease: Lease];
  /** From now on nothing may be done for the key. */
  lost: [lease: Lease, reason: LossReason];
  /** The leases may have run out, or the store began another life: nothing may be done for any key until `resumed`. */
  suspended: [];
  resumed: [];
  /** The keys that want a standby and that this node is to own or to stand by for, held or not; whenever that changes. */
  standbys: [keys: ReadonlySet<string>];
  /** Nodes came, went, or began to drain. */
  members: [nodes: readonly NodeRecord[]];
  /** The store does not answer; it is asked again. */
  trouble: [error: Error];
  /** It has left, and the store took so many leases not back: others may have them when they have run out. */
  kept: [leases: number];
}

export interface Wanted {
  readonly keys: readonly string[];
  /** Keys that an operator put on a node. */
  readonly pins?: ReadonlyMap<string, string>;
  /** Keys that want a second node that stands by. */
  readonly standbys?: ReadonlySet<string>;
}

export interface LeaseHolderOptions {
  readonly self: Omit<NodeRecord, 'draining'>;
  readonly store: LeaseStore;
  readonly clock: Clock;
  /** What the nodes of the realm share out; the same object as long as nothing has changed. */
  readonly wanted: () => Wanted;
  /** A key that is given up by choice is released when this resolves, or after `settleMs`. */
  readonly settled: (lease: Lease) => Promise<void>;
  /** Keys that stay here although placement wants them elsewhere (their NapCat has dialled this node). */
  readonly stays?: (key: string) => boolean;
  /** Tells the other nodes of the realm to `poke`. Losing it costs them a third of the time to live. */
  readonly announce: () => void;
  /** How long a dead node's keys stay with it, default 6 s. Renewed every third of it. */
  readonly ttlMs?: number;
  /** Default 5 s. */
  readonly settleMs?: number;
}
