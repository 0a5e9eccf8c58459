import { APPS } from '@rookery/protocol';
import { LATENCY_SECONDS, NODE, type MetricSpec } from './spec';

/** Every process, whatever it does. */
export const PROCESS_METRICS = {
  rookery_build_info: {
    type: 'gauge',
    help: 'Always 1; the labels say what runs',
    labels: { app: [...APPS, 'test'], version: NODE, node: NODE },
  },
  rookery_ready: { type: 'gauge', help: '1 while the process does its work, as /readyz says', labels: {} },
  rookery_event_loop_lag_seconds: {
    type: 'gauge',
    help: 'Delay of the event loop since the scrape before: the median, the 99th percentile and the longest',
    labels: { stat: ['p50', 'p99', 'max'] },
  },
  rookery_event_loop_utilization: {
    type: 'gauge',
    help: 'Share of the time since the scrape before in which the event loop was busy, 0 to 1',
    labels: {},
  },
  rookery_process_cpu_seconds_total: {
    type: 'counter',
    help: 'CPU time of the process, all its threads',
    labels: { mode: ['user', 'system'] },
  },
  rookery_process_resident_memory_bytes: { type: 'gauge', help: 'Memory of the process', labels: {} },
  rookery_process_heap_bytes: { type: 'gauge', help: 'JavaScript heap of the main thread that is in use', labels: {} },
  rookery_process_start_time_seconds: {
    type: 'gauge',
    help: 'When the process started, seconds since 1970',
    labels: {},
  },
  rookery_redis_seconds: {
    type: 'histogram',
    help: 'Round trip of a PING to Redis, asked every five seconds',
    labels: {},
    buckets: LATENCY_SECONDS,
  },
  rookery_redis_errors_total: {
    type: 'counter',
    help: 'Errors of Redis connections, by connection',
    labels: { client: ['main', 'consume', 'control'] },
  },
  rookery_redis_data_lost_total: {
    type: 'counter',
    help: 'Times that this node found Redis without what the cluster had agreed on, and wrote it again: Redis was emptied, or came back without its data',
    labels: {},
  },
  rookery_settings_unusable_total: {
    type: 'counter',
    help: 'Times that an account or a limit in Redis was passed over, because this process cannot use what stands there',
    labels: { of: ['account', 'limit'] },
  },
  rookery_spans_total: {
    type: 'counter',
    help: 'Spans for OpenTelemetry, by whether the receiver has taken them',
    labels: { result: ['exported', 'dropped'] },
  },
  rookery_log_lines_suppressed_total: {
    type: 'counter',
    help: 'Log lines that were held back because their like had been written within the minute',
    labels: {},
  },
} as const satisfies Record<string, MetricSpec>;
