#!/usr/bin/env node
/**
 * Limits, order, single execution and true outcomes of sends: fifty accounts asked for ten times what they may send while their
 * holders and Redis are killed, backlogs, a Redis that lost its data, and connectors and workers killed at random moments (some
 * twenty minutes at full size, of which the random kills take twelve). `--seed S` of what is random, `--seconds N` of the overload,
 * `--kills N` at random moments, for at most `--within N` seconds. Other options as in faults.mjs. Needs a build.
 */
import { runFaults } from './faults.mjs';

runFaults(
  ['resilience/outbound'],
  {
    RESILIENCE_OUTBOUND_ACCOUNTS: '50',
    RESILIENCE_OUTBOUND_CALM_SECONDS: '20',
    RESILIENCE_OUTBOUND_SECONDS: '60',
    RESILIENCE_OUTBOUND_KILLS: '3',
    RESILIENCE_RANDOM_KILLS: '500',
    RESILIENCE_RANDOM_SECONDS: '1200',
  },
  {
    seed: 'RESILIENCE_SEED',
    seconds: 'RESILIENCE_OUTBOUND_SECONDS',
    kills: 'RESILIENCE_RANDOM_KILLS',
    within: 'RESILIENCE_RANDOM_SECONDS',
  },
);
