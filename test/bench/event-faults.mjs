#!/usr/bin/env node
/**
 * What becomes of events when handlers are slow or block for ever, when the link of the account that answers is cut, and when the
 * workers that hold them are killed (some two minutes at full size). Options as in faults.mjs. Needs a build and a Redis.
 */
import { runFaults } from './faults.mjs';

runFaults(['resilience/events'], { RESILIENCE_SLOW_SECONDS: '30' });
