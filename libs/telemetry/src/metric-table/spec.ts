import { ERRORS, type ErrorCode } from '@rookery/protocol';

/** A label whose values cannot be listed here, and why there are few all the same. */
export interface BoundedLabel {
  readonly bounded: string;
}

/** A label's values, all of them, so that dashboards and alerts can be checked against them; or what bounds them. */
export type LabelSpec = readonly string[] | BoundedLabel;

export interface MetricSpec {
  readonly type: 'counter' | 'gauge' | 'histogram';
  readonly help: string;
  /** Never a group, a user or a text. */
  readonly labels: Readonly<Record<string, LabelSpec>>;
  /** Upper bounds, in the unit that the name says. */
  readonly buckets?: readonly number[];
}

/** From the fastest that is worth telling apart to what is hopeless. */
export const LATENCY_SECONDS = [
  0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60,
] as const;

export const PLUGIN = { bounded: 'the plugins that are loaded' } as const;
/** Only on the few series that exist per account; `metrics.accountSeries` in rookery.yaml bounds them or switches them off. */
export const ACCOUNT = { bounded: 'the accounts of one connector, at most `metrics.accountSeries`' } as const;
export const NODE = { bounded: 'the process itself' } as const;
export const ERROR_CODES = Object.keys(ERRORS) as readonly ErrorCode[];

export const REALMS = ['accounts', 'partitions', 'watch'] as const;
