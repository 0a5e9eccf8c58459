import { BROADCAST_ENDS, OUTCOMES } from '@rookery/protocol';
import type { MetricSpec } from './spec';

/** One message for many targets. */
export const BROADCAST_METRICS = {
  rookery_broadcasts_running: {
    type: 'gauge',
    help: 'Broadcasts of the partitions of this worker that have not ended',
    labels: {},
  },
  rookery_broadcast_targets: {
    type: 'gauge',
    help: 'Targets of these broadcasts that have no outcome yet; `paused` ones wait for an operator',
    labels: { state: ['waiting', 'paused', 'in_hand'] },
  },
  rookery_broadcasts_ended_total: {
    type: 'counter',
    help: 'Broadcasts that have ended, by how',
    labels: { end: BROADCAST_ENDS },
  },
  rookery_broadcast_targets_total: {
    type: 'counter',
    help: 'Targets of broadcasts that were handed to an account, by outcome',
    labels: { outcome: OUTCOMES },
  },
  rookery_broadcast_given_back_total: {
    type: 'counter',
    help: 'Targets of broadcasts that wait again, nothing having been sent: the account cannot reach them, something passing was in the way, or they were called back',
    labels: { reason: ['elsewhere', 'again', 'withdrawn'] },
  },
} as const satisfies Record<string, MetricSpec>;
