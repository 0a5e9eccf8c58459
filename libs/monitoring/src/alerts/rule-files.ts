import { stringify } from 'yaml';
import type { Alert } from './alert';

/** Where the pages are served: the external label `rookery_docs` of Prometheus; without it the path within the repository. */
const DOCS = '{{ with $externalLabels.rookery_docs }}{{ . }}{{ else }}docs{{ end }}';
const HEAD =
  '# Generated from libs/monitoring; do not edit (`npm run build && node scripts/generate-monitoring.mjs`).\n';
const STYLE = { lineWidth: 0, defaultStringType: 'PLAIN', defaultKeyType: 'PLAIN' } as const;

/** A file of alerting rules for Prometheus. */
export function ruleFile(group: string, alerts: readonly Alert[]): string {
  const rules = alerts.map(({ name, expr, severity, summary, description, ...alert }) => ({
    alert: name,
    expr,
    for: alert.for,
    labels: { severity },
    annotations: { summary, summary_zh: alert.zh, description, runbook_url: `${DOCS}/runbooks/${name}.md` },
  }));
  return `${HEAD}${stringify({ groups: [{ name: `rookery-${group}`, rules }] }, STYLE)}`;
}

const STEP = '30s';
const AT = '30m';

/** Its tests for `promtool test rules`: every alert fires on its own series, and stays quiet on their look-alike. */
export function ruleTestFile(group: string, alerts: readonly Alert[]): string {
  const test = (name: string, series: Alert['fires'], firing: boolean) => ({
    name: `${name} ${firing ? 'fires' : 'stays quiet'}`,
    interval: STEP,
    input_series: Object.entries(series).map(([key, values]) => ({ series: key, values })),
    promql_expr_test: [
      {
        expr: `count(ALERTS{alertname="${name}",alertstate="firing"}) > 0`,
        eval_time: AT,
        exp_samples: firing ? [{ labels: '{}', value: 1 }] : [],
      },
    ],
  });
  const tests = alerts.flatMap(({ name, fires, quiet }) => [test(name, fires, true), test(name, quiet, false)]);
  return `${HEAD}${stringify({ rule_files: [`../rules/${group}.yaml`], evaluation_interval: STEP, tests }, STYLE)}`;
}
