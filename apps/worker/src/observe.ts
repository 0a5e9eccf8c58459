import type { Service } from '@rookery/service';
import type { Consume } from './consume/consume';
import type { Conversations } from './conversation';
import type { Dispatcher } from './dispatch';
import type { Outbox } from './outbox';

/** Metrics and log lines of the worker. The parts know nothing of them. */
export function observe(
  service: Service,
  parts: { consume: Consume; conversations: Conversations; dispatcher: Dispatcher; outbox: Outbox },
): void {
  observeConsume(service, parts.consume);
  observeConversations(service, parts.conversations);
  observeDispatcher(service, parts.dispatcher);
  observeOutbox(service, parts.outbox);
}

function observeConsume({ metrics, log, noise }: Service, consume: Consume): void {
  consume.on('received', (_event, lagMs) => metrics.observe('rookery_inbound_lag_seconds', lagMs / 1000));
  consume.on('completed', () => metrics.count('rookery_envelopes_total', { result: 'completed' }));
  consume.on('failed', (jobId, error) => {
    metrics.count('rookery_envelopes_total', { result: 'failed' });
    log.error({ job: jobId, code: error.code }, `an envelope was set aside: ${error.message}`);
  });
  consume.on('trouble', (error) => {
    noise.pass(`consume:${error.name}`, (suppressed) =>
      log.warn({ error: error.message, suppressed }, 'trouble while taking or ending envelopes; trying again'),
    );
  });
}

function observeConversations({ metrics, log }: Service, conversations: Conversations): void {
  conversations.on('settled', (_event, settled) => {
    const reason = 'reason' in settled ? settled.reason : '';
    metrics.count('rookery_events_settled_total', { result: settled.result, reason });
    metrics.set('rookery_conversations_active', conversations.active);
    if (reason === 'overflow') metrics.count('rookery_events_dropped_total', { stage: 'conversation', reason });
  });
  conversations.on('fault', (event, thrown) => {
    const stack = thrown instanceof Error ? thrown.stack : String(thrown);
    log.error(
      { event: event.id, conversation: event.conversation, stack },
      'a fault of Rookery while handling an event',
    );
  });
}

function observeDispatcher({ metrics, log }: Service, dispatcher: Dispatcher): void {
  dispatcher.on('ran', ({ event, plugin, handler, seconds, error }) => {
    metrics.observe('rookery_handler_seconds', seconds, { plugin });
    if (!error) return;
    metrics.count('rookery_handler_failures_total', { plugin, code: error.code });
    const cause = error.cause instanceof Error ? error.cause.stack : undefined;
    log.error({ event, plugin, handler, code: error.code, stack: cause }, error.message);
  });
}

function observeOutbox({ metrics, log, noise }: Service, outbox: Outbox): void {
  outbox.on('published', (action) => metrics.count('rookery_actions_asked_total', { lane: action.lane }));
  outbox.on('publishFailed', (action, error) => {
    noise.pass('outbox', (suppressed) =>
      log.warn({ action: action.id, error: error.message, suppressed }, 'Redis did not take an action; trying again'),
    );
  });
  outbox.on('recovered', () => metrics.count('rookery_results_lost_total', { reason: 'message' }));
  outbox.on('unwanted', () => metrics.count('rookery_results_lost_total', { reason: 'nobody_waits' }));
}
