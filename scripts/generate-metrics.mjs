// Writes docs/metrics.md from the metric table. Needs a build: `npm run build && node scripts/generate-metrics.mjs`.
import { writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const { metricsPage } = createRequire(import.meta.url)('../dist/libs/telemetry/src/metrics-page.js');
writeFileSync(new URL('../docs/metrics.md', import.meta.url), metricsPage());
