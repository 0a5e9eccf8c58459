import { gauge, rate, type Dashboard } from './panel';

export const FLEET: Dashboard = {
  uid: 'rookery-fleet',
  title: 'Rookery / Fleet',
  zh: '集群总览',
  panels: [
    gauge('rookery_cluster_accounts', 'Accounts by state', { how: 'max', by: 'state', unit: 'short', stacked: true }),
    gauge('rookery_cluster_accounts_unowned', 'Accounts that nobody holds', { how: 'max', unit: 'short' }),
    gauge('rookery_cluster_nodes', 'Processes', { how: 'max', by: 'app', unit: 'short' }),
    gauge('rookery_alarms', 'Alarms that last', { how: 'max', unit: 'short' }),
    rate('rookery_events_total', 'Events read', { by: 'type', unit: 'ops', stacked: true }),
    rate('rookery_actions_total', 'Actions ended', { by: 'outcome', unit: 'ops', stacked: true }),
    gauge('rookery_accounts', 'Accounts that are online', {
      how: 'max',
      by: 'instance',
      where: 'state="online"',
      unit: 'short',
      stacked: true,
    }),
    rate('rookery_link_reconnects_total', 'Connections lost or refused', { by: 'reason', unit: 'ops' }),
    rate('rookery_reverse_refused_total', 'Connections that were not let in', { by: 'reason', unit: 'ops' }),
    gauge('rookery_cluster_partitions_unowned', 'Partitions that nobody holds', { how: 'max', unit: 'short' }),
    gauge('rookery_leases_held', 'Leases held', { how: 'sum', by: 'realm', unit: 'short' }),
    gauge('rookery_members', 'Nodes that share them out', { how: 'max', by: 'realm', unit: 'short' }),
    rate('rookery_leases_gained_total', 'Leases gained', { by: 'reason', unit: 'ops' }),
    rate('rookery_leases_lost_total', 'Leases lost', { by: 'reason', unit: 'ops' }),
    rate('rookery_leases_suspended_total', 'Leases not confirmed in time', { by: 'realm', unit: 'ops' }),
    rate('rookery_notices_total', 'Notices to people', { by: 'result', unit: 'ops' }),
  ],
};
