import { gauge, quantiles, rate, seldom, type Dashboard } from './panel';

export const PLUGINS: Dashboard = {
  uid: 'rookery-plugins',
  title: 'Rookery / Plugins',
  zh: '插件',
  panels: [
    gauge('rookery_plugin_up', 'Plugins that are run', { how: 'min', by: 'plugin', unit: 'short' }),
    quantiles('rookery_handler_seconds', 'Duration of handlers', { by: 'plugin', unit: 's' }),
    rate('rookery_handler_failures_total', 'Failures by plugin', { by: 'plugin', unit: 'ops' }),
    rate('rookery_handler_failures_total', 'Failures by code', { by: 'code', unit: 'ops' }),
    rate('rookery_plugin_thread_ends_total', 'Threads that ended', { by: 'plugin', unit: 'ops' }),
    rate('rookery_plugin_detached_errors_total', 'Errors that nobody caught', { by: 'plugin', unit: 'ops' }),
    seldom(
      rate('rookery_plugin_rights_total', 'Rights that plugins used, or were refused', { by: 'right', unit: 'ops' }),
    ),
    rate('rookery_retries_total', 'Retries', { by: 'plugin', unit: 'ops' }),
    gauge('rookery_retries_waiting', 'Handlings that wait for a retry', { how: 'max', unit: 'short' }),
    rate('rookery_dead_letters_total', 'Dead letters', { by: 'code', unit: 'ops' }),
    gauge('rookery_dead_letters', 'Dead letters kept', { how: 'max', unit: 'short' }),
    rate('rookery_commands_answered_total', 'Commands answered in place of being run', { by: 'kind', unit: 'ops' }),
    gauge('rookery_questions_open', 'Questions that are open', { how: 'sum', unit: 'short' }),
    seldom(rate('rookery_questions_total', 'Questions ended', { by: 'result', unit: 'ops' })),
    seldom(rate('rookery_plugin_events_total', 'What plugins count', { by: 'name', unit: 'ops' })),
    seldom(quantiles('rookery_plugin_seconds', 'What plugins measure', { by: 'name', unit: 's' })),
  ],
};
