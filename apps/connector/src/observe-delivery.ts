import type { SelfId } from '@rookery/protocol';
import type { Service } from '@rookery/service';
import type { Delivery } from './delivery/delivery';
import { kindOf, type AccountHolds, type HoldScopeKind } from './delivery/holds/account-holds';
import type { Reconciliation } from './delivery/reconcile/reconciliation';

const SCOPES = ['account', 'groups', 'chat'] as const satisfies HoldScopeKind[];

/** What waits and why, and what becomes of files on their way. */
export function observeDelivery({ metrics, log, noise }: Service, delivery: Delivery): void {
  delivery.on('held', (action, why, ms) => {
    metrics.observe('rookery_send_wait_seconds', ms / 1000, { layer: why });
    log.debug({ account: action.self, action: action.id, lane: action.lane, why, ms }, `an action waits (${why})`);
  });
  delivery.on('waited', (action, layer, ms) => {
    metrics.observe('rookery_send_wait_seconds', ms / 1000, { layer });
    log.debug(
      { account: action.self, action: action.id, lane: action.lane, why: layer, ms },
      `an action has waited (${layer})`,
    );
  });
  delivery.on('retried', ({ self, id, lane }, { error }, { tries, ms }) => {
    metrics.count('rookery_action_retries_total', { lane });
    log.info({ account: self, action: id, tries, ms, code: error?.code }, 'an action was tried in vain; trying again');
  });
  delivery.on('stale', (action) => {
    metrics.count('rookery_stale_epochs_total');
    log.warn(
      { account: action.self, action: action.id },
      'another connector holds the account: the action is left to it',
    );
  });
  delivery.on('mediaProgress', ({ direction, bytes }) => {
    metrics.countBy('rookery_media_bytes_total', bytes, { direction });
  });
  delivery.on('trouble', (error) => {
    noise.pass(`delivery:${error.name}`, (suppressed) =>
      log.warn({ error: error.message, suppressed }, 'trouble while taking or ending actions; trying again'),
    );
  });
}

/** How actions ended. */
export function observeOutcomes({ metrics, log, noise, clock }: Service, outcomes: Reconciliation): void {
  outcomes.on('told', (action, result) => {
    metrics.count('rookery_actions_total', { outcome: result.outcome, lane: action.lane });
    metrics.observe('rookery_action_seconds', Math.max(0, clock.now() - action.createdAt) / 1000, {
      lane: action.lane,
    });
    if (result.error?.code === 'ACTION_EXPIRED') {
      metrics.count('rookery_actions_expired_total', { lane: action.lane });
    }
    const scope = { account: action.self, action: action.id, name: action.name, outcome: result.outcome };
    if (result.error) log.warn({ ...scope, code: result.error.code }, result.error.message);
    else log.debug(scope, 'action executed');
  });
  metrics.onScrape(() => metrics.set('rookery_outcomes_sought', outcomes.seeking));
  outcomes.on('found', (_asked, by) => metrics.count('rookery_outcomes_found_total', { by }));
  outcomes.on('corrected', ({ self, id }, { outcome, reference }, by) => {
    metrics.count('rookery_late_results_total', { outcome, by });
    log.info({ account: self, action: id, outcome, by, ...reference }, 'the unknown outcome of an action is known now');
  });
  outcomes.on('trouble', (error) => {
    noise.pass('outcomes', (suppressed) =>
      log.warn({ error: error.message, suppressed }, 'trouble while finding out what came of actions; trying again'),
    );
  });
}

/** What keeps actions back besides limits, and every change of it with its reason. */
export function observeHolds({ metrics, log, noise, config }: Service, holds: AccountHolds): void {
  metrics.onScrape(() => {
    const open = [...holds.openBreakers()];
    for (const scope of SCOPES) {
      for (const state of ['open', 'probing'] as const) {
        const count = open.filter((one) => one.scope === scope && one.state === state).length;
        metrics.set('rookery_breakers', count, { scope, state });
      }
    }
    metrics.set('rookery_mutes', holds.mutes);
  });
  metrics.showEach('rookery_account_breakers', function* () {
    const counts = new Map<SelfId, Map<HoldScopeKind, number>>();
    for (const { self, scope } of holds.openBreakers()) {
      let scopes = counts.get(self);
      if (!scopes && counts.size >= config.metrics.accountSeries) continue;
      if (!scopes) counts.set(self, (scopes = new Map()));
      scopes.set(scope, (scopes.get(scope) ?? 0) + 1);
    }
    for (const [account, scopes] of counts) for (const [scope, count] of scopes) yield [{ account, scope }, count];
  });
  holds.on('held', ({ self, scope, to, reason, until }) => {
    metrics.count('rookery_hold_changes_total', { scope: kindOf(scope), to });
    log[to === 'opened' || to === 'muted' ? 'warn' : 'info'](
      { account: self, scope, until },
      `what ${scope} is sent is ${to}: ${reason}`,
    );
  });
  holds.on('trouble', (error) => {
    noise.pass('holds', (suppressed) =>
      log.warn({ error: error.message, suppressed }, 'breakers and mutes are not kept in Redis; they hold here'),
    );
  });
}
