import { ACTION_METRICS } from './metric-table/actions';
import { BROADCAST_METRICS } from './metric-table/broadcasts';
import { CLUSTER_METRICS, LEASE_METRICS } from './metric-table/cluster';
import { EVENT_METRICS } from './metric-table/events';
import { LINK_METRICS } from './metric-table/links';
import { PLUGIN_METRICS } from './metric-table/plugins';
import { PROCESS_METRICS } from './metric-table/process';
import type { LabelSpec, MetricSpec } from './metric-table/spec';

/** The parts of the table, each under the heading that it has in docs/metrics.md. */
export const METRIC_SECTIONS = {
  'Links and accounts': LINK_METRICS,
  'Events, from the socket to the conversation': EVENT_METRICS,
  Plugins: PLUGIN_METRICS,
  Actions: ACTION_METRICS,
  Broadcasts: BROADCAST_METRICS,
  Leases: LEASE_METRICS,
  'The cluster as a whole': CLUSTER_METRICS,
  'Every process': PROCESS_METRICS,
} as const satisfies Record<string, Readonly<Record<string, MetricSpec>>>;

/**
 * Every metric that Rookery exports: code, docs/metrics.md, dashboards and tests derive from it; a metric that is not here does
 * not exist. Labels are closed sets (never a group, a user, a text), and counting under a value that is not in its set does not
 * compile.
 */
export const METRICS = {
  ...LINK_METRICS,
  ...EVENT_METRICS,
  ...PLUGIN_METRICS,
  ...ACTION_METRICS,
  ...BROADCAST_METRICS,
  ...LEASE_METRICS,
  ...CLUSTER_METRICS,
  ...PROCESS_METRICS,
};

export type { MetricSpec } from './metric-table/spec';
export type MetricName = keyof typeof METRICS;
type NameOf<Type extends MetricSpec['type']> = {
  [Name in MetricName]: (typeof METRICS)[Name]['type'] extends Type ? Name : never;
}[MetricName];
export type CounterName = NameOf<'counter'>;
export type GaugeName = NameOf<'gauge'>;
export type HistogramName = NameOf<'histogram'>;
type Value<Spec extends LabelSpec> = Spec extends readonly (infer One)[] ? One : string;
type Declared<Name extends MetricName> = (typeof METRICS)[Name]['labels'];
/** Exactly the labels that the table declares for this metric, with the values that it allows. */
export type LabelsOf<Name extends MetricName> = {
  readonly [Label in keyof Declared<Name>]: Declared<Name>[Label] extends LabelSpec
    ? Value<Declared<Name>[Label]>
    : never;
};
