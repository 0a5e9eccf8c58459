import { EVENT_TYPES, type AccountStatus, type EventType } from '@rookery/protocol';
import type { AccountRegistry, LimitOverrides } from '@rookery/redis';
import { observeLeases, type Service, type TraceBook } from '@rookery/service';
import type { Backfill } from './backfill/backfill';
import type { Delivery } from './delivery/delivery';
import type { Reconciliation } from './delivery/reconcile/reconciliation';
import type { Intake } from './intake/intake';
import type { MemoryGuard } from './intake/memory-guard';
import type { Links } from './link/links';
import { observeAccounts } from './observe-accounts';
import { observeDelivery, observeOutcomes } from './observe-delivery';
import type { Ownership } from './ownership/ownership';

/** Metrics and log lines of the connector. The parts know nothing of them. */
export function observe(
  service: Service,
  parts: {
    links: Links;
    intake: Intake;
    guard: MemoryGuard;
    delivery: Delivery;
    outcomes: Reconciliation;
    ownership: Ownership;
  },
): void {
  observeAccounts(service, parts);
  observeLinks(service, parts.links);
  observeIntake(service, parts.intake, parts.guard);
  observeDelivery(service, parts.delivery);
  observeOutcomes(service, parts.outcomes);
  observeLeases(service, 'accounts', parts.ownership.leases);
}

/** Whoever reads the registry: what it holds and this process cannot use. */
export function observeRegistry({ metrics, log, noise }: Service, registry: AccountRegistry): void {
  registry.on('unusable', (account, reason) => {
    metrics.count('rookery_settings_unusable_total', { of: 'account' });
    noise.pass(`registry:${account}`, (suppressed) => log.error({ account, suppressed }, reason));
  });
}

export function observeOverrides({ metrics, log, noise }: Service, overrides: LimitOverrides): void {
  overrides.on('unusable', (scope, reason) => {
    metrics.count('rookery_settings_unusable_total', { of: 'limit' });
    noise.pass(`limits:${scope}`, (suppressed) =>
      log.error({ scope, suppressed }, `limits of ${scope} are passed over: ${reason}`),
    );
  });
}

export function observeBackfill({ metrics, log, noise }: Service, backfill: Backfill): void {
  backfill.on('gap', ({ self, groupId, from, to, filled, result }) => {
    metrics.count('rookery_event_gaps_total', { result });
    const scope = { account: self, group: groupId, from, to, filled, result };
    const missed = `account ${self} missed messages of group ${groupId} from sequence ${from} to ${to ?? 'an unknown one'}`;
    if (result === 'filled') log.info(scope, `${missed}; all that history has was filled in`);
    else
      noise.pass(`gap:${self}`, (suppressed) => log.warn({ ...scope, suppressed }, `${missed}; not all could be read`));
  });
  backfill.on('trouble', (error) => {
    noise.pass('backfill', (suppressed) =>
      log.warn(
        { error: error.message, suppressed },
        'the memory of what was seen before is not at hand; gaps may stay',
      ),
    );
  });
}

/** What became of actions that handlers asked for, into the record of the event that they answer. */
export function traceActions(book: TraceBook, delivery: Delivery): void {
  if (!book.isOn) return;
  delivery.on('ended', ({ id, self, name, origin, createdAt }, { outcome, error, endedAt }) => {
    if (origin.event === undefined) return;
    const what = `${name}: ${outcome}${error === undefined ? '' : ` (${error.code})`} (${id})`;
    const tookMs = Math.max(0, endedAt - createdAt);
    const failed = error && { error: error.code };
    book.tell(origin.event, self, [{ at: endedAt, stage: 'ended', what, tookMs, name, action: id, ...failed }]);
  });
}

/** The way to NapCat, with the time that each call takes. */
export function timedCaller(
  { metrics, clock }: Service,
  links: Pick<Links, 'call' | 'caughtUp'>,
): Pick<Links, 'call' | 'caughtUp'> {
  return {
    caughtUp: (self) => links.caughtUp(self),
    async call(self, action, params, request) {
      const begun = clock.monotonic();
      const end = await links.call(self, action, params, request);
      const took = endOf(end.kind);
      if (took !== undefined) {
        metrics.observe('rookery_call_seconds', (clock.monotonic() - begun) / 1000, { end: took });
      }
      return end;
    },
  };
}

/** Undefined: there was no link to call over. */
function endOf(kind: Awaited<ReturnType<Links['call']>>['kind']): 'reply' | 'timeout' | 'closed' | undefined {
  switch (kind) {
    case 'replied':
      return 'reply';
    case 'timed_out':
      return 'timeout';
    case 'closed':
      return 'closed';
    case 'down':
      return undefined;
  }
}

function observeLinks({ metrics, log, noise }: Service, links: Links): void {
  links.on('status', (status) => {
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
  links.on('address', (state, detail) => {
    if (state === 'listening') log.info({ address: detail }, `NapCats can dial in at ${detail}`);
    else
      noise.pass(`address:${state}`, (suppressed) =>
        log.warn(
          { suppressed },
          state === 'shared'
            ? `another connector of this machine has ${detail}: NapCats reach that one, and this one when it ends. ` +
                'If it belongs to another cluster, change `reverse.port`'
            : `${detail}; tried again until it is free`,
        ),
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

function observeIntake({ metrics, log, noise }: Service, intake: Intake, guard: MemoryGuard): void {
  const reasons = new Set<'buffer' | 'memory'>();
  const tell = (): void => metrics.set('rookery_intake_paused', reasons.size > 0 ? 1 : 0);
  metrics.onScrape(() => metrics.set('rookery_intake_buffered_events', intake.size));
  const seen = Object.fromEntries(
    EVENT_TYPES.map((type) => [type, metrics.tally('rookery_events_total', { type })]),
  ) as Record<EventType, () => void>;
  intake.on('accepted', (event) => seen[event.type]());
  intake.on('rejected', (self, reason, detail) => {
    metrics.count('rookery_frames_rejected_total', { stage: 'event', reason });
    noise.pass(`event:${reason}`, (suppressed) =>
      log.warn({ account: self, reason, detail, suppressed }, `an event was not accepted (${reason})`),
    );
  });
  intake.on('published', (events, seconds) => {
    metrics.observe('rookery_envelope_events', events);
    metrics.observe('rookery_publish_seconds', seconds);
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
    reasons.add('buffer');
    tell();
    log.error(
      { waiting: intake.size },
      'the intake buffer is full: reading from NapCat pauses until Redis takes events',
    );
  });
  intake.on('drained', () => {
    reasons.delete('buffer');
    tell();
    log.info({ waiting: intake.size }, 'the intake buffer has room again: reading goes on');
  });
  guard.on('full', (share) => {
    reasons.add('memory');
    tell();
    log.error(
      { used: share.toFixed(3), waiting: intake.size },
      'Redis is near `maxmemory`: events wait here until workers have made room, then in NapCat; raise maxmemory, or see what fills it with `rookery doctor`',
    );
  });
  guard.on('roomy', (share) => {
    reasons.delete('memory');
    tell();
    log.info({ used: share.toFixed(3), waiting: intake.size }, 'Redis has room again: events go on');
  });
}
