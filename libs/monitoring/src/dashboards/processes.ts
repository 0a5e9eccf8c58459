import { age, beside, gauge, quantiles, rate, type Dashboard } from './panel';

export const PROCESSES: Dashboard = {
  uid: 'rookery-processes',
  title: 'Rookery / Processes and Redis',
  zh: '进程与 Redis',
  panels: [
    gauge('rookery_ready', 'Ready', { how: 'min', by: 'instance', unit: 'short' }),
    gauge('rookery_build_info', 'Versions', { how: 'sum', by: 'version', unit: 'short' }),
    age('rookery_process_start_time_seconds', 'Time since the start', { each: true }),
    age('rookery_cluster_looked_seconds', 'Age of the figures of the whole cluster', { each: false }),
    gauge('rookery_event_loop_lag_seconds', 'Event-loop lag, p99', {
      how: 'max',
      by: 'instance',
      where: 'stat="p99"',
      unit: 's',
    }),
    gauge('rookery_event_loop_utilization', 'Event loop busy', { how: 'max', by: 'instance', unit: 'percentunit' }),
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
    gauge('rookery_process_heap_bytes', 'JavaScript heap', { how: 'max', by: 'instance', unit: 'bytes' }),
    gauge('rookery_account_series_omitted', 'Accounts without series of their own', { how: 'sum', unit: 'short' }),
    rate('rookery_log_lines_suppressed_total', 'Log lines held back', { unit: 'ops' }),
    rate('rookery_spans_total', 'Spans for OpenTelemetry', { by: 'result', unit: 'ops' }),
    rate('rookery_control_refused_total', 'Control messages not accepted', { by: 'reason', unit: 'ops' }),
    rate('rookery_settings_unusable_total', 'Settings that cannot be used', { by: 'of', unit: 'ops' }),
    quantiles('rookery_redis_seconds', 'Redis round trip', { unit: 's' }),
    beside(
      rate('rookery_redis_errors_total', 'Errors of Redis connections', { by: 'client', unit: 'ops' }),
      rate('rookery_redis_data_lost_total', 'data lost', { unit: 'ops' }),
    ),
    gauge('rookery_redis_memory_bytes', 'Memory of Redis', { how: 'max', unit: 'bytes' }),
    gauge('rookery_redis_memory_limit_bytes', 'Memory that Redis may use', { how: 'max', unit: 'bytes' }),
    gauge('rookery_redis_persistence_ok', 'Redis writes to disk', { how: 'min', unit: 'short' }),
    gauge('rookery_redis_replica_lag_bytes', 'Lag of the slowest replica', { how: 'max', unit: 'bytes' }),
    gauge('rookery_redis_evicted_keys', 'Keys thrown away', { how: 'max', unit: 'short' }),
  ],
};
