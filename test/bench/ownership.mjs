#!/usr/bin/env node
/**
 * Who holds an account, when connectors are killed, stopped for longer than their leases, and drained, when Redis's clock jumps, and when
 * Redis is out of reach (some nine minutes at full size). Options as in faults.mjs. Needs a build.
 */
import { runFaults } from './faults.mjs';

runFaults(['handover', 'dual-attach', 'lease-loss', 'redis-away'], {
  RESILIENCE_ACCOUNTS: '200',
  RESILIENCE_DUAL_ACCOUNTS: '20',
  RESILIENCE_KILLS: '10',
  RESILIENCE_STOPS: '8',
  RESILIENCE_JUMPS: '5',
  RESILIENCE_FAILOVERS: '2',
  RESILIENCE_OUTAGES_MS: '500,3000,12000,40000',
  RESILIENCE_DRAIN_RATE: '500',
});
