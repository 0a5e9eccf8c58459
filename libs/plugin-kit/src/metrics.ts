/**
 * Numbers of a plugin, exported as `rookery_plugin_events_total` and `rookery_plugin_seconds` with the plugin and the name as labels.
 * Names are lower-case letters, digits and underscores, at most 40; a plugin has 20 of them, whatever comes on top is counted
 * under `other`. Never put a group, a person or a text into a name.
 */
export interface Metrics {
  /** `by` is 1 unless given, and not negative. */
  count(name: string, by?: number): void;
  observe(name: string, seconds: number): void;
}

const NAME = /^[a-z][a-z0-9_]{0,39}$/;
const NAMES_MAX = 20;
const OTHER = 'other';

/** Keeps the names of one plugin within their bounds. */
export class MetricNames {
  readonly #known = new Set<string>();

  /** The name, or the one that stands for all that is too much. */
  bounded(name: string): string {
    if (this.#known.has(name)) return name;
    if (!NAME.test(name) || this.#known.size >= NAMES_MAX) return OTHER;
    this.#known.add(name);
    return name;
  }
}
