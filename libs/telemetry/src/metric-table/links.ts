import { ACCOUNT_STATES } from '@rookery/protocol';
import { ACCOUNT, LATENCY_SECONDS, type MetricSpec } from './spec';

const DIAL_FAILURES = [
  'connection_refused',
  'name_unknown',
  'unreachable',
  'reset',
  'timeout',
  'tls',
  'http_auth',
  'http_status',
  'settings',
  'other',
] as const;
const CLOSINGS = [
  'closed_normally',
  'closed_without_code',
  'closed_by_policy',
  'closed_other',
  'connection_lost',
  'peer_restarting',
  'protocol_error',
  'frame_too_large',
] as const;
const FINDINGS = [
  'token_refused',
  'wrong_account',
  'bad_frames',
  'no_greeting',
  'no_pong',
  'no_heartbeat',
  'no_answer',
] as const;
const FRAME_PROBLEMS = [
  'utf8',
  'json',
  'shape',
  'depth',
  'keys',
  'segments',
  'unknown_echo',
  'late_reply',
  'duplicate_reply',
  'self_id',
  'id',
  'message',
  'fault',
] as const;

/** The connections to NapCat. */
export const LINK_METRICS = {
  rookery_accounts: {
    type: 'gauge',
    help: 'Accounts held by this connector, by state',
    labels: { state: ACCOUNT_STATES },
  },
  rookery_account_state: {
    type: 'gauge',
    help: '1 for the state that an account is in now',
    labels: { account: ACCOUNT, state: ACCOUNT_STATES },
  },
  rookery_account_heartbeat_age_seconds: {
    type: 'gauge',
    help: 'Since the last heartbeat of an account; absent before the first',
    labels: { account: ACCOUNT },
  },
  rookery_account_event_age_seconds: {
    type: 'gauge',
    help: 'Since the last event of an account that was no heartbeat; absent before the first',
    labels: { account: ACCOUNT },
  },
  rookery_account_changes: {
    type: 'gauge',
    help: 'How often the state of an account has changed since this connector got it',
    labels: { account: ACCOUNT },
  },
  rookery_account_series_omitted: {
    type: 'gauge',
    help: 'Accounts of this connector without series of their own, because `metrics.accountSeries` is smaller',
    labels: {},
  },
  rookery_link_reconnects_total: {
    type: 'counter',
    help: 'Connections lost or refused and tried again, by reason',
    labels: { reason: [...FINDINGS, ...CLOSINGS, ...DIAL_FAILURES] },
  },
  rookery_reverse_refused_total: {
    type: 'counter',
    help: 'Connections that somebody dialled in and that were not let in, by reason',
    labels: {
      reason: [
        'token',
        'account',
        'attempts',
        'origin',
        'path',
        'no_upgrade',
        'http',
        'handshake_timeout',
        'handshakes_full',
        'accept',
        'flapping',
      ],
    },
  },
  rookery_frames_rejected_total: {
    type: 'counter',
    help: 'Frames from NapCat that were not accepted, by stage and reason',
    labels: { stage: ['frame', 'event'], reason: FRAME_PROBLEMS },
  },
  rookery_call_seconds: {
    type: 'histogram',
    help: 'From writing a call to NapCat to its reply, or to giving it up',
    labels: { end: ['reply', 'timeout', 'closed'] },
    buckets: LATENCY_SECONDS,
  },
} as const satisfies Record<string, MetricSpec>;
