/**
 * A histogram without labels. What is measured with every event passes here, and prom-client, which looks its labels up and keeps its
 * buckets by name, takes ten times as long for it.
 */
export class PlainHistogram {
  /** Per bucket, and one for what is above all of them. */
  readonly #counts: number[];
  #sum = 0;

  /** `bounds`: upper ones, inclusive, rising. */
  constructor(private readonly bounds: readonly number[]) {
    this.#counts = Array.from({ length: bounds.length + 1 }, () => 0);
  }

  observe(value: number): void {
    const { bounds } = this;
    let at = 0;
    for (let bound = bounds[0]; bound !== undefined && value > bound; bound = bounds[at]) at += 1;
    this.#counts[at] = (this.#counts[at] ?? 0) + 1;
    this.#sum += value;
  }

  /** Its lines for Prometheus, without help and type: each bucket counts those below it too. */
  exposition(name: string): string {
    let count = 0;
    let text = '';
    for (const [at, seen] of this.#counts.entries()) {
      count += seen;
      text += `${name}_bucket{le="${this.bounds[at] ?? '+Inf'}"} ${count}\n`;
    }
    return `${text}${name}_sum ${this.#sum}\n${name}_count ${count}\n`;
  }
}
