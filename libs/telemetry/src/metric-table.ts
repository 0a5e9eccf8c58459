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
  rookery_event_gaps_total: {
    type: 'counter',
    help: 'Gaps in the messages of a group after a link was down, by what filling from history came to',
    labels: ['result'],
  },
  rookery_envelope_events: {
    type: 'histogram',
    help: 'Events in one published envelope',
    labels: [],
    buckets: [1, 2, 4, 8, 16, 32, 64, 128, 256],
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
  rookery_overloaded: {
    type: 'gauge',
    help: '1 while this worker is behind: commands go before chatter, and old chatter is skipped',
    labels: [],
  },
  rookery_assignee_changes_total: {
    type: 'counter',
    help: 'Times that another account of a pool came to answer in a group, by reason',
    labels: ['reason'],
  },
  rookery_copies_awaited_total: {
    type: 'counter',
    help: 'Events whose copy of the wanted account was waited for; came: true or false',
    labels: ['came'],
  },
  rookery_brakes_total: {
    type: 'counter',
    help: 'Senders that answered like a bot and are ignored in a conversation for a while',
    labels: [],
  },
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
  rookery_plugin_up: {
    type: 'gauge',
    help: '1 while the plugin’s handlers are run by this worker, 0 when it is switched off',
    labels: ['plugin'],
  },
  rookery_plugin_thread_ends_total: {
    type: 'counter',
    help: 'Threads of plugins that ended without being told to: blocked, out of memory, exited',
    labels: ['plugin'],
  },
  rookery_plugin_detached_errors_total: {
    type: 'counter',
    help: 'Errors in the code of plugins that no handler caught and nobody awaited',
    labels: ['plugin'],
  },
  rookery_retries_total: {
    type: 'counter',
    help: 'Failed handlings that were put aside for another attempt',
    labels: ['plugin'],
  },
  rookery_dead_letters_total: {
    type: 'counter',
    help: 'Events that were given up and kept as dead letters, by error code',
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
  rookery_late_results_total: {
    type: 'counter',
    help: 'Unknown outcomes that a late reply decided, by what they turned out to be',
    labels: ['outcome'],
  },
  rookery_media_bytes_total: {
    type: 'counter',
    help: 'Bytes of files sent to NapCat in chunks (up) or taken from it (down)',
    labels: ['direction'],
  },
  rookery_results_lost_total: {
    type: 'counter',
    help: 'Results whose handler no longer waited or could not be reached, by reason',
    labels: ['reason'],
  },
  rookery_control_refused_total: {
    type: 'counter',
    help: 'Control messages between nodes that were not accepted or failed, by reason',
    labels: ['reason'],
  },
  rookery_members: { type: 'gauge', help: 'Living nodes that share out the keys of a realm', labels: ['realm'] },
  rookery_leases_held: { type: 'gauge', help: 'Accounts or partitions that this node holds', labels: ['realm'] },
  rookery_leases_gained_total: {
    type: 'counter',
    help: 'Accounts or partitions that this node got, by how it got them',
    labels: ['realm', 'reason'],
  },
  rookery_leases_lost_total: {
    type: 'counter',
    help: 'Accounts or partitions that this node gave up or lost, by reason',
    labels: ['realm', 'reason'],
  },
  rookery_leases_suspended_total: {
    type: 'counter',
    help: 'Times that this node stopped acting because Redis did not confirm its leases in time',
    labels: ['realm'],
  },
  rookery_stale_epochs_total: {
    type: 'counter',
    help: 'Actions that were refused to this node because a newer holder of the account is known',
    labels: [],
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
