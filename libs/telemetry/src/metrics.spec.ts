import { describe, expect, it } from '@jest/globals';
import { METRICS } from './metric-table';
import { Metrics } from './metrics';

const build = { app: 'test', version: '0.0.0', node: 'test-1' } as const;

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

  it('hands over what was tallied between two scrapes, once, beside what is counted', async () => {
    const sut = new Metrics(build);
    const seen = sut.tally('rookery_events_total', { type: 'message' });
    const shown = async () => /rookery_events_total{type="message"} (\d+)/.exec(await sut.exposition())?.[1];
    expect(await shown()).toBe('0');
    for (let n = 0; n < 3; n++) seen();
    sut.count('rookery_events_total', { type: 'message' });
    expect(await shown()).toBe('4');
    expect(await shown()).toBe('4');
  });

  it('says nothing of the cluster unless told, and nothing any more once told to forget', async () => {
    const sut = new Metrics(build);
    const said = async () =>
      (await sut.exposition()).split('\n').filter((line) => /^rookery_(dead_letters|queue_jobs)[ {]/.test(line));
    expect(await said()).toEqual([]);
    sut.set('rookery_dead_letters', 0);
    sut.set('rookery_queue_jobs', 2, { queue: 'events', state: 'waiting' });
    expect(await said()).toHaveLength(2);
    sut.clear('rookery_dead_letters');
    sut.clear('rookery_queue_jobs');
    expect(await said()).toEqual([]);
  });

  it('reads what can be read at any time when it is scraped', async () => {
    const sut = new Metrics(build);
    let size = 1;
    sut.onScrape(() => sut.set('rookery_conversations_active', size));
    await sut.exposition();
    size = 7;
    expect(await sut.exposition()).toContain('rookery_conversations_active 7');
  });

  it('asks for the series of a large gauge when it is scraped, and writes them as Prometheus reads them', async () => {
    const sut = new Metrics(build);
    const names = ['10001', 'a"b\\c\nd'];
    sut.showEach('rookery_account_changes', () => names.map((account, index) => [{ account }, index]));
    const lines = async () =>
      (await sut.exposition()).split('\n').filter((line) => line.includes('rookery_account_changes'));
    expect(await lines()).toEqual([
      '# HELP rookery_account_changes How often the state of an account has changed since this connector got it',
      '# TYPE rookery_account_changes gauge',
      'rookery_account_changes{account="10001"} 0',
      'rookery_account_changes{account="a\\"b\\\\c\\nd"} 1',
    ]);
    names.length = 0;
    expect(await lines()).toHaveLength(2);
  });

  it('tells how the process itself is', async () => {
    const text = await new Metrics(build).exposition();
    expect(text).toMatch(/rookery_event_loop_lag_seconds\{stat="p99"\} \d/);
    expect(text).toMatch(/rookery_process_resident_memory_bytes [1-9]/);
    expect(text).toMatch(
      /rookery_process_cpu_seconds_total\{mode="user"\} 0\.|rookery_process_cpu_seconds_total\{mode="user"\} [1-9]/,
    );
  });

  it('keeps the metrics of two processes in one test apart', async () => {
    const first = new Metrics(build);
    first.count('rookery_events_total', { type: 'message' });
    expect(await new Metrics(build).exposition()).toContain('rookery_events_total{type="message"} 0');
  });

  it('names no group and no user in any label', () => {
    const labels = new Set<string>(Object.values(METRICS).flatMap((spec) => Object.keys(spec.labels)));
    for (const unbounded of ['group', 'user', 'message', 'text', 'url', 'conversation', 'error']) {
      expect(labels).not.toContain(unbounded);
    }
  });
});
