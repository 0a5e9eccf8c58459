import { toError } from '@rookery/protocol';
import type { Service } from '@rookery/service';
import type { Alarms } from './alarms/alarms';
import type { Watch } from './watch';

/** Has the alarms look at what the watch has seen, one look after the other; metrics and log lines of what people are told. */
export function observeAlarms({ metrics, log, noise }: Service, watch: Watch, alarms: Alarms): void {
  let turn = Promise.resolve();
  watch.on('looked', (picture) => {
    turn = turn.then(() =>
      alarms.see(picture).catch((thrown: unknown) => {
        noise.pass('alarms', (suppressed) =>
          log.warn(
            { error: toError(thrown).message, suppressed },
            'Redis does not say what people were told; trying again',
          ),
        );
      }),
    );
  });
  alarms.on('standing', (count) => metrics.set('rookery_alarms', count));
  alarms.on('told', (channel, { raised, cleared }) => {
    metrics.count('rookery_notices_total', { channel, result: 'told' });
    const ids = (findings: typeof raised) => findings.map(({ id }) => id);
    log.info({ channel, raised: ids(raised), cleared: ids(cleared) }, 'people were told');
  });
  alarms.on('trouble', (channel, error) => {
    metrics.count('rookery_notices_total', { channel, result: 'failed' });
    noise.pass(`alarms:${channel}`, (suppressed) =>
      log.error({ channel, error: error.message, suppressed }, 'people could not be told that something is wrong'),
    );
  });
}
