import { METRICS, type MetricSpec } from '@rookery/telemetry';

/** Labels that Prometheus itself puts on. */
const OUTSIDE = new Set(['instance', 'job', 'le']);
const FOREIGN = new Set(['up', 'ALERTS']);

/**
 * What is wrong with a query: metrics that do not exist, labels that they do not have, values that are not in a label's closed
 * set. It knows the part of the query language that our own queries use.
 */
export function queryProblems(query: string): string[] {
  const problems: string[] = [];
  const known = new Set(OUTSIDE);
  const text = query.replaceAll('$__rate_interval', '5m');
  for (const [, name = '', matchers = ''] of text.matchAll(/\b((?:rookery_\w+)|up|ALERTS)\b(?:\{([^}]*)\})?/g)) {
    if (FOREIGN.has(name)) continue;
    const spec = specOf(name);
    if (spec === undefined) {
      problems.push(`there is no metric ${name}`);
      continue;
    }
    for (const label of Object.keys(spec.labels)) known.add(label);
    problems.push(...matcherProblems(name, spec, matchers));
  }
  for (const [, list = ''] of text.matchAll(/\b(?:by|without|on|ignoring)\s*\(([^)]*)\)/g)) {
    for (const label of list.split(',').map((part) => part.trim())) {
      if (label !== '' && !known.has(label)) problems.push(`none of its metrics has a label ${label}`);
    }
  }
  return problems;
}

/** The metrics of the table that a query reads. */
export function metricsIn(query: string): string[] {
  return [...query.matchAll(/\brookery_\w+/g)].map(([name]) => (name in METRICS ? name : stem(name)));
}

/** The labels that the series of a query may have. */
export function labelsIn(query: string): Set<string> {
  const labels = new Set(OUTSIDE);
  const table: Readonly<Record<string, MetricSpec>> = METRICS;
  for (const name of metricsIn(query)) for (const label of Object.keys(table[name]?.labels ?? {})) labels.add(label);
  return labels;
}

const stem = (name: string): string => name.replace(/_(?:bucket|sum|count)$/, '');

function specOf(name: string): MetricSpec | undefined {
  const table: Readonly<Record<string, MetricSpec>> = METRICS;
  const exact = table[name];
  if (exact !== undefined) return exact.type === 'histogram' ? undefined : exact;
  const histogram = table[stem(name)];
  return histogram?.type === 'histogram' ? histogram : undefined;
}

function matcherProblems(name: string, spec: MetricSpec, matchers: string): string[] {
  return [...matchers.matchAll(/(\w+)\s*(=~|!~|!=|=)\s*"([^"]*)"/g)].flatMap(([, label = '', , values = '']) => {
    if (OUTSIDE.has(label)) return [];
    const allowed = spec.labels[label];
    if (allowed === undefined) return [`${name} has no label ${label}`];
    if ('bounded' in allowed || values.startsWith('$')) return [];
    return values
      .split('|')
      .filter((value) => !allowed.includes(value))
      .map((value) => `${name}: ${label} is never ${JSON.stringify(value)}`);
  });
}
