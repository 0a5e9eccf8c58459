import type { Service } from '@rookery/service';
import type { Orphans } from './orphans';

/** Counted like every other end of an action: whoever looks at outcomes need not know where they ended. */
export function observeOrphans({ metrics, log, noise }: Service, orphans: Orphans): void {
  orphans.on('ended', ({ self, id, name, lane }, { outcome, error }) => {
    metrics.count('rookery_actions_total', { outcome, lane });
    if (error?.code === 'ACTION_EXPIRED') metrics.count('rookery_actions_expired_total', { lane });
    noise.pass(`orphans:${self}`, (suppressed) =>
      log.warn(
        { account: self, action: id, name, outcome, code: error?.code, suppressed },
        'an action ended since no connector holds its account',
      ),
    );
  });
  orphans.on('trouble', (error) => {
    noise.pass('orphans', (suppressed) =>
      log.warn({ error: error.message, suppressed }, 'actions of accounts that nobody holds could not be looked at'),
    );
  });
}
