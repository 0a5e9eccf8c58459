import { ACCOUNT_ALERTS } from './accounts';
import type { Alert } from './alert';
import { CLUSTER_ALERTS } from './cluster';
import { PIPELINE_ALERTS } from './pipeline';
import { SENDING_ALERTS } from './sending';

/** All alerts, by the group of rules that they are in. */
export const ALERT_GROUPS: Readonly<Record<string, readonly Alert[]>> = {
  accounts: ACCOUNT_ALERTS,
  pipeline: PIPELINE_ALERTS,
  sending: SENDING_ALERTS,
  cluster: CLUSTER_ALERTS,
};

export type { Alert } from './alert';
