/**
 * Every metric that Rookery exports. Code, docs and tests derive from this table; a metric that is not here does not exist.
 * Labels are closed sets (never a group, a user, a text); account ids appear only where a comment says so.
 */
interface MetricSpec {
  readonly type: 'counter' | 'gauge' | 'histogram';
  readonly help: string;
  readonly labels: readonly string[];
  readonly buckets?: readonly number[];
}

const LATENCY_SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60] as const;

export const METRICS = {
  rookery_build_info: { type: 'gauge', help: 'Always 1; the labels say what runs', labels: ['app', 'version', 'node'] },
  rookery_accounts: { type: 'gauge', help: 'Accounts held by this connector, by state', labels: ['state'] },
  rookery_link_reconnects_total: {
    type: 'counter',
    help: 'Connections lost or refused and tried again, by reason',
    labels: ['reason'],
  },
  rookery_reverse_refused_total: {
    type: 'counter',
    help: 'Connections that somebody dialled in and that were not let in, by reason',
    labels: ['reason'],
  },
  rookery_frames_rejected_total: {
    type: 'counter',
    help: 'Frames from NapCat that were not accepted, by stage and reason',
    labels: ['stage', 'reason'],
  },
  rookery_events_total: {
    type: 'counter',
    help: 'Events read from the sockets and accepted for publishing, by type',
    labels: ['type'],
  },
  rookery_events_dropped_total: {
    type: 'counter',
    help: 'Events that will never be handled, by stage and reason',
    labels: ['stage', 'reason'],
  },
  rookery_envelope_events: {
    type: 'histogram',
    help: 'Events in one published envelope',
    labels: [],
    buckets: [1, 2, 4, 8, 16, 32, 64],
  },
  rookery_publish_seconds: {
    type: 'histogram',
    help: 'Time until Redis acknowledged an envelope',
    labels: [],
    buckets: LATENCY_SECONDS,
  },
  rookery_publish_failures_total: {
    type: 'counter',
    help: 'Envelopes that Redis did not acknowledge in time; each is tried again with the same id',
    labels: [],
  },
  rookery_intake_buffered_events: { type: 'gauge', help: 'Events read and not yet acknowledged by Redis', labels: [] },
  rookery_intake_paused: {
    type: 'gauge',
    help: '1 while reading from the sockets is paused by backpressure',
    labels: [],
  },
  rookery_envelopes_total: { type: 'counter', help: 'Envelopes taken from the queues, by result', labels: ['result'] },
  rookery_events_settled_total: {
    type: 'counter',
    help: 'Events that the worker is done with, by result and reason',
    labels: ['result', 'reason'],
  },
  rookery_inbound_lag_seconds: {
    type: 'histogram',
    help: 'From reading the frame to handing the event to its conversation',
    labels: [],
    buckets: LATENCY_SECONDS,
  },
  rookery_conversations_active: { type: 'gauge', help: 'Conversations with waiting or running events', labels: [] },
  rookery_handler_seconds: {
    type: 'histogram',
    help: 'Duration of plugin handlers',
    labels: ['plugin'],
    buckets: LATENCY_SECONDS,
  },
  rookery_handler_failures_total: {
    type: 'counter',
    help: 'Plugin handlers that failed, by error code',
    labels: ['plugin', 'code'],
  },
  rookery_actions_asked_total: { type: 'counter', help: 'Actions put into the queues, by lane', labels: ['lane'] },
  rookery_actions_total: { type: 'counter', help: 'Actions that ended, by outcome', labels: ['outcome', 'lane'] },
  rookery_action_seconds: {
    type: 'histogram',
    help: 'From asking for an action to its outcome',
    labels: ['lane'],
    buckets: LATENCY_SECONDS,
  },
  rookery_results_lost_total: {
    type: 'counter',
    help: 'Results whose handler no longer waited or could not be reached, by reason',
    labels: ['reason'],
  },
  rookery_redis_errors_total: {
    type: 'counter',
    help: 'Errors of Redis connections, by connection',
    labels: ['client'],
  },
} as const satisfies Record<string, MetricSpec>;

export type MetricName = keyof typeof METRICS;
type NameOf<Type extends MetricSpec['type']> = {
  [Name in MetricName]: (typeof METRICS)[Name]['type'] extends Type ? Name : never;
}[MetricName];
export type CounterName = NameOf<'counter'>;
export type GaugeName = NameOf<'gauge'>;
export type HistogramName = NameOf<'histogram'>;
/** Exactly the labels that the table declares for this metric. */
export type LabelsOf<Name extends MetricName> = Readonly<Record<(typeof METRICS)[Name]['labels'][number], string>>;
