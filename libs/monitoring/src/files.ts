import { ALERT_GROUPS } from './alerts';
import { ruleFile, ruleTestFile } from './alerts/rule-files';
import { runbookIndex, runbookPage } from './alerts/runbook-pages';
import { DASHBOARDS } from './dashboards';
import { grafanaJson } from './dashboards/grafana';

/** Every generated file of monitoring: path within the repository → content. */
export function monitoringFiles(): ReadonlyMap<string, string> {
  const files = new Map<string, string>();
  for (const [group, alerts] of Object.entries(ALERT_GROUPS)) {
    files.set(`deploy/prometheus/rules/${group}.yaml`, ruleFile(group, alerts));
    files.set(`deploy/prometheus/tests/${group}.yaml`, ruleTestFile(group, alerts));
    for (const alert of alerts) files.set(`docs/runbooks/${alert.name}.md`, runbookPage(alert));
  }
  files.set('docs/runbooks/README.md', runbookIndex(ALERT_GROUPS));
  for (const [name, dashboard] of Object.entries(DASHBOARDS)) {
    files.set(`deploy/grafana/${name}.json`, grafanaJson(dashboard));
  }
  return files;
}
