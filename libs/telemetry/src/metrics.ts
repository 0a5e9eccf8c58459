import { Counter, Gauge, Registry } from 'prom-client';
import { Histogram } from './histogram';
import { labelText } from './label-text';
import {
  METRICS,
  type CounterName,
  type GaugeName,
  type HistogramName,
  type LabelsOf,
  type MetricName,
  type MetricSpec,
} from './metric-table';
import { CLUSTER_METRICS } from './metric-table/cluster';
import { Runtime, type RuntimeReading } from './runtime';

/** The labels argument is left out exactly when the metric has none. */
type Labels<Name extends MetricName> = keyof LabelsOf<Name> extends never ? [] : [labels: LabelsOf<Name>];

/** More combinations of label values than these are not shown before they happen. */
const SHOWN_AT_ZERO = 64;

/**
 * Every combination of closed labels is there from the start: Prometheus sees an increase only where it has seen the value before,
 * so the first failure of a kind would raise no alert.
 */
function fromZero(counter: Counter, { labels }: MetricSpec): Counter {
  let combinations: Readonly<Record<string, string>>[] = [{}];
  for (const [label, values] of Object.entries(labels)) {
    if ('bounded' in values || combinations.length * values.length > SHOWN_AT_ZERO) return counter;
    combinations = combinations.flatMap((known) => values.map((value) => ({ ...known, [label]: value })));
  }
  for (const combination of combinations) counter.inc(combination, 0);
  return counter;
}

/** The metrics of one process, by the names of the metric table. One registry each, so that tests can run several. */
export class Metrics {
  readonly #registry = new Registry();
  readonly #counters = new Map<MetricName, Counter>();
  readonly #gauges = new Map<MetricName, Gauge>();
  readonly #histograms = new Map<MetricName, Histogram>();
  readonly #looks: (() => void)[] = [];
  readonly #sources = new Map<MetricName, () => Iterable<readonly [Readonly<Record<string, string>>, number]>>();

  constructor(build: LabelsOf<'rookery_build_info'>) {
    for (const [name, spec] of Object.entries(METRICS) as [MetricName, MetricSpec][]) {
      const options = { name, help: spec.help, labelNames: Object.keys(spec.labels), registers: [this.#registry] };
      switch (spec.type) {
        case 'counter':
          this.#counters.set(name, fromZero(new Counter(options), spec));
          break;
        case 'gauge':
          this.#gauges.set(name, new Gauge(options));
          break;
        case 'histogram':
          this.#histograms.set(name, new Histogram(spec.buckets ?? [], options.labelNames));
          break;
      }
    }
    // A gauge without labels begins at 0, which would be a statement of every node about the whole cluster.
    for (const name of Object.keys(CLUSTER_METRICS) as GaugeName[]) this.clear(name);
    this.set('rookery_build_info', 1, build);
    const runtime = new Runtime();
    this.onScrape(() => this.#show(runtime.read()));
  }

  count<Name extends CounterName>(name: Name, ...labels: Labels<Name>): void {
    this.#counters.get(name)?.inc(labels[0] ?? {});
  }

  countBy<Name extends CounterName>(name: Name, amount: number, ...labels: Labels<Name>): void {
    this.#counters.get(name)?.inc(labels[0] ?? {}, amount);
  }

  /**
   * For what is counted with every event: a call of what this returns only adds one, and the sum is handed over at the scrape. A tenth of
   * the time of {@link count}.
   */
  tally<Name extends CounterName>(name: Name, ...labels: Labels<Name>): () => void {
    let seen = 0;
    this.onScrape(() => {
      this.countBy(name, seen, ...labels);
      seen = 0;
    });
    return () => void (seen += 1);
  }

  set<Name extends GaugeName>(name: Name, value: number, ...labels: Labels<Name>): void {
    this.#gauges.get(name)?.set(labels[0] ?? {}, value);
  }

  /** Forgets all series of a gauge: this process does not know the value any more. */
  clear(name: GaugeName): void {
    const gauge = this.#gauges.get(name);
    // `reset` would leave a gauge without labels at 0, which is a statement; without any series nothing is said.
    if (Object.keys(METRICS[name].labels).length > 0) gauge?.reset();
    else gauge?.remove();
  }

  observe<Name extends HistogramName>(name: Name, value: number, ...labels: Labels<Name>): void {
    this.#histograms.get(name)?.observe(value, labels[0]);
  }

  /** Calls before every scrape: what can be read at any time is read then, instead of being followed event by event. */
  onScrape(look: () => void): void {
    this.#looks.push(look);
  }

  #show({ lagSeconds, utilization, cpuSeconds, residentBytes, heapBytes, startedAt }: RuntimeReading): void {
    for (const stat of ['p50', 'p99', 'max'] as const) {
      this.set('rookery_event_loop_lag_seconds', lagSeconds[stat], { stat });
    }
    this.set('rookery_event_loop_utilization', utilization);
    for (const mode of ['user', 'system'] as const) {
      this.countBy('rookery_process_cpu_seconds_total', cpuSeconds[mode], { mode });
    }
    this.set('rookery_process_resident_memory_bytes', residentBytes);
    this.set('rookery_process_heap_bytes', heapBytes);
    this.set('rookery_process_start_time_seconds', startedAt);
  }

  /**
   * A gauge or counter with thousands of series, which are asked for at every scrape and kept nowhere in between: some ten times cheaper
   * than to set and to forget each.
   */
  showEach<Name extends GaugeName | CounterName>(
    name: Name,
    series: () => Iterable<readonly [LabelsOf<Name>, number]>,
  ): void {
    this.#registry.removeSingleMetric(name);
    this.#sources.set(name, series);
  }

  /** The exposition text for Prometheus. */
  async exposition(): Promise<string> {
    for (const look of this.#looks) look();
    const parts = [await this.#registry.metrics()];
    const head = (name: MetricName): string =>
      `# HELP ${name} ${METRICS[name].help}\n# TYPE ${name} ${METRICS[name].type}\n`;
    for (const [name, histogram] of this.#histograms) parts.push(head(name), histogram.exposition(name));
    for (const [name, series] of this.#sources) {
      parts.push(head(name));
      for (const [labels, value] of series()) parts.push(`${name}{${labelText(labels)}} ${value}\n`);
    }
    return parts.join('');
  }

  /** Content type that belongs to {@link exposition}. */
  get contentType(): string {
    return this.#registry.contentType;
  }
}
