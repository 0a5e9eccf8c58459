/**
 * Who holds what: nodes of one kind share out keys (connectors: accounts, workers: partitions).
 *
 * member     a node whose heartbeat is alive
 * placement  who *should* hold a key: computed by every node for itself, from the members and the keys alone
 * lease      who *does* hold it, until when, under which epoch; kept by a LeaseStore
 * epoch      grows with each new holder: what checks it (a fence) can refuse a holder that does not know yet that it is none
 *
 * Promises: `LeaseHolder.holds` is true on at most one node for a key at a time, as long as clocks run at the same speed; a fault
 * of one node moves that node's keys and no others. Pure: time, store and announcements are passed in. May import protocol.
 */
export { LeaseHolder } from './lease-holder';
export type { LossReason, Wanted } from './lease-holder-options';
export type { Lease, LeaseStore, NodeRecord, Renewal } from './lease-store';
export { place } from './placement';
