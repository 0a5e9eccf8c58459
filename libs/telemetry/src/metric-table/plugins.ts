import { PLUGIN_RIGHTS } from '@rookery/protocol';
import { ERROR_CODES, LATENCY_SECONDS, PLUGIN, type MetricSpec } from './spec';

const OWN_NAME = { bounded: 'at most 20 names of each plugin, and `other`' } as const;

/** Handlers, their threads, and what becomes of what they fail at. */
export const PLUGIN_METRICS = {
  rookery_handler_seconds: {
    type: 'histogram',
    help: 'Duration of plugin handlers',
    labels: { plugin: PLUGIN },
    buckets: LATENCY_SECONDS,
  },
  rookery_handler_failures_total: {
    type: 'counter',
    help: 'Plugin handlers that failed, by error code',
    labels: { plugin: PLUGIN, code: ERROR_CODES },
  },
  rookery_commands_answered_total: {
    type: 'counter',
    help: 'Commands that were answered in place of being run: wrong use, no permission, too soon, or only nearly a command',
    labels: { kind: ['usage', 'refused', 'suggestion', 'cooldown'] },
  },
  rookery_plugin_rights_total: {
    type: 'counter',
    help: 'What plugins asked for that not every plugin may do, by right and whether they might',
    labels: { plugin: PLUGIN, right: PLUGIN_RIGHTS, verdict: ['allowed', 'refused'] },
  },
  rookery_plugin_up: {
    type: 'gauge',
    help: '1 while the plugin’s handlers are run by this worker, 0 when it is switched off',
    labels: { plugin: PLUGIN },
  },
  rookery_plugin_thread_ends_total: {
    type: 'counter',
    help: 'Threads of plugins that ended without being told to: blocked, out of memory, exited',
    labels: { plugin: PLUGIN },
  },
  rookery_plugin_detached_errors_total: {
    type: 'counter',
    help: 'Errors in the code of plugins that no handler caught and nobody awaited',
    labels: { plugin: PLUGIN },
  },
  rookery_plugin_events_total: {
    type: 'counter',
    help: 'What plugins count by themselves',
    labels: { plugin: PLUGIN, name: OWN_NAME },
  },
  rookery_plugin_seconds: {
    type: 'histogram',
    help: 'What plugins measure by themselves',
    labels: { plugin: PLUGIN, name: OWN_NAME },
    buckets: LATENCY_SECONDS,
  },
  rookery_questions_total: {
    type: 'counter',
    help: 'Questions of plugins that ended, by how; `declined` are messages that were no answer, and the question stays open',
    labels: { plugin: PLUGIN, result: ['answered', 'timeout', 'declined', 'abandoned'] },
  },
  rookery_questions_open: { type: 'gauge', help: 'Handlers that wait for somebody’s answer', labels: {} },
  rookery_retries_total: {
    type: 'counter',
    help: 'Failed handlings that were put aside for another attempt',
    labels: { plugin: PLUGIN },
  },
  rookery_dead_letters_total: {
    type: 'counter',
    help: 'Events that were given up and kept as dead letters, by error code',
    labels: { plugin: PLUGIN, code: ERROR_CODES },
  },
} as const satisfies Record<string, MetricSpec>;
