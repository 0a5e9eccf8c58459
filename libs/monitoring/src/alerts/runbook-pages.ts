import type { Alert } from './alert';

/** docs/runbooks/<name>.md: what an alert means, and what to do. */
export function runbookPage({
  name,
  severity,
  expr,
  zh,
  summary,
  description,
  causes,
  steps,
  ...alert
}: Alert): string {
  return [
    `# ${name}`,
    '',
    `${plain(summary)}. ${description}`,
    '',
    `${zh}。`,
    '',
    `Severity: ${severity}; fires after ${alert.for}.`,
    '',
    '```',
    expr,
    '```',
    '',
    '## Why it happens / 可能的原因',
    '',
    ...causes.map((cause) => `- ${cause}`),
    '',
    '## What to do / 处理步骤',
    '',
    ...steps.map((step, index) => `${index + 1}. ${step}`),
    '',
    '[All runbooks](README.md) · [Metrics](../metrics.md) · [Error codes](../errors.md)',
    '',
  ].join('\n');
}

/** docs/runbooks/README.md. */
export function runbookIndex(groups: Readonly<Record<string, readonly Alert[]>>): string {
  const parts = Object.entries(groups).flatMap(([group, alerts]) => [
    `## ${group}`,
    '',
    '| alert | severity | meaning | 含义 |',
    '| --- | --- | --- | --- |',
    ...alerts.map(
      ({ name, severity, summary, zh }) => `| [${name}](${name}.md) | ${severity} | ${plain(summary)} | ${zh} |`,
    ),
    '',
  ]);
  const head = [
    '# Runbooks',
    '',
    'One page for each alert of `deploy/prometheus/rules`: what it means, why it happens, what to do. Generated from',
    '`libs/monitoring`, which also holds a test of firing and one of not firing for each.',
    '每条告警一页：含义、可能的原因和处理步骤。',
    '',
  ];
  return [...head, ...parts].join('\n');
}

/** Without the language of Prometheus' templates. */
const plain = (text: string): string =>
  text.replaceAll(/\{\{ \$labels\.(\w+) \}\}/g, '‹$1›').replaceAll(/\{\{ \$value[^}]*\}\}/g, '‹value›');
