import { ERRORS, type RetryAdvice } from './errors';

/** The error table as the page that operators read. */
export function errorPage(): string {
  const rows = Object.entries(ERRORS).map(
    ([code, { what, next, retry }]) => `| \`${code}\` | ${what} | ${next} | ${advice(retry)} |`,
  );
  return `# Error codes

Every error of Rookery carries one of these codes, in logs, results and metrics. A code never changes its meaning. This page is
generated from the table in \`libs/protocol/src/errors.ts\` by \`npm run build && node scripts/generate-errors.mjs\`.

| code | what happened | what to do | tried again |
| --- | --- | --- | --- |
${rows.join('\n')}
`;
}

function advice(retry: RetryAdvice): string {
  switch (retry.kind) {
    case 'never':
      return 'no';
    case 'backoff':
      return 'with growing pauses';
    case 'wait':
      return `after ${retry.ms / 1000} s`;
  }
}
