import { gauge, rate, type Dashboard } from './panel';

const ONE = 'account=~"$account"';

export const ACCOUNT: Dashboard = {
  uid: 'rookery-account',
  title: 'Rookery / Account',
  zh: '单个账号',
  choose: { metric: 'rookery_account_state', label: 'account' },
  panels: [
    gauge('rookery_account_state', 'State', { how: 'max', by: 'state', where: ONE, unit: 'short', stacked: true }),
    gauge('rookery_account_heartbeat_age_seconds', 'Age of the last heartbeat', {
      how: 'max',
      by: 'account',
      where: ONE,
      unit: 's',
    }),
    gauge('rookery_account_event_age_seconds', 'Age of the last event', {
      how: 'max',
      by: 'account',
      where: ONE,
      unit: 's',
    }),
    gauge('rookery_account_changes', 'Changes of state so far', {
      how: 'max',
      by: 'account',
      where: ONE,
      unit: 'short',
    }),
    rate('rookery_account_limited_seconds_total', 'Share of time in which its limits kept it back', {
      by: 'account',
      where: ONE,
      unit: 'percentunit',
    }),
  ],
};
