import { ACCOUNT_STATES, type AccountState, type AccountStatus, type SelfId } from '@rookery/protocol';
import type { Service } from '@rookery/service';
import type { Delivery } from './delivery/delivery';
import type { Intake } from './intake/intake';
import type { Links } from './link/links';

/** Metrics and log lines of the connector. The parts know nothing of them. */
export function observe(service: Service, parts: { links: Links; intake: Intake; delivery: Delivery }): void {
  observeLinks(service, parts.links);
  observeIntake(service, parts.intake);
  observeDelivery(service, parts.delivery);
}

function observeLinks({ metrics, log, noise }: Service, links: Links): void {
  const states = new Map<SelfId, AccountState>();
  links.on('status', (status) => {
    states.set(status.self, status.state);
    const counts = new Map<AccountState, number>();
    for (const state of states.values()) counts.set(state, (counts.get(state) ?? 0) + 1);
    for (const state of ACCOUNT_STATES) metrics.set('rookery_accounts', counts.get(state) ?? 0, { state });
    log[levelOf(status)]({ account: status.self, state: status.state }, `account ${status.self}: ${status.reason}`);
  });
  links.on('reconnecting', (self, reason, delayMs) => {
    metrics.count('rookery_link_reconnects_total', { reason });
    log.debug({ account: self, reason, delayMs }, 'dialling again later');
  });
  links.on('rejected', (self, reason, sample) => {
    metrics.count('rookery_frames_rejected_total', { stage: 'frame', reason });
    noise.pass(`frame:${reason}`, (suppressed) =>
      log.warn({ account: self, reason, sample, suppressed }, `a frame was not accepted (${reason})`),
    );
  });
  links.on('refused', (reason, address, account) => {
    metrics.count('rookery_reverse_refused_total', { reason });
    noise.pass(`refused:${reason}`, (suppressed) =>
      log.warn({ account, reason, address, suppressed }, `a connection from ${address} was not let in (${reason})`),
    );
  });
  links.on('fault', (self, error) => {
    metrics.count('rookery_frames_rejected_total', { stage: 'frame', reason: 'fault' });
    log.error({ account: self, stack: error.stack }, 'a fault of Rookery while handling a frame; the frame is lost');
  });
}

function levelOf(status: AccountStatus): 'info' | 'warn' | 'error' | 'debug' {
  switch (status.state) {
    case 'failed':
    case 'offline':
      return 'error';
    case 'deaf':
      return 'warn';
    case 'connecting':
      return 'debug';
    case 'online':
    case 'stopped':
    case 'paused':
    case 'draining':
      return 'info';
  }
}

function observeIntake({ metrics, log, noise }: Service, intake: Intake): void {
  intake.on('accepted', (event) => {
    metrics.count('rookery_events_total', { type: event.type });
    metrics.set('rookery_intake_buffered_events', intake.size);
  });
  intake.on('rejected', (self, reason, detail) => {
    metrics.count('rookery_frames_rejected_total', { stage: 'event', reason });
    noise.pass(`event:${reason}`, (suppressed) =>
      log.warn({ account: self, reason, detail, suppressed }, `an event was not accepted (${reason})`),
    );
  });
  intake.on('published', (envelope, seconds) => {
    metrics.observe('rookery_envelope_events', envelope.events.length);
    metrics.observe('rookery_publish_seconds', seconds);
    metrics.set('rookery_intake_buffered_events', intake.size);
  });
  intake.on('publishFailed', (error) => {
    metrics.count('rookery_publish_failures_total');
    noise.pass('publish', (suppressed) =>
      log.warn(
        { error: error.message, suppressed, waiting: intake.size },
        'Redis did not take an envelope; trying again',
      ),
    );
  });
  intake.on('full', () => {
    metrics.set('rookery_intake_paused', 1);
    log.error(
      { waiting: intake.size },
      'the intake buffer is full: reading from NapCat pauses until Redis takes events',
    );
  });
  intake.on('drained', () => {
    metrics.set('rookery_intake_paused', 0);
    log.info({ waiting: intake.size }, 'the intake buffer has room again: reading goes on');
  });
}

function observeDelivery({ metrics, log, noise, clock }: Service, delivery: Delivery): void {
  delivery.on('ended', (action, result) => {
    metrics.count('rookery_actions_total', { outcome: result.outcome, lane: action.lane });
    metrics.observe('rookery_action_seconds', Math.max(0, clock.now() - action.createdAt) / 1000, {
      lane: action.lane,
    });
    const scope = { account: action.self, action: action.id, name: action.name, outcome: result.outcome };
    if (result.error) log.warn({ ...scope, code: result.error.code }, result.error.message);
    else log.debug(scope, 'action executed');
  });
  delivery.on('trouble', (error) => {
    noise.pass(`delivery:${error.name}`, (suppressed) =>
      log.warn({ error: error.message, suppressed }, 'trouble while taking or ending actions; trying again'),
    );
  });
}
