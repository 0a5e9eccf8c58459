import type { LeaseHolder } from '@rookery/cluster';
import type { PartitionLedger } from '@rookery/redis';
import { observeLeases, type Service } from '@rookery/service';
import type { Consume } from './consume/consume';
import type { FetchWatch } from './consume/fetch-watch';
import type { ConversationStage } from './conversation';
import { observeConversations } from './observe-conversations';
import type { Outbox } from './outbox';

/** Metrics and log lines of the worker. The parts know nothing of them. */
export function observe(
  service: Service,
  parts: {
    consume: Consume;
    ledger: PartitionLedger;
    fetching: FetchWatch;
    leases: LeaseHolder;
    conversation: ConversationStage;
    outbox: Outbox;
  },
): void {
  observeConsume(service, parts.consume);
  observeLedger(service, parts.ledger);
  observeFetching(service, parts.fetching);
  observeLeases(service, 'partitions', parts.leases);
  observeConversations(service, parts.conversation);
  observeOutbox(service, parts.outbox);
}

function observeConsume({ metrics, log, noise }: Service, consume: Consume): void {
  consume.on('received', (_event, lagMs) => metrics.observe('rookery_inbound_lag_seconds', lagMs / 1000));
  consume.on('retaken', (deaths) => {
    metrics.count('rookery_envelopes_retaken_total', { deaths: deaths === 1 ? '1' : deaths === 2 ? '2' : 'more' });
    noise.pass('retaken', (suppressed) =>
      log.warn({ deaths, suppressed }, `${deaths} workers ended while they had an envelope in hand; it is taken again`),
    );
  });
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

function observeLedger({ log, noise }: Service, ledger: PartitionLedger): void {
  ledger.on('trouble', (error) =>
    noise.pass('ledger', (suppressed) =>
      log.warn(
        { error: error.message, suppressed },
        'Redis does not say which events were taken, and is not told which are done: they wait until it does',
      ),
    ),
  );
}

/** Readiness means that what is held is consumed. */
function observeFetching({ health, log }: Service, fetching: FetchWatch): void {
  fetching.on('stuck', (partitions) => {
    health.notReady('fetching', `no answer from the queues of partitions ${partitions.join(', ')} for 15 s or more`);
    log.error({ partitions }, 'partitions that we hold yield no answer, not even that they are empty');
  });
  fetching.on('moving', () => {
    health.ready('fetching');
    log.info('all partitions that we hold are consumed again');
  });
  fetching.on('hopeless', (partitions) =>
    log.fatal(
      { partitions },
      'nothing could be fetched for a minute: this process ends, others take over what it holds',
    ),
  );
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
