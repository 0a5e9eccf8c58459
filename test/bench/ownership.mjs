#!/usr/bin/env node
/**
 * Who holds an account, when connectors are killed, stopped for longer than their leases, and drained, and when Redis's clock jumps
 * (some seven minutes at full size). Options as in faults.mjs. Needs a build and a Redis.
 */
import { runFaults } from './faults.mjs';

runFaults(['handover', 'dual-attach', 'lease-loss'], {
  RESILIENCE_ACCOUNTS: '200',
  RESILIENCE_DUAL_ACCOUNTS: '20',
  RESILIENCE_KILLS: '10',
  RESILIENCE_STOPS: '8',
  RESILIENCE_JUMPS: '5',
  RESILIENCE_FAILOVERS: '2',
  RESILIENCE_DRAIN_RATE: '500',
});
