import { describe, expect, it } from '@jest/globals';
import { METRICS } from './metric-table';
import { Metrics } from './metrics';

const build = { app: 'test', version: '0.0.0', node: 'test-1' };

describe('Metrics', () => {
  it('exports every metric of the table with its help text', async () => {
    const text = await new Metrics(build).exposition();
    for (const [name, spec] of Object.entries(METRICS)) {
      expect(text).toContain(`# HELP ${name} ${spec.help}`);
      expect(text).toContain(`# TYPE ${name} ${spec.type}`);
    }
  });

  it('counts, sets and observes under the labels of the table', async () => {
    const sut = new Metrics(build);
    sut.count('rookery_events_total', { type: 'message' });
    sut.countBy('rookery_events_total', 4, { type: 'message' });
    sut.set('rookery_accounts', 3, { state: 'online' });
    sut.observe('rookery_publish_seconds', 0.2);
    const text = await sut.exposition();
    expect(text).toContain('rookery_events_total{type="message"} 5');
    expect(text).toContain('rookery_accounts{state="online"} 3');
    expect(text).toContain('rookery_publish_seconds_bucket{le="0.25"} 1');
  });

  it('keeps the metrics of two processes in one test apart', async () => {
    const first = new Metrics(build);
    first.count('rookery_events_total', { type: 'message' });
    expect(await new Metrics(build).exposition()).not.toContain('rookery_events_total{type="message"}');
  });

  it('names no group and no user in any label', () => {
    const labels = new Set<string>(Object.values(METRICS).flatMap((spec) => [...spec.labels]));
    for (const unbounded of ['group', 'user', 'message', 'text', 'url', 'conversation', 'error']) {
      expect(labels).not.toContain(unbounded);
    }
  });
});
