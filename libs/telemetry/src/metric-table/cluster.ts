import { ACCOUNT_STATES, APPS, LANES } from '@rookery/protocol';
import { REALMS, type MetricSpec } from './spec';

/** Leases and messages between nodes, as each node sees them. */
export const LEASE_METRICS = {
  rookery_members: {
    type: 'gauge',
    help: 'Living nodes that share out the keys of a realm',
    labels: { realm: REALMS },
  },
  rookery_leases_held: {
    type: 'gauge',
    help: 'Accounts or partitions that this node holds; `watch` is the right to look at the whole cluster',
    labels: { realm: REALMS },
  },
  rookery_leases_gained_total: {
    type: 'counter',
    help: 'Accounts or partitions that this node got, by how it got them',
    labels: { realm: REALMS, reason: ['acquired', 'seized'] },
  },
  rookery_leases_lost_total: {
    type: 'counter',
    help: 'Accounts or partitions that this node gave up or lost, by reason',
    labels: { realm: REALMS, reason: ['taken', 'rebalanced', 'drained', 'removed'] },
  },
  rookery_leases_suspended_total: {
    type: 'counter',
    help: 'Times that this node stopped acting because Redis did not confirm its leases in time',
    labels: { realm: REALMS },
  },
  rookery_notices_total: {
    type: 'counter',
    help: 'Notices to people by way, and whether they could be told',
    labels: { channel: ['webhook', 'mail', 'message'], result: ['told', 'failed'] },
  },
  rookery_stale_epochs_total: {
    type: 'counter',
    help: 'Actions that were refused to this node because a newer holder of the account is known',
    labels: {},
  },
  rookery_control_refused_total: {
    type: 'counter',
    help: 'Control messages between nodes that were not accepted or failed, by reason',
    labels: { reason: ['malformed', 'unknown', 'not_ours', 'ask', 'failed'] },
  },
} as const satisfies Record<string, MetricSpec>;

/**
 * What is true of the cluster as a whole. Exported by one node at a time, the one that holds the lease of realm `watch`, and
 * absent on all others: sum over the instances, or take the maximum.
 */
export const CLUSTER_METRICS = {
  rookery_cluster_looked_seconds: {
    type: 'gauge',
    help: 'When the cluster was looked at last, seconds since 1970',
    labels: {},
  },
  rookery_cluster_nodes: {
    type: 'gauge',
    help: 'Processes whose control channel is open, by app',
    labels: { app: APPS },
  },
  rookery_cluster_accounts: {
    type: 'gauge',
    help: 'Accounts of the cluster, by state; those without a connector are `stopped` or `connecting`',
    labels: { state: ACCOUNT_STATES },
  },
  rookery_cluster_accounts_unowned: {
    type: 'gauge',
    help: 'Accounts that are wanted and that no connector holds',
    labels: {},
  },
  rookery_cluster_partitions_unowned: { type: 'gauge', help: 'Partitions that no worker holds', labels: {} },
  rookery_queue_jobs: {
    type: 'gauge',
    help: 'Jobs in Redis: envelopes of events, paced actions, reads. `delayed` is apart from `waiting`',
    labels: { queue: ['events', 'actions', 'reads'], state: ['waiting', 'active', 'delayed', 'failed'] },
  },
  rookery_inbound_oldest_seconds: {
    type: 'gauge',
    help: 'Age of the oldest envelope that no worker has taken; 0 when none waits',
    labels: {},
  },
  rookery_outbound_waiting: { type: 'gauge', help: 'Actions that wait to be sent, by lane', labels: { lane: LANES } },
  rookery_outbound_oldest_seconds: {
    type: 'gauge',
    help: 'Age of the oldest action that waits to be sent, by lane; 0 when none waits',
    labels: { lane: LANES },
  },
  rookery_dead_letters: { type: 'gauge', help: 'Dead letters that are kept', labels: {} },
  rookery_retries_waiting: { type: 'gauge', help: 'Failed handlings that wait for another attempt', labels: {} },
  rookery_alarms: { type: 'gauge', help: 'Alarms that people were told of and that still last', labels: {} },
  rookery_redis_memory_bytes: { type: 'gauge', help: 'Memory that Redis uses', labels: {} },
  rookery_redis_memory_limit_bytes: { type: 'gauge', help: '`maxmemory` of Redis; 0 when there is none', labels: {} },
  rookery_redis_persistence_ok: {
    type: 'gauge',
    help: '1 while Redis writes its append-only file, or its snapshots, without an error',
    labels: {},
  },
  rookery_redis_replica_lag_bytes: {
    type: 'gauge',
    help: 'How far the slowest replica of Redis is behind; 0 without replicas',
    labels: {},
  },
  rookery_redis_evicted_keys: {
    type: 'gauge',
    help: 'Keys that Redis has thrown away for want of memory since it started; anything but 0 is loss',
    labels: {},
  },
} as const satisfies Record<string, MetricSpec>;
