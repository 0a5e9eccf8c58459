import { MetricNames, type Metrics } from '@rookery/plugin-kit';
import type { Batch } from './batch';
import type { FromThread } from './messages';

/** Hands a plugin's numbers to the main thread. */
export function remoteMetrics(batch: Batch<FromThread>): Metrics {
  const names = new MetricNames();
  const tell = (kind: 'count' | 'observe', name: unknown, value: number): void => {
    if (Number.isFinite(value) && value >= 0) {
      batch.add({ type: 'metric', kind, name: names.bounded(String(name)), value });
    }
  };
  return {
    count: (name, by = 1) => tell('count', name, by),
    observe: (name, seconds) => tell('observe', name, seconds),
  };
}
