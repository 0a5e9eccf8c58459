import { LANES, OUTCOMES } from '@rookery/protocol';
import { LATENCY_SECONDS, type MetricSpec } from './spec';

/** From what a handler asks for to what came of it. */
export const ACTION_METRICS = {
  rookery_actions_asked_total: {
    type: 'counter',
    help: 'Actions put into the queues, by lane',
    labels: { lane: LANES },
  },
  rookery_actions_total: {
    type: 'counter',
    help: 'Actions that ended, by outcome',
    labels: { outcome: OUTCOMES, lane: LANES },
  },
  rookery_actions_expired_total: {
    type: 'counter',
    help: 'Actions that waited past their expiry and were not sent; also counted as `not_sent`',
    labels: { lane: LANES },
  },
  rookery_action_seconds: {
    type: 'histogram',
    help: 'From asking for an action to its outcome',
    labels: { lane: LANES },
    buckets: LATENCY_SECONDS,
  },
  rookery_late_results_total: {
    type: 'counter',
    help: 'Unknown outcomes that were decided later, by what they turned out to be and by what showed it',
    labels: { outcome: OUTCOMES, by: ['reply', 'message'] },
  },
  rookery_hold_changes_total: {
    type: 'counter',
    help: 'Changes of breakers and mutes that keep actions back, by what they are for',
    labels: { scope: ['account', 'groups', 'chat'], to: ['opened', 'probing', 'closed', 'muted', 'unmuted'] },
  },
  rookery_media_bytes_total: {
    type: 'counter',
    help: 'Bytes of files sent to NapCat in chunks (up) or taken from it (down)',
    labels: { direction: ['up', 'down'] },
  },
  rookery_results_lost_total: {
    type: 'counter',
    help: 'Results whose handler no longer waited or could not be reached, by reason',
    labels: { reason: ['message', 'nobody_waits'] },
  },
} as const satisfies Record<string, MetricSpec>;
