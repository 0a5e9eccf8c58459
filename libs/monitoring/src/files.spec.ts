import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { ALERT_GROUPS } from './alerts';
import { DASHBOARDS } from './dashboards';
import { monitoringFiles } from '.';
import { METRICS, READINESS_PARTS } from '@rookery/telemetry';
import { labelsIn, metricsIn, queryProblems } from './queries';

const ROOT = join(__dirname, '../../..');
const alerts = Object.values(ALERT_GROUPS).flat();
const panels = Object.values(DASHBOARDS).flatMap(({ title, panels: all }) =>
  all.map((panel) => ({ ...panel, on: title })),
);

describe('the generated files', () => {
  it('are current: otherwise run `npm run build && node scripts/generate-monitoring.mjs`', () => {
    const stale = [...monitoringFiles()].filter(([path, text]) => readFileSync(join(ROOT, path), 'utf8') !== text);
    expect(stale.map(([path]) => path)).toEqual([]);
  });

  it.each(['deploy/prometheus/rules', 'deploy/prometheus/tests', 'deploy/grafana', 'docs/runbooks'])(
    '%s holds none that is not generated any more',
    (folder) => {
      const generated = monitoringFiles();
      const found = readdirSync(join(ROOT, folder)).filter((name) => /\.(yaml|json|md)$/.test(name));
      expect(found.filter((name) => !generated.has(`${folder}/${name}`))).toEqual([]);
    },
  );
});

describe('alert rules', () => {
  it.each(alerts.map(({ name, expr }) => [name, expr]))('%s reads only what exists', (_name, expr) => {
    expect(queryProblems(expr)).toEqual([]);
  });

  it.each(alerts.map(({ name, fires, quiet }) => [name, Object.keys({ ...fires, ...quiet })] as const))(
    '%s is tested with series that can exist',
    (_name, series) => {
      expect(series.flatMap((one) => queryProblems(one))).toEqual([]);
    },
  );

  it('have names of their own, and runbooks that lead to pages that are there', () => {
    expect(new Set(alerts.map(({ name }) => name)).size).toBe(alerts.length);
    const pages = monitoringFiles();
    for (const [path, text] of pages) {
      if (!path.startsWith('docs/runbooks/')) continue;
      for (const [, target = ''] of text.matchAll(/\]\((\w+\.md)\)/g))
        expect(pages.has(`docs/runbooks/${target}`)).toBe(true);
    }
  });
});

describe('the runbook of processes that are not ready', () => {
  it.each(READINESS_PARTS)('tells what `%s` means', (part) => {
    expect(monitoringFiles().get('docs/runbooks/RookeryNotReady.md')).toMatch(new RegExp(`^- \`${part}\`: \\w`, 'm'));
  });
});

describe('docs/dashboards.md', () => {
  const page = readFileSync(join(ROOT, 'docs/dashboards.md'), 'utf8');

  it.each(Object.entries(DASHBOARDS))('shows the dashboard %s with every panel', (name, { panels: all }) => {
    expect(page).toContain(`](pictures/${name}.svg)`);
    const picture = readFileSync(join(ROOT, `docs/pictures/${name}.svg`), 'utf8');
    // As text in SVG is written.
    const drawn = (text: string) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
    expect(all.filter((panel) => !picture.includes(drawn(panel.title))).map((panel) => panel.title)).toEqual([]);
  });

  it('has no picture of a dashboard that is no more', () => {
    const pictures = readdirSync(join(ROOT, 'docs/pictures')).map((file) => file.replace(/\.svg$/, ''));
    expect(pictures.filter((name) => !(name in DASHBOARDS))).toEqual([]);
  });
});

describe('dashboards', () => {
  it('show every metric of the table', () => {
    const shown = new Set(panels.flatMap(({ queries }) => queries.flatMap(({ expr }) => metricsIn(expr))));
    expect(Object.keys(METRICS).filter((name) => !shown.has(name))).toEqual([]);
  });

  it.each(panels.flatMap(({ on, title, queries }) => queries.map(({ expr, legend }) => [on, title, expr, legend])))(
    '%s, %s: reads only what exists',
    (_on, _title, expr, legend) => {
      expect(queryProblems(String(expr))).toEqual([]);
      const named = [...String(legend).matchAll(/\{\{(\w+)\}\}/g)].map(([, label]) => String(label));
      expect(named.filter((label) => !labelsIn(String(expr)).has(label))).toEqual([]);
    },
  );
});

describe('promtool', () => {
  const promtool = (...args: string[]) =>
    execFileSync(process.execPath, ['scripts/promtool.mjs', ...args], { cwd: ROOT, encoding: 'utf8' });
  const groups = Object.keys(ALERT_GROUPS);

  it('accepts the rules', () => {
    const output = promtool('check', 'rules', ...groups.map((group) => `deploy/prometheus/rules/${group}.yaml`));
    expect(output.match(/SUCCESS: \d+ rules found/g)).toHaveLength(groups.length);
  });

  it('sees every alert fire on its own series, and stay quiet on their look-alike', () => {
    const output = promtool('test', 'rules', ...groups.map((group) => `deploy/prometheus/tests/${group}.yaml`));
    expect(output.match(/SUCCESS/g)).toHaveLength(groups.length);
  });
});
