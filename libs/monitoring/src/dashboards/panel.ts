import { METRICS, type CounterName, type GaugeName, type HistogramName } from '@rookery/telemetry';

export interface Query {
  readonly expr: string;
  /** May hold `{{label}}`. */
  readonly legend: string;
}

/** Grafana's name of a unit. */
export type Unit = 's' | 'short' | 'ops' | 'bytes' | 'Bps' | 'percentunit';

export interface Panel {
  readonly title: string;
  readonly description: string;
  readonly unit: Unit;
  readonly queries: readonly Query[];
  /** Shares of a whole, drawn on top of each other. */
  readonly stacked?: boolean;
  /** Without any data until something happens that need not happen. */
  readonly isSeldom?: boolean;
}

/** Marks a panel that has no data in a cluster in which all is well and nothing special is used. */
export const seldom = (panel: Panel): Panel => ({ ...panel, isSeldom: true });

export interface Dashboard {
  readonly uid: string;
  readonly title: string;
  readonly zh: string;
  readonly panels: readonly Panel[];
  /** A metric whose values of a label may be chosen from, as the variable of that label's name. */
  readonly choose?: { readonly metric: GaugeName; readonly label: string };
}

interface Shape<Name extends keyof typeof METRICS> {
  readonly unit: Unit;
  readonly by?: keyof (typeof METRICS)[Name]['labels'] & string;
  /** Matchers, as `state="online"`. */
  readonly where?: string;
  readonly stacked?: boolean;
  readonly title?: string;
}

const RATE = '[$__rate_interval]';
const braces = (where: string | undefined): string => (where === undefined ? '' : `{${where}}`);

/** How often something happens a second. */
export function rate<Name extends CounterName>(name: Name, title: string, shape: Omit<Shape<Name>, 'title'>): Panel {
  const { by, where, unit, stacked } = shape;
  const inner = `rate(${name}${braces(where)}${RATE})`;
  return {
    title,
    description: METRICS[name].help,
    unit,
    queries: [{ expr: by === undefined ? `sum(${inner})` : `sum by (${by}) (${inner})`, legend: legendOf(by) }],
    ...(stacked === true && { stacked }),
  };
}

/** A gauge; `how`: what is made of the values of several processes. */
export function gauge<Name extends GaugeName>(
  name: Name,
  title: string,
  shape: Omit<Shape<Name>, 'title' | 'by'> & {
    readonly by?: Shape<Name>['by'] | 'instance';
    readonly how: 'sum' | 'max' | 'min';
  },
): Panel {
  const { by, where, how, unit, stacked } = shape;
  const series = `${name}${braces(where)}`;
  return {
    title,
    description: METRICS[name].help,
    unit,
    queries: [{ expr: by === undefined ? `${how}(${series})` : `${how} by (${by}) (${series})`, legend: legendOf(by) }],
    ...(stacked === true && { stacked }),
  };
}

/** How long ago it was, of a gauge that holds a time; of several processes the latest, or each by itself. */
export function age(
  name: Extract<GaugeName, `${string}_seconds`>,
  title: string,
  { each }: { readonly each: boolean },
): Panel {
  const latest = each ? `max by (instance) (${name})` : `max(${name})`;
  const legend = legendOf(each ? 'instance' : undefined);
  return { title, description: METRICS[name].help, unit: 's', queries: [{ expr: `time() - ${latest}`, legend }] };
}

/** Half, 90 % and 99 % of all are below these; or, by a label, the 90 % of each value. */
export function quantiles<Name extends HistogramName>(
  name: Name,
  title: string,
  shape: Omit<Shape<Name>, 'title'>,
): Panel {
  const { by, where, unit } = shape;
  const buckets = (labels: string) => `sum by (${labels}) (rate(${name}_bucket${braces(where)}${RATE}))`;
  const queries =
    by === undefined
      ? [0.5, 0.9, 0.99].map((q) => ({ expr: `histogram_quantile(${q}, ${buckets('le')})`, legend: `p${q * 100}` }))
      : [{ expr: `histogram_quantile(0.9, ${buckets(`le, ${by}`)})`, legend: `p90 ${legendOf(by)}` }];
  return { title, description: METRICS[name].help, unit, queries };
}

/** Another series of the same unit in a panel, under the title that it would have had. */
export function beside(panel: Panel, other: Panel): Panel {
  const more = other.queries.map(({ expr }) => ({ expr, legend: other.title }));
  return { ...panel, queries: [...panel.queries, ...more] };
}

const legendOf = (by: string | undefined): string => (by === undefined ? 'all' : `{{${by}}}`);
