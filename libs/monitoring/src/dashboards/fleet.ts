import { gauge, quantiles, rate, type Dashboard } from './panel';

export const FLEET: Dashboard = {
  uid: 'rookery-fleet',
  title: 'Rookery / Fleet',
  zh: '集群总览',
  panels: [
    gauge('rookery_cluster_accounts', 'Accounts by state', { how: 'max', by: 'state', unit: 'short', stacked: true }),
    gauge('rookery_cluster_accounts_unowned', 'Accounts that nobody holds', { how: 'max', unit: 'short' }),
    gauge('rookery_cluster_nodes', 'Processes', { how: 'max', by: 'app', unit: 'short' }),
    rate('rookery_events_total', 'Events read', { by: 'type', unit: 'ops', stacked: true }),
    rate('rookery_actions_total', 'Actions ended', { by: 'outcome', unit: 'ops', stacked: true }),
    rate('rookery_link_reconnects_total', 'Connections lost or refused', { by: 'reason', unit: 'ops' }),
    gauge('rookery_leases_held', 'Leases held', { how: 'sum', by: 'realm', unit: 'short' }),
    rate('rookery_leases_lost_total', 'Leases lost', { by: 'reason', unit: 'ops' }),
    gauge('rookery_event_loop_lag_seconds', 'Event-loop lag, p99', {
      how: 'max',
      by: 'instance',
      where: 'stat="p99"',
      unit: 's',
    }),
    rate('rookery_process_cpu_seconds_total', 'CPU of all processes', {
      by: 'mode',
      unit: 'percentunit',
      stacked: true,
    }),
    gauge('rookery_process_resident_memory_bytes', 'Memory of each process', {
      how: 'max',
      by: 'instance',
      unit: 'bytes',
    }),
    quantiles('rookery_redis_seconds', 'Redis round trip', { unit: 's' }),
    gauge('rookery_redis_memory_bytes', 'Memory of Redis', { how: 'max', unit: 'bytes' }),
    rate('rookery_redis_errors_total', 'Errors of Redis connections', { by: 'client', unit: 'ops' }),
  ],
};
