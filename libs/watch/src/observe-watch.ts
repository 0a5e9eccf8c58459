import { ACCOUNT_STATES, LANES, type AccountState } from '@rookery/protocol';
import { observeLeases, type Service } from '@rookery/service';
import { CLUSTER_METRICS, type GaugeName } from '@rookery/telemetry';
import { isForsaken, presentState, type ClusterPicture } from './survey';
import type { Watch } from './watch';

/** What is true of the cluster as a whole, exported while this node is the one that looks, and by no other. */
export function observeWatch(service: Service, watch: Watch): void {
  observeLeases(service, 'watch', watch.leases);
  const { metrics, log, noise } = service;
  watch.on('looked', (picture) => show(service, picture));
  watch.on('relieved', () => {
    for (const name of Object.keys(CLUSTER_METRICS) as GaugeName[]) metrics.clear(name);
  });
  watch.on('trouble', (error) => {
    noise.pass('watch', (suppressed) =>
      log.warn({ error: error.message, suppressed }, 'the cluster could not be looked at; trying again'),
    );
  });
}

function show({ metrics }: Service, picture: ClusterPicture): void {
  const { nodes, accounts, queues, redis } = picture;
  metrics.set('rookery_cluster_looked_seconds', picture.at / 1000);
  for (const app of ['connector', 'worker', 'console'] as const) {
    metrics.set('rookery_cluster_nodes', nodes[app], { app });
  }
  const states = new Map<AccountState, number>();
  for (const account of accounts) {
    const state = presentState(account);
    states.set(state, (states.get(state) ?? 0) + 1);
  }
  for (const state of ACCOUNT_STATES) metrics.set('rookery_cluster_accounts', states.get(state) ?? 0, { state });
  metrics.set('rookery_cluster_accounts_unowned', accounts.filter(isForsaken).length);
  metrics.set('rookery_cluster_partitions_unowned', picture.partitionsUnowned);
  for (const queue of ['events', 'actions', 'reads'] as const) {
    for (const state of ['waiting', 'active', 'delayed', 'failed'] as const) {
      metrics.set('rookery_queue_jobs', queues[queue][state], { queue, state });
    }
  }
  metrics.set('rookery_inbound_oldest_seconds', queues.inboundOldestSeconds);
  for (const lane of LANES) {
    metrics.set('rookery_outbound_waiting', queues.outboundWaiting[lane], { lane });
    metrics.set('rookery_outbound_oldest_seconds', queues.outboundOldestSeconds[lane], { lane });
  }
  metrics.set('rookery_dead_letters', picture.deadLetters);
  metrics.set('rookery_retries_waiting', picture.retries);
  metrics.set('rookery_redis_memory_bytes', redis.memoryBytes);
  metrics.set('rookery_redis_memory_limit_bytes', redis.memoryLimitBytes);
  metrics.set('rookery_redis_persistence_ok', redis.persistenceOk ? 1 : 0);
  metrics.set('rookery_redis_replica_lag_bytes', redis.replicaLagBytes);
  metrics.set('rookery_redis_evicted_keys', redis.evictedKeys);
}
