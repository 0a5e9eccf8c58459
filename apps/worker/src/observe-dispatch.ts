import { chatOf } from '@rookery/protocol';
import type { Service } from '@rookery/service';
import type { Dialogs, Dispatcher, DispatchStage, PendingAsks, RetryRounds, Tallies } from './dispatch';

/** Metrics and log lines of the plugins, their threads, and what becomes of what they fail at. */
export function observeDispatch({ metrics, log, noise }: Service, dispatch: DispatchStage): void {
  dispatch.on('pluginStarted', (plugin) => {
    metrics.set('rookery_plugin_up', 1, { plugin });
    // At zero from the start: Prometheus sees an increase only where it has seen the value before.
    metrics.countBy('rookery_plugin_thread_ends_total', 0, { plugin });
    metrics.countBy('rookery_plugin_detached_errors_total', 0, { plugin });
    metrics.countBy('rookery_retries_total', 0, { plugin });
    metrics.countBy('rookery_handler_failures_total', 0, { plugin, code: 'HANDLER_FAILED' });
    metrics.countBy('rookery_dead_letters_total', 0, { plugin, code: 'HANDLER_FAILED' });
  });
  dispatch.on('pluginUnfit', ({ module }, error) => {
    log.error({ module }, `a plugin is left out: ${error.message}`);
  });
  dispatch.on('pluginLacks', (plugin, needs) => {
    const text = `write permissions: { ${plugin}: [${needs.join(', ')}] } into rookery.yaml and start the workers anew`;
    log.warn({ plugin, needs }, `a plugin says that it needs what it was not granted; where that is right, ${text}`);
  });
  dispatch.on('permissionUnused', (plugin) => {
    log.warn({ plugin }, '`permissions` of rookery.yaml names a plugin that is not loaded; see `rookery plugin list`');
  });
  dispatch.on('threadEnded', (plugin, cause, inMs) => {
    metrics.count('rookery_plugin_thread_ends_total', { plugin });
    log.error({ plugin, inMs }, `the thread of a plugin has ended: ${cause}; it is started again`);
  });
  dispatch.on('pluginSwitchedOff', (plugin, cause) => {
    metrics.count('rookery_plugin_thread_ends_total', { plugin });
    metrics.set('rookery_plugin_up', 0, { plugin });
    log.error({ plugin, code: 'PLUGIN_OFF' }, `a plugin is switched off, its thread ended too often: ${cause}`);
  });
  dispatch.on('detached', (plugin, error) => {
    metrics.count('rookery_plugin_detached_errors_total', { plugin });
    const stack = error.cause instanceof Error ? error.cause.stack : undefined;
    noise.pass(`detached:${plugin}`, (suppressed) => log.error({ plugin, stack, suppressed }, error.message));
  });
  dispatch.on('foreignRetry', (id, error) => {
    metrics.count('rookery_events_dropped_total', { stage: 'retry', reason: 'foreign' });
    log.error({ id }, `an entry among the retries is not of our making and was removed: ${error.message}`);
  });
  dispatch.on('settingsTrouble', (error) => {
    noise.pass('settings', (suppressed) =>
      log.warn(
        { error: error.message, suppressed },
        'the settings of plugins could not be read or told; what is known holds on',
      ),
    );
  });
  dispatch.on('foreignAsk', (id, error) => {
    metrics.count('rookery_events_dropped_total', { stage: 'ask', reason: 'foreign' });
    log.error({ id }, `an entry among the questions is not of our making and was removed: ${error.message}`);
  });
  dispatch.on('measured', (plugin, kind, name, value) => {
    if (kind === 'count') metrics.countBy('rookery_plugin_events_total', value, { plugin, name });
    else metrics.observe('rookery_plugin_seconds', value, { plugin, name });
  });
  dispatch.failures.on('retryPlanned', ({ plugin = '' }) => metrics.count('rookery_retries_total', { plugin }));
  dispatch.failures.on('buried', ({ id, plugin = '', error }, dropped) => {
    metrics.count('rookery_dead_letters_total', { plugin, code: error.code });
    log.error({ id, plugin, code: error.code }, 'an event is kept as a dead letter; see `rookery dead-letters`');
    for (let n = 0; n < dropped; n++) {
      metrics.count('rookery_events_dropped_total', { stage: 'dead_letters', reason: 'bounds' });
    }
  });
  dispatch.failures.on('trouble', (error) => {
    noise.pass('failures', (suppressed) =>
      log.warn({ error: error.message, suppressed }, 'Redis did not take a failed handling; trying again'),
    );
  });
}

/** Sums of plugins that are lost are counted as events of their plugin, under `tallies_lost`. */
export function observeTallies({ metrics, log, noise }: Service, tallies: Tallies): void {
  tallies.on('lost', (plugin, sums, error) => {
    metrics.countBy('rookery_plugin_events_total', sums, { plugin, name: 'tallies_lost' });
    noise.pass(`tallies:${plugin}`, (suppressed) =>
      log.warn({ plugin, error: error.message, suppressed }, 'what a plugin has counted is lost'),
    );
  });
  tallies.on('trouble', (error) => {
    noise.pass('tallies', (suppressed) =>
      log.warn({ error: error.message, suppressed }, 'Redis did not take what plugins have counted; trying again'),
    );
  });
}

export function observeDispatcher({ metrics, log, noise }: Service, dispatcher: Dispatcher): void {
  dispatcher.on('answered', (event, { plugin, handler }, kind, error) => {
    metrics.count('rookery_commands_answered_total', { kind });
    if (error) log.warn({ event, plugin, handler, kind, code: error.code }, error.message);
  });
  dispatcher.on('rightUsed', ({ plugin, handler, event, right, asked, allowed }) => {
    metrics.count('rookery_plugin_rights_total', { plugin, right, verdict: allowed ? 'allowed' : 'refused' });
    const { id, name: action, self: account, params } = asked;
    const { user_id: who } = params;
    const user = typeof who === 'string' && { user: who.slice(0, 20) };
    const audit = { plugin, handler, event, right, action, id, account, chat: chatOf(asked), ...user };
    // What is allowed is paced by the account's limits; a plugin that is refused can ask as often as it likes.
    if (allowed) log.info(audit, 'a plugin has used a right');
    else
      noise.pass(`right:${plugin}:${right}`, (suppressed) =>
        log.warn({ ...audit, code: 'ACTION_NOT_GRANTED', suppressed }, 'a plugin was refused what it has no right to'),
      );
  });
  dispatcher.on('cooldownUnknown', (error) => {
    noise.pass('cooldown', (suppressed) =>
      log.warn(
        { error: error.message, suppressed },
        'Redis did not tell of a cooldown; the handler was run without it',
      ),
    );
  });
  dispatcher.on('ran', ({ event, plugin, handler, seconds, lagMs, error }) => {
    if (lagMs !== undefined) metrics.observe('rookery_handler_lag_seconds', lagMs / 1000);
    metrics.observe('rookery_handler_seconds', seconds, { plugin });
    if (!error) return;
    metrics.count('rookery_handler_failures_total', { plugin, code: error.code });
    const cause = error.cause instanceof Error ? error.cause.stack : undefined;
    log.error({ event, plugin, handler, code: error.code, stack: cause }, error.message);
  });
}

/** Metrics and log lines of handlers that wait for somebody's answer. */
export function observeDialogs({ metrics, log, noise }: Service, asks: PendingAsks, dialogs: Dialogs): void {
  dialogs.on('ended', ({ id, plugin }, how) => {
    metrics.count('rookery_questions_total', { plugin, result: how });
    if (how === 'abandoned') log.warn({ id, plugin }, 'a plugin that waited for an answer is not there any more');
  });
  asks.on('changed', () => metrics.set('rookery_questions_open', asks.size));
  asks.on('trouble', (error) => {
    noise.pass('asks', (suppressed) =>
      log.warn({ error: error.message, suppressed }, 'Redis does not tell who waits for answers; trying again'),
    );
  });
}

export function observeRetries({ log, noise }: Service, rounds: RetryRounds): void {
  rounds.on('trouble', (error) => {
    noise.pass('retries', (suppressed) =>
      log.warn({ error: error.message, suppressed }, 'trouble while looking for retries; trying again'),
    );
  });
}
