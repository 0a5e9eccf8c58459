import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { metricsPage } from './metrics-page';

describe('docs/metrics.md', () => {
  it('is current: after a change of the table run `npm run build && node scripts/generate-metrics.mjs`', () => {
    expect(readFileSync(join(__dirname, '../../../docs/metrics.md'), 'utf8')).toBe(metricsPage());
  });
});
