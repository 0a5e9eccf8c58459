/** What a node tells of itself with each renewal. */
export interface NodeRecord {
  readonly node: string;
  /** Most keys it may hold. */
  readonly capacity: number;
  /** Failure domain (machine, rack, data centre); empty where nobody said. */
  readonly zone: string;
  /** It is leaving: it gets nothing, and all it holds is to move. */
  readonly draining: boolean;
}

/** The right to act for a key. `epoch` grows with each new holder of any key of the realm: a fencing token. */
export interface Lease {
  readonly key: string;
  readonly node: string;
  readonly epoch: number;
}

export interface Renewal {
  /** Nodes whose heartbeat is alive, this one included. */
  readonly nodes: readonly NodeRecord[];
  /**
   * Which life of the store this is, and what this node was told in it; to be shown at the next renewal. In another life the store was
   * restarted or failed over, and may have forgotten its last moments. Its leases have new epochs then, above all that were given
   * before, the forgotten ones too.
   */
  readonly table: string;
  /**
   * For so long nobody may act and no lease is given: after another life of the store began while nodes were alive, holders
   * that it has forgotten must first have noticed. 0 in normal life. Milliseconds.
   */
  readonly quietMs: number;
  /** Until the first heartbeat of the other nodes runs out unless it is renewed, milliseconds; undefined when there are none. */
  readonly nextExpiryMs: number | undefined;
  /**
   * All leases of this node, told when what it believes may be wrong: its heartbeat had run out, a lease was taken from it, or
   * the table is another one than it knew. Told until the node has shown that it heard. Undefined: nothing has changed that it did
   * not do itself.
   */
  readonly held: readonly Lease[] | undefined;
}

/**
 * Where leases live. One group of nodes (connectors, workers) and its keys (accounts, partitions) is one realm. A lease is
 * valid while its holder's heartbeat is, by the clock of the store: renewing any number of leases is one write.
 */
export interface LeaseStore {
  /** Heartbeat for the next `ttlMs`. `seen`: the `table` of the last renewal. Rejects when the store is away. */
  renew(self: NodeRecord, ttlMs: number, seen: string | undefined): Promise<Renewal>;
  /** Takes those of the keys that are this node's already, that nobody holds, or whose holder's heartbeat has run out. */
  acquire(node: string, keys: readonly string[]): Promise<readonly Lease[]>;
  /** Takes a key from whoever holds it. Undefined: this node's heartbeat has run out, or it is quiet. */
  seize(node: string, key: string): Promise<Lease | undefined>;
  /** Gives keys back at once; only what this node still holds under these epochs. */
  release(node: string, leases: readonly Lease[]): Promise<void>;
  /** The valid leases, for people and auditors. */
  all(): Promise<readonly Lease[]>;
  /** Ends the heartbeat: the node is gone at once, and whatever it held is free. */
  leave(node: string): Promise<void>;
}
