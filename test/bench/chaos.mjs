#!/usr/bin/env node
/**
 * A cluster of two connectors, three workers and a Redis with an append-only file under a load, with faults of all kinds from a seeded schedule,
 * and everything that happened judged afterwards (five minutes at full size, fifty accounts). `--seed S` replays a schedule, `--minutes M` how
 * long faults are begun, `--fault NAME[,NAME]` which (all by default; docs/resilience.md names them), `--accounts N`. Other options as in
 * faults.mjs. Needs a build.
 */
import { runFaults } from './faults.mjs';

runFaults(
  ['resilience/chaos'],
  { RESILIENCE_CHAOS_ACCOUNTS: '50', RESILIENCE_CHAOS_FAULTS: 'all', RESILIENCE_CHAOS_MINUTES: '5' },
  {
    seed: 'RESILIENCE_SEED',
    minutes: 'RESILIENCE_CHAOS_MINUTES',
    fault: 'RESILIENCE_CHAOS_FAULTS',
    accounts: 'RESILIENCE_CHAOS_ACCOUNTS',
  },
);
