import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import {
  METRICS,
  type CounterName,
  type GaugeName,
  type HistogramName,
  type LabelsOf,
  type MetricName,
} from './metric-table';

/** The labels argument is left out exactly when the metric has none. */
type Labels<Name extends MetricName> = keyof LabelsOf<Name> extends never ? [] : [labels: LabelsOf<Name>];

/** The metrics of one process, by the names of the metric table. One registry each, so that tests can run several. */
export class Metrics {
  readonly #registry = new Registry();
  readonly #counters = new Map<MetricName, Counter>();
  readonly #gauges = new Map<MetricName, Gauge>();
  readonly #histograms = new Map<MetricName, Histogram>();

  constructor(build: LabelsOf<'rookery_build_info'>) {
    collectDefaultMetrics({ register: this.#registry, prefix: 'rookery_' });
    for (const [name, spec] of Object.entries(METRICS) as [MetricName, (typeof METRICS)[MetricName]][]) {
      const options = { name, help: spec.help, labelNames: [...spec.labels], registers: [this.#registry] };
      switch (spec.type) {
        case 'counter':
          this.#counters.set(name, new Counter(options));
          break;
        case 'gauge':
          this.#gauges.set(name, new Gauge(options));
          break;
        case 'histogram':
          this.#histograms.set(name, new Histogram({ ...options, buckets: [...spec.buckets] }));
          break;
      }
    }
    this.set('rookery_build_info', 1, build);
  }

  count<Name extends CounterName>(name: Name, ...labels: Labels<Name>): void {
    this.#counters.get(name)?.inc(labels[0] ?? {});
  }

  countBy<Name extends CounterName>(name: Name, amount: number, ...labels: Labels<Name>): void {
    this.#counters.get(name)?.inc(labels[0] ?? {}, amount);
  }

  set<Name extends GaugeName>(name: Name, value: number, ...labels: Labels<Name>): void {
    this.#gauges.get(name)?.set(labels[0] ?? {}, value);
  }

  observe<Name extends HistogramName>(name: Name, value: number, ...labels: Labels<Name>): void {
    this.#histograms.get(name)?.observe(labels[0] ?? {}, value);
  }

  /** The exposition text for Prometheus. */
  exposition(): Promise<string> {
    return this.#registry.metrics();
  }

  /** Content type that belongs to {@link exposition}. */
  get contentType(): string {
    return this.#registry.contentType;
  }
}
