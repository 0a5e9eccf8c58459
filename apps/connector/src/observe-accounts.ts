import {
  ACCOUNT_STATES,
  type AccountState,
  type Action,
  type Event,
  type HoldReason,
  type LimitLayerName,
  type SelfId,
} from '@rookery/protocol';
import type { Service } from '@rookery/service';
import type { Delivery } from './delivery/delivery';
import type { Intake } from './intake/intake';
import type { Links } from './link/links';
import type { Ownership } from './ownership/ownership';

interface Seen {
  state: AccountState;
  changes: number;
  /** Of this process's monotonic clock, milliseconds; undefined before the first. */
  heartbeatAt?: number;
  eventAt?: number;
  limitedMs?: number;
}

/** Those that shut the account as a whole, so that their times do not overlap. */
const ACCOUNT_LAYERS: ReadonlySet<string> = new Set<LimitLayerName>(['cold_start', 'gap', 'account', 'day']);

/**
 * How many accounts are in which state, and of each account what tells whether it is really alive. The series per account are read
 * when somebody scrapes; there are at most `metrics.accountSeries` of them, those that this connector got first.
 */
export function observeAccounts(
  { metrics, clock, config }: Service,
  parts: { links: Links; intake: Intake; delivery: Delivery; ownership: Ownership },
): void {
  const { links, intake, delivery, ownership } = parts;
  const seen = new Map<SelfId, Seen>();
  links.on('status', ({ self, state }) => {
    const known = seen.get(self);
    if (!known) seen.set(self, { state, changes: 0 });
    else if (known.state !== state) {
      known.state = state;
      known.changes += 1;
    }
  });
  ownership.leases.on('lost', ({ key }) => void seen.delete(key as SelfId));
  intake.on('accepted', (event) => {
    const account = seen.get(event.self);
    if (account === undefined) return;
    if (isHeartbeat(event)) account.heartbeatAt = clock.monotonic();
    else account.eventAt = clock.monotonic();
  });

  const limited = ({ self }: Action, layer: LimitLayerName | HoldReason, ms: number): void => {
    const account = ACCOUNT_LAYERS.has(layer) ? seen.get(self) : undefined;
    if (account) account.limitedMs = (account.limitedMs ?? 0) + ms;
  };
  delivery.on('held', limited);
  delivery.on('waited', limited);

  const showCounts = (): void => {
    const counts = new Map<AccountState, number>();
    for (const { state } of seen.values()) counts.set(state, (counts.get(state) ?? 0) + 1);
    for (const state of ACCOUNT_STATES) metrics.set('rookery_accounts', counts.get(state) ?? 0, { state });
  };
  metrics.onScrape(() => {
    showCounts();
    metrics.set('rookery_account_series_omitted', Math.max(0, seen.size - config.metrics.accountSeries));
  });
  const shown = () => [...seen].slice(0, config.metrics.accountSeries);
  const ages = (at: (account: Seen) => number | undefined) => () => {
    const now = clock.monotonic();
    return shown().flatMap(([account, known]) => {
      const then = at(known);
      return then === undefined ? [] : [[{ account }, Math.round(now - then) / 1000] as const];
    });
  };
  metrics.showEach('rookery_account_state', () => shown().map(([account, { state }]) => [{ account, state }, 1]));
  metrics.showEach('rookery_account_changes', () => shown().map(([account, { changes }]) => [{ account }, changes]));
  metrics.showEach(
    'rookery_account_heartbeat_age_seconds',
    ages(({ heartbeatAt }) => heartbeatAt),
  );
  metrics.showEach(
    'rookery_account_event_age_seconds',
    ages(({ eventAt }) => eventAt),
  );
  metrics.showEach('rookery_account_limited_seconds_total', () =>
    shown().flatMap(([account, { limitedMs }]) =>
      limitedMs === undefined ? [] : [[{ account }, Math.round(limitedMs) / 1000] as const],
    ),
  );
}

const isHeartbeat = (event: Event): boolean => event.type === 'meta' && event.kind === 'heartbeat';
