import { labelText } from './label-text';

type Labels = Readonly<Record<string, string>>;

interface Series {
  readonly labels: Labels;
  /** Per bucket, and one for what is above all of them. */
  readonly counts: number[];
  sum: number;
}

/**
 * Written and counted as prom-client does it, whose own histogram looks labels up and keeps its buckets by name: it takes ten times as long,
 * and something is measured with every event and every action.
 */
export class Histogram {
  /** By the values of their labels. */
  readonly #series = new Map<string, Series>();

  /** `bounds`: upper ones, inclusive, rising. One without labels is shown before anything was measured. */
  constructor(
    private readonly bounds: readonly number[],
    private readonly labelNames: readonly string[],
  ) {
    if (labelNames.length === 0) this.#begin('', {});
  }

  /** Throws for what is no finite number: the sum would never be one again. */
  observe(value: number, labels: Labels = {}): void {
    if (!Number.isFinite(value)) throw new TypeError(`${value} cannot be measured`);
    let key = '';
    for (const name of this.labelNames) key += `${labels[name] ?? ''}\n`;
    const series = this.#series.get(key) ?? this.#begin(key, labels);
    const { bounds } = this;
    let at = 0;
    for (let bound = bounds[0]; bound !== undefined && value > bound; bound = bounds[at]) at += 1;
    series.counts[at] = (series.counts[at] ?? 0) + 1;
    series.sum += value;
  }

  /** Its lines for Prometheus, without help and type: each bucket counts those below it too. */
  exposition(name: string): string {
    let text = '';
    for (const { labels, counts, sum } of this.#series.values()) {
      const own = labelText(labels);
      const braced = own === '' ? '' : `{${own}}`;
      let count = 0;
      for (const [at, seen] of counts.entries()) {
        count += seen;
        text += `${name}_bucket{le="${this.bounds[at] ?? '+Inf'}"${own === '' ? '' : `,${own}`}} ${count}\n`;
      }
      text += `${name}_sum${braced} ${sum}\n${name}_count${braced} ${count}\n`;
    }
    return text;
  }

  #begin(key: string, labels: Labels): Series {
    const series = { labels, counts: Array.from({ length: this.bounds.length + 1 }, () => 0), sum: 0 };
    this.#series.set(key, series);
    return series;
  }
}
