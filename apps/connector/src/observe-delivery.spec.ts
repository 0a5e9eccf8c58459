import { EventEmitter } from 'node:events';
import { describe, expect, it } from '@jest/globals';
import type { Service } from '@rookery/service';
import { createLogger, Metrics, NoiseLimit } from '@rookery/telemetry';
import { FakeClock } from '@rookery/testing';
import type { Delivery } from './delivery/delivery';
import type { AccountHolds, OpenBreaker } from './delivery/holds/account-holds';
import type { Reconciliation } from './delivery/reconcile/reconciliation';
import { observeDelivery, observeHolds, observeOutcomes } from './observe-delivery';

function setUp(accountSeries = 10) {
  const clock = new FakeClock();
  const metrics = new Metrics({ app: 'connector', version: '0', node: 'c' });
  const log = createLogger('test', 'silent');
  const service = { metrics, clock, log, noise: new NoiseLimit(clock), config: { metrics: { accountSeries } } };
  const said = async (name: string) =>
    (await metrics.exposition())
      .split('\n')
      .filter((line) => line.startsWith(name) && !line.endsWith(' 0'))
      .filter((line) => !line.includes('_bucket'));
  return { metrics, clock, service: service as unknown as Service, said };
}

describe('observeDelivery', () => {
  it('counts waits by the layer or the hold that says so, those to come and those that are over', async () => {
    const { service, said } = setUp();
    const delivery = new EventEmitter();
    observeDelivery(service, delivery as unknown as Delivery);
    const action = { self: '1', id: 'a', lane: 'normal' };
    delivery.emit('held', action, 'cold_start', 1_500);
    delivery.emit('held', action, 'breaker', 30_000);
    delivery.emit('waited', action, 'cold_start', 500);
    expect(await said('rookery_send_wait_seconds')).toEqual([
      'rookery_send_wait_seconds_sum{layer="cold_start"} 2',
      'rookery_send_wait_seconds_count{layer="cold_start"} 2',
      'rookery_send_wait_seconds_sum{layer="breaker"} 30',
      'rookery_send_wait_seconds_count{layer="breaker"} 1',
    ]);
  });

  it('counts files, stale epochs, and goes on after trouble', async () => {
    const { service, said } = setUp();
    const delivery = new EventEmitter();
    observeDelivery(service, delivery as unknown as Delivery);
    delivery.emit('stale', { self: '1', id: 'a' });
    delivery.emit('mediaProgress', { direction: 'up', bytes: 64 });
    delivery.emit('trouble', new Error('Redis is away'));
    expect([await said('rookery_stale_epochs_total'), await said('rookery_media_bytes_total')]).toEqual([
      ['rookery_stale_epochs_total 1'],
      ['rookery_media_bytes_total{direction="up"} 64'],
    ]);
  });
});

describe('observeOutcomes', () => {
  it('shows what is in doubt now, and counts what was found out, in time and later', async () => {
    const { service, said, clock } = setUp();
    const outcomes = Object.assign(new EventEmitter(), { seeking: 3 });
    observeOutcomes(service, outcomes as unknown as Reconciliation);
    const asked = { id: 'a', self: '1', name: 'send_group_msg', lane: 'normal', createdAt: clock.now() };
    outcomes.emit('told', asked, { outcome: 'sent' });
    outcomes.emit('told', asked, { outcome: 'not_sent', error: { code: 'ACTION_EXPIRED', message: 'too late' } });
    outcomes.emit('found', asked, 'message');
    outcomes.emit('corrected', asked, { outcome: 'sent' }, 'reply');
    outcomes.emit('trouble', new Error('Redis is away'));
    const names = ['outcomes_sought', 'outcomes_found_total', 'late_results_total', 'actions_expired_total'];
    expect((await Promise.all(names.map((name) => said(`rookery_${name}`)))).flat()).toEqual([
      'rookery_outcomes_sought 3',
      'rookery_outcomes_found_total{by="message"} 1',
      'rookery_late_results_total{outcome="sent",by="reply"} 1',
      'rookery_actions_expired_total{lane="normal"} 1',
    ]);
  });
});

describe('observeHolds', () => {
  const open = (self: string, scope: OpenBreaker['scope'], state: OpenBreaker['state'] = 'open') =>
    ({ self, scope, state }) as OpenBreaker;

  it('shows breakers by state and of each account, and forgets those that are closed', async () => {
    const { service, said } = setUp();
    const breakers = [open('1', 'groups'), open('1', 'chat'), open('1', 'chat', 'probing'), open('2', 'account')];
    const holds = Object.assign(new EventEmitter(), { openBreakers: () => breakers, mutes: 4 });
    observeHolds(service, holds as unknown as AccountHolds);
    holds.emit('held', { self: '1', scope: 'group:7', to: 'opened', reason: 'sends failed' });
    holds.emit('held', { self: '1', scope: 'groups', to: 'closed', reason: 'an action succeeded' });
    holds.emit('trouble', new Error('Redis is away'));
    expect(await said('rookery_breakers')).toEqual([
      'rookery_breakers{scope="account",state="open"} 1',
      'rookery_breakers{scope="groups",state="open"} 1',
      'rookery_breakers{scope="chat",state="open"} 1',
      'rookery_breakers{scope="chat",state="probing"} 1',
    ]);
    expect(await said('rookery_account_breakers')).toEqual([
      'rookery_account_breakers{account="1",scope="groups"} 1',
      'rookery_account_breakers{account="1",scope="chat"} 2',
      'rookery_account_breakers{account="2",scope="account"} 1',
    ]);
    expect(await said('rookery_hold_changes_total')).toEqual([
      'rookery_hold_changes_total{scope="groups",to="closed"} 1',
      'rookery_hold_changes_total{scope="chat",to="opened"} 1',
    ]);
    expect(await said('rookery_mutes')).toEqual(['rookery_mutes 4']);
    breakers.length = 0;
    expect([await said('rookery_breakers'), await said('rookery_account_breakers')]).toEqual([[], []]);
  });

  it('shows of no more accounts than are wanted', async () => {
    const { service, said } = setUp(1);
    const breakers = [open('1', 'groups'), open('2', 'groups'), open('1', 'chat')];
    const holds = Object.assign(new EventEmitter(), { openBreakers: () => breakers, mutes: 0 });
    observeHolds(service, holds as unknown as AccountHolds);
    expect(await said('rookery_account_breakers')).toEqual([
      'rookery_account_breakers{account="1",scope="groups"} 1',
      'rookery_account_breakers{account="1",scope="chat"} 1',
    ]);
    expect(await said('rookery_breakers{scope="groups"')).toEqual(['rookery_breakers{scope="groups",state="open"} 2']);
  });
});
