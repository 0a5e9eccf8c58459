import { gauge, quantiles, rate, seldom, type Dashboard } from './panel';

export const SENDING: Dashboard = {
  uid: 'rookery-sending',
  title: 'Rookery / Sending',
  zh: '发送与群发',
  panels: [
    rate('rookery_actions_total', 'Actions ended', { by: 'outcome', unit: 'ops', stacked: true }),
    quantiles('rookery_send_wait_seconds', 'Waits, by what kept the send back', { by: 'layer', unit: 's' }),
    gauge('rookery_breakers', 'Breakers that are not closed', { how: 'sum', by: 'scope', unit: 'short' }),
    gauge('rookery_mutes', 'Chats in which accounts are muted', { how: 'sum', unit: 'short' }),
    rate('rookery_hold_changes_total', 'Changes of breakers and mutes', { by: 'to', unit: 'ops' }),
    rate('rookery_actions_expired_total', 'Actions that expired', { by: 'lane', unit: 'ops' }),
    rate('rookery_action_retries_total', 'Tries in vain that another one followed', { by: 'lane', unit: 'ops' }),
    gauge('rookery_outcomes_sought', 'Outcomes in doubt', { how: 'sum', unit: 'short' }),
    rate('rookery_outcomes_found_total', 'Doubts resolved in time', { by: 'by', unit: 'ops' }),
    rate('rookery_late_results_total', 'Outcomes that became known later', { by: 'outcome', unit: 'ops' }),
    rate('rookery_results_lost_total', 'Results that reached nobody', { by: 'reason', unit: 'ops' }),
    rate('rookery_stale_epochs_total', 'Actions left to a newer holder', { unit: 'ops' }),
    rate('rookery_media_bytes_total', 'Files in chunks', { by: 'direction', unit: 'Bps' }),
    gauge('rookery_broadcasts_running', 'Broadcasts that run', { how: 'sum', unit: 'short' }),
    gauge('rookery_broadcast_targets', 'Targets of broadcasts that are left', {
      how: 'sum',
      by: 'state',
      unit: 'short',
      stacked: true,
    }),
    rate('rookery_broadcast_targets_total', 'Targets of broadcasts reached', { by: 'outcome', unit: 'ops' }),
    rate('rookery_broadcast_given_back_total', 'Targets given back', { by: 'reason', unit: 'ops' }),
    rate('rookery_broadcasts_ended_total', 'Broadcasts ended', { by: 'end', unit: 'ops' }),
    seldom(gauge('rookery_account_breakers', 'Breakers of accounts', { how: 'max', by: 'account', unit: 'short' })),
  ],
};
