// Writes alert rules with their tests, runbooks and dashboards from libs/monitoring. Needs a build:
//   npm run build && node scripts/generate-monitoring.mjs
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';

const { monitoringFiles } = createRequire(import.meta.url)('../dist/libs/monitoring/src/files.js');
const path = (name) => fileURLToPath(new URL(`../${name}`, import.meta.url));
for (const folder of ['deploy/prometheus/rules', 'deploy/prometheus/tests', 'docs/runbooks']) {
  rmSync(path(folder), { recursive: true, force: true });
}
for (const [name, text] of monitoringFiles()) {
  mkdirSync(dirname(path(name)), { recursive: true });
  writeFileSync(path(name), text);
}
