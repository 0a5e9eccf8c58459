import { HOLD_REASONS, LANES, LIMIT_LAYERS, OUTCOMES } from '@rookery/protocol';
import { ACCOUNT, LATENCY_SECONDS, type MetricSpec } from './spec';

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
  rookery_action_retries_total: {
    type: 'counter',
    help: 'Tries of actions that certainly changed nothing and were followed by another one',
    labels: { lane: LANES },
  },
  rookery_action_seconds: {
    type: 'histogram',
    help: 'From asking for an action to its outcome',
    labels: { lane: LANES },
    buckets: LATENCY_SECONDS,
  },
  rookery_send_wait_seconds: {
    type: 'histogram',
    help: 'How long sends were kept back by the limits of their account, or by what else holds them; by what it was. A wait of over 30 s is looked at again and told in parts, one for the end of quiet hours as a whole',
    labels: { layer: [...LIMIT_LAYERS, ...HOLD_REASONS] },
    buckets: LATENCY_SECONDS,
  },
  rookery_account_limited_seconds_total: {
    type: 'counter',
    help: 'Time in which an account had something to send and its limits did not let it; absent before the first',
    labels: { account: ACCOUNT },
  },
  rookery_breakers: {
    type: 'gauge',
    help: 'Breakers of this connector’s accounts that keep actions back, by what they are for; the next attempt of an open one comes when its time is over',
    labels: { scope: ['account', 'groups', 'chat'], state: ['open', 'probing'] },
  },
  rookery_account_breakers: {
    type: 'gauge',
    help: 'Breakers of an account that keep actions back; absent when there are none',
    labels: { account: ACCOUNT, scope: ['account', 'groups', 'chat'] },
  },
  rookery_mutes: {
    type: 'gauge',
    help: 'Chats in which accounts of this connector may not speak now; once for each account',
    labels: {},
  },
  rookery_outcomes_sought: {
    type: 'gauge',
    help: 'Actions of which it is being found out whether they took effect',
    labels: {},
  },
  rookery_outcomes_found_total: {
    type: 'counter',
    help: 'Outcomes that were in doubt and became known before anybody was told that they are not, by what showed them',
    labels: { by: ['reply', 'message'] },
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
