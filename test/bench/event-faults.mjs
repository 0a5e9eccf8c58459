#!/usr/bin/env node
/**
 * What becomes of events when handlers are slow or block for ever, when the link of the account that answers is cut, when partitions
 * move and the workers that hold them are killed, and when several accounts see each of 100,000 messages; and of schedules when fifty
 * processes are killed at the tick (some six minutes at full size). Options as in faults.mjs. Needs a build.
 */
import { runFaults } from './faults.mjs';

runFaults(['resilience/events', 'resilience/schedules', 'copies-simulation'], {
  RESILIENCE_SLOW_SECONDS: '30',
  RESILIENCE_MOVE_RATE: '200',
  RESILIENCE_TICK_KILLS: '50',
  ROOKERY_TEST_MESSAGES: '100000',
});
