import { gauge, quantiles, rate, type Dashboard } from './panel';

export const PIPELINE: Dashboard = {
  uid: 'rookery-pipeline',
  title: 'Rookery / Pipeline',
  zh: '消息通路',
  panels: [
    rate('rookery_frames_rejected_total', 'Frames that were not accepted', { by: 'reason', unit: 'ops' }),
    gauge('rookery_intake_buffered_events', 'Events on their way to Redis', { how: 'sum', unit: 'short' }),
    quantiles('rookery_publish_seconds', 'Redis takes an envelope', { unit: 's' }),
    quantiles('rookery_envelope_events', 'Events in an envelope', { unit: 'short' }),
    gauge('rookery_queue_jobs', 'Jobs that wait', { how: 'max', by: 'queue', where: 'state="waiting"', unit: 'short' }),
    gauge('rookery_inbound_oldest_seconds', 'Oldest event that waits', { how: 'max', unit: 's' }),
    quantiles('rookery_inbound_lag_seconds', 'From socket to conversation', { unit: 's' }),
    quantiles('rookery_handler_lag_seconds', 'From socket to handler', { unit: 's' }),
    rate('rookery_events_settled_total', 'Events settled', { by: 'result', unit: 'ops', stacked: true }),
    rate('rookery_events_settled_total', 'Duplicates merged', {
      by: 'reason',
      where: 'reason=~"copy|replay"',
      unit: 'ops',
    }),
    gauge('rookery_conversations_active', 'Conversations at work', { how: 'sum', unit: 'short' }),
    gauge('rookery_conversation_backlog', 'Events in mailboxes', { how: 'sum', unit: 'short' }),
    rate('rookery_assignee_changes_total', 'Changes of who answers', { by: 'reason', unit: 'ops' }),
    rate('rookery_actions_asked_total', 'Actions asked for', { by: 'lane', unit: 'ops', stacked: true }),
    gauge('rookery_outbound_waiting', 'Actions that wait', { how: 'max', by: 'lane', unit: 'short', stacked: true }),
    gauge('rookery_outbound_oldest_seconds', 'Oldest action that waits', { how: 'max', by: 'lane', unit: 's' }),
    quantiles('rookery_action_seconds', 'From asking to outcome', { by: 'lane', unit: 's' }),
    quantiles('rookery_call_seconds', 'Round trip to NapCat', { unit: 's' }),
  ],
};
