import { METRIC_SECTIONS, type MetricSpec } from './metric-table';
import { ERROR_CODES } from './metric-table/spec';

/** docs/metrics.md: the metric table for people. */
export function metricsPage(): string {
  const parts = Object.entries(METRIC_SECTIONS).flatMap(([title, metrics]) => [
    `## ${title}`,
    '',
    '| name | type | labels | meaning |',
    '| --- | --- | --- | --- |',
    ...Object.entries<MetricSpec>(metrics).map(row),
    '',
  ]);
  return `${[...HEAD, ...parts].join('\n').trimEnd()}\n`;
}

const HEAD = [
  '# Metrics',
  '',
  'Generated from the metric table in `libs/telemetry`; do not edit (`npm run build && node scripts/generate-metrics.mjs`).',
  '本页由指标表生成。',
  '',
  'Every process exports them at `/metrics` in the text format of Prometheus. Label values are closed sets: no group, no user and no',
  'text is ever a label. Only the series with the label `account` grow with the number of accounts; `metrics.accountSeries` in',
  'rookery.yaml bounds them, and 0 switches them off. Dashboards are in `deploy/grafana`, alert rules in `deploy/prometheus`, and',
  'what to do when one fires in [the runbooks](runbooks/README.md). See [monitoring](monitoring.md) for how to set it up.',
  '',
];

function row([name, { type, labels, help, buckets }]: [string, MetricSpec]): string {
  const described = Object.entries(labels).map(([label, values]) => {
    if ('bounded' in values) return `\`${label}\`: ${values.bounded}`;
    const codes = new Set<string>(ERROR_CODES);
    const named = values.filter((value) => !codes.has(value)).map((value) => (value === '' ? 'empty' : value));
    if (values.some((value) => codes.has(value))) named.push('an [error code](errors.md)');
    return `\`${label}\`: ${named.join(', ')}`;
  });
  const steps = buckets === undefined ? '' : ` (buckets ${buckets.join(', ')})`;
  return `| \`${name}\` | ${type} | ${described.join('; ')} | ${help}${steps} |`;
}
