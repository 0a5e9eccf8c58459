import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { DASHBOARDS } from '@rookery/monitoring';
import { Fleet } from '@rookery/simulator';
import { startTestRedis, type TestRedis } from '@rookery/testing';
import { startProcess, until, type RunningProcess } from './support/processes';
import { startPrometheus, type RunningPrometheus } from './support/prometheus';

const LIN = '1500000021';
const GROUP = '712345678';

let redis: TestRedis;
let dir: string;
let env: Readonly<Record<string, string>>;
let fleet: Fleet;
let processes: RunningProcess[];
let prometheus: RunningPrometheus;

beforeAll(async () => {
  redis = await startTestRedis({ appendOnly: true });
  dir = await mkdtemp(join(tmpdir(), 'rookery-monitoring-'));
  fleet = await Fleet.start({ accounts: 2, groups: 1, heartbeatMs: 500 });
  const config = join(dir, 'rookery.yaml');
  const accounts = fleet.accounts.flatMap((account) =>
    account.mode === 'forward'
      ? [`  - { selfId: "${account.selfId}", mode: forward, url: "${account.url}", token: "${account.token}" }`]
      : [],
  );
  await writeFile(
    config,
    [
      'partitions: 4',
      'limits: { profile: unlimited, gapSeconds: 0.3 }',
      'brake: { turns: 0 }',
      'alerts: { webhook: { url: "http://127.0.0.1:9/" } }',
      'accounts:',
      ...accounts,
    ].join('\n'),
  );
  env = { ROOKERY_CONFIG: config, REDIS_URL: redis.url };
  processes = await Promise.all((['connector', 'worker', 'console'] as const).map((app) => startProcess(app, env)));
  prometheus = await startPrometheus(processes.map(({ http }) => new URL(http).host));
});

afterAll(async () => {
  await prometheus?.stop();
  await Promise.all((processes ?? []).map((running) => running.stop()));
  await fleet?.close();
  await redis?.stop();
  await rm(dir, { recursive: true, force: true });
});

const hasData = async (expr: string): Promise<boolean> => {
  const query = expr.replaceAll('$__rate_interval', '20s').replaceAll('$account', '.*');
  const samples = await prometheus.query(query);
  return samples.some(({ value }) => Number.isFinite(Number(value[1])));
};

describe('a Prometheus that scrapes a running cluster', () => {
  it('gets data for every query of every panel of every dashboard', async () => {
    const queries = Object.values(DASHBOARDS).flatMap(({ title, panels }) =>
      panels.flatMap(({ isSeldom, ...panel }) =>
        isSeldom === true ? [] : panel.queries.map(({ expr }) => ({ name: `${title}, ${panel.title}: ${expr}`, expr })),
      ),
    );
    let said = 0;
    let left = queries;
    await until(
      'data for all of them',
      async () => {
        fleet.world.say(LIN, { group: GROUP }, `/ping ${said++}`);
        await new Promise((resolve) => setTimeout(resolve, 250));
        const answers = await Promise.all(left.map(async (query) => ({ query, ok: await hasData(query.expr) })));
        left = answers.filter(({ ok }) => !ok).map(({ query }) => query);
        return left.length === 0;
      },
      45_000,
    ).catch(() => undefined);
    expect(left.map(({ name }) => name)).toEqual([]);
    expect(queries.length).toBeGreaterThan(40);
  });

  it('has one voice for the cluster, and has it again within 30 s after that process was killed', async () => {
    const voices = () => prometheus.query('rookery_cluster_looked_seconds');
    const [before] = await voices();
    expect(await voices()).toHaveLength(1);
    const speaker = processes.find(({ http }) => new URL(http).host === before?.metric['instance']);
    const killedAt = Date.now();
    await speaker?.stop('SIGKILL');
    processes = processes.filter((running) => running !== speaker);
    await until(
      'another process speaks for the cluster',
      async () => {
        const now = await voices();
        return now.some(
          ({ metric, value }) =>
            metric['instance'] !== before?.metric['instance'] && Number(value[1]) * 1000 > killedAt,
        );
      },
      30_000,
    );
    const down = await prometheus.query('up == 0');
    expect(down.map(({ metric }) => metric['instance'])).toEqual([before?.metric['instance']]);
  });
});
