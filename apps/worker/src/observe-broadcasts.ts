import type { Service } from '@rookery/service';
import type { LabelsOf } from '@rookery/telemetry';
import type { BroadcastStage } from './broadcast';

type State = LabelsOf<'rookery_broadcast_targets'>['state'];

/** Metrics and log lines of broadcasts. */
export function observeBroadcasts({ metrics, log, noise }: Service, stage: BroadcastStage): void {
  const count = () => metrics.set('rookery_broadcasts_running', stage.rounds.size);
  count();
  stage.rounds.on('changed', count);
  metrics.onScrape(() => {
    const { waiting, paused, inHand } = stage.rounds.left;
    for (const [state, targets] of Object.entries({ waiting, paused, in_hand: inHand }) as [State, number][]) {
      metrics.set('rookery_broadcast_targets', targets, { state });
    }
  });
  stage.on('begun', (broadcast) => log.info({ broadcast }, `broadcast ${broadcast} is carried out here`));
  stage.on('reached', (_id, outcome) => metrics.count('rookery_broadcast_targets_total', { outcome }));
  stage.on('givenBack', (_id, reason) => metrics.count('rookery_broadcast_given_back_total', { reason }));
  stage.on('ended', (broadcast, end) => {
    metrics.count('rookery_broadcasts_ended_total', { end });
    log.info({ broadcast, end }, `broadcast ${broadcast} has ended: ${end}`);
  });
  stage.on('trouble', (broadcast, error) => {
    noise.pass(`broadcast:${error.name}`, (suppressed) =>
      log.warn({ broadcast, error: error.message, suppressed }, 'trouble with a broadcast; trying again'),
    );
  });
}
