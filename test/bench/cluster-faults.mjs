#!/usr/bin/env node
/**
 * Masters of a Redis Cluster of three, each with a replica, killed one after the other, and the one that Sentinel watches, while people talk to all accounts: every
 * question is answered once (some two minutes at full size). `--kills N`: of one to three masters, two by default; `--seed S` (1) decides
 * which and when, and is printed. Other options as in faults.mjs. Needs a build.
 */
import { runFaults } from './faults.mjs';

runFaults(
  ['resilience/redis-failover'],
  { RESILIENCE_MASTER_KILLS: '2' },
  { kills: 'RESILIENCE_MASTER_KILLS', seed: 'RESILIENCE_SEED' },
);
