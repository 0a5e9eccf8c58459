import type { LeaseHolder } from '@rookery/cluster';
import type { LabelsOf } from '@rookery/telemetry';
import type { Service } from './service';

/** Metrics, log lines and readiness by the leases that a node holds; the same for connectors and workers. */
export function observeLeases(
  { health, metrics, log, noise, stopping }: Service,
  realm: LabelsOf<'rookery_leases_held'>['realm'],
  leases: LeaseHolder,
): void {
  const held = () => metrics.set('rookery_leases_held', leases.size, { realm });
  held();
  leases.on('gained', ({ key, epoch }, how) => {
    metrics.count('rookery_leases_gained_total', { realm, reason: how });
    held();
    log.debug({ realm, key, epoch, how }, 'lease gained');
  });
  leases.on('lost', ({ key, epoch }, reason) => {
    metrics.count('rookery_leases_lost_total', { realm, reason });
    held();
    log[reason === 'taken' ? 'warn' : 'debug']({ realm, key, epoch, reason }, `lease lost (${reason})`);
  });
  leases.on('suspended', () => {
    metrics.count('rookery_leases_suspended_total', { realm });
    health.notReady(`leases of ${realm}`, 'Redis has not confirmed our leases in time');
    log.warn({ realm, held: leases.size }, 'Redis has not confirmed our leases in time: nothing is done until it has');
  });
  leases.on('resumed', () => {
    health.ready(`leases of ${realm}`);
    log.info({ realm, held: leases.size }, 'our leases are confirmed again');
  });
  leases.on('members', (nodes) => {
    metrics.set('rookery_members', nodes.length, { realm });
    log.info({ realm, nodes: nodes.map(({ node, draining }) => (draining ? `${node} (leaving)` : node)) }, 'members');
  });
  leases.on('kept', (left) => stopping.miss(`${left} leases of ${realm} are given back`));
  leases.on('trouble', (error) => {
    noise.pass(`leases:${realm}`, (suppressed) =>
      log.warn({ realm, error: error.message, suppressed }, 'trouble with leases in Redis; trying again'),
    );
  });
}
