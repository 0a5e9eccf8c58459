import { EventEmitter } from 'node:events';
import { beforeEach, describe, expect, it } from '@jest/globals';
import { SECOND } from '@rookery/protocol';
import type { Service } from '@rookery/service';
import { Metrics } from '@rookery/telemetry';
import { FakeClock } from '@rookery/testing';
import { observeAccounts } from './observe-accounts';

let clock: FakeClock;
let metrics: Metrics;
let parts: Record<'links' | 'intake' | 'delivery', EventEmitter> & { ownership: { leases: EventEmitter } };

function observe(accountSeries: number): void {
  clock = new FakeClock();
  metrics = new Metrics({ app: 'connector', version: '0', node: 'c' });
  parts = {
    links: new EventEmitter(),
    intake: new EventEmitter(),
    delivery: new EventEmitter(),
    ownership: { leases: new EventEmitter() },
  };
  const service = { metrics, clock, config: { metrics: { accountSeries } } } as unknown as Service;
  observeAccounts(service, parts as unknown as Parameters<typeof observeAccounts>[1]);
}
const status = (self: string, state: string) => parts.links.emit('status', { self, state });
const lines = async (name: string) =>
  (await metrics.exposition()).split('\n').filter((line) => line.startsWith(`${name}{`));

describe('observeAccounts', () => {
  beforeEach(() => observe(2));

  it('shows of each account its state, its changes, and how long it has been silent', async () => {
    status('10001', 'connecting');
    status('10001', 'online');
    parts.intake.emit('accepted', { self: '10001', type: 'meta', kind: 'heartbeat' });
    clock.advance(5 * SECOND);
    parts.intake.emit('accepted', { self: '10001', type: 'message' });
    clock.advance(2 * SECOND);
    expect(await lines('rookery_account_state')).toEqual(['rookery_account_state{account="10001",state="online"} 1']);
    expect(await lines('rookery_account_changes')).toEqual(['rookery_account_changes{account="10001"} 1']);
    expect(await lines('rookery_account_heartbeat_age_seconds')).toEqual([
      'rookery_account_heartbeat_age_seconds{account="10001"} 7',
    ]);
    expect(await lines('rookery_account_event_age_seconds')).toEqual([
      'rookery_account_event_age_seconds{account="10001"} 2',
    ]);
  });

  it('shows at most as many as are wanted, counts all, and forgets those that are given up', async () => {
    for (const self of ['1', '2', '3']) status(self, 'online');
    expect(await lines('rookery_account_state')).toHaveLength(2);
    expect(await metrics.exposition()).toContain('rookery_account_series_omitted 1');
    expect(await metrics.exposition()).toContain('rookery_accounts{state="online"} 3');
    parts.ownership.leases.emit('lost', { key: '1' });
    expect((await lines('rookery_account_state')).join('')).not.toContain('account="1"');
    expect(await metrics.exposition()).toContain('rookery_accounts{state="online"} 2');
  });

  it('adds up how long the limits of an account kept it back, without what concerns one chat or kind', async () => {
    for (const self of ['1', '2', '3']) status(self, 'online');
    const held = (self: string, why: string, ms: number) => parts.delivery.emit('held', { self }, why, ms);
    held('1', 'cold_start', 1_000);
    for (const why of ['conversation', 'kind', 'repeats', 'muted', 'breaker']) held('1', why, 60_000);
    parts.delivery.emit('waited', { self: '1' }, 'gap', 1_500);
    held('3', 'account', 1_000);
    held('9', 'account', 1_000);
    expect(await lines('rookery_account_limited_seconds_total')).toEqual([
      'rookery_account_limited_seconds_total{account="1"} 2.5',
    ]);
    expect(await metrics.exposition()).toContain('# TYPE rookery_account_limited_seconds_total counter');
  });

  it('shows none when they are switched off', async () => {
    observe(0);
    status('1', 'online');
    expect(await lines('rookery_account_state')).toEqual([]);
  });
});
