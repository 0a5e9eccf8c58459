import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { loadConfig, loadProcessSettings } from '@rookery/config';

// The first run fetches Helm.
jest.setTimeout(300_000);

const ROOT = join(__dirname, '../..');
const CHART = join(ROOT, 'deploy/helm/rookery');

interface KubernetesObject {
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly labels: Readonly<Record<string, string>> };
  readonly spec: never;
  readonly data?: Readonly<Record<string, string>>;
}
interface Pod {
  readonly terminationGracePeriodSeconds: number;
  readonly automountServiceAccountToken: boolean;
  readonly securityContext: object;
  readonly containers: readonly {
    readonly args: readonly string[];
    readonly lifecycle: { readonly preStop: { readonly exec: { readonly command: readonly string[] } } };
  }[];
}
interface DeploymentSpec {
  readonly replicas?: number;
  readonly strategy: object;
  readonly template: { readonly spec: Pod };
}

let folder: string;
let rendered: { readonly values: string; readonly objects: readonly KubernetesObject[] }[];

const chart = (...args: string[]) =>
  spawnSync(process.execPath, [join(ROOT, 'scripts/chart.mjs'), ...args], { encoding: 'utf8', maxBuffer: 2 ** 26 });

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'rookery-chart-'));
  const { stdout, stderr, status } = chart('--json');
  expect([status, status === 0 ? '' : stderr]).toEqual([0, '']);
  rendered = JSON.parse(stdout) as typeof rendered;
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const of = (name: string) => rendered.find(({ values }) => values.endsWith(name))?.objects ?? [];
const kinds = (name: string, kind: string) => of(name).filter((object) => object.kind === kind);
const deployments = (name: string) => kinds(name, 'Deployment').map(({ spec }) => spec as DeploymentSpec);

describe('the Helm chart', () => {
  it('renders for the default and for every example, and fits the schemas of Kubernetes, KEDA and Prometheus', () => {
    expect(rendered.map(({ values }) => values.replace(/.*\//, ''))).toEqual([
      'default',
      'hpa-accounts.yaml',
      'keda.yaml',
      'small.yaml',
    ]);
    expect(kinds('keda.yaml', 'ScaledObject')).toHaveLength(1);
    expect(kinds('keda.yaml', 'PodMonitor')).toHaveLength(1);
    expect(kinds('keda.yaml', 'PrometheusRule').length).toBeGreaterThan(3);
    expect(kinds('hpa-accounts.yaml', 'HorizontalPodAutoscaler')).toHaveLength(1);
    expect(kinds('default', 'NetworkPolicy')).toHaveLength(3);
    expect(kinds('small.yaml', 'NetworkPolicy')).toHaveLength(0);
  });

  it('replaces pods one by one, drains them in time, and gives them nothing that they do not need', () => {
    for (const { values } of rendered) {
      expect(deployments(values)).toHaveLength(3);
      for (const { strategy, template } of deployments(values)) {
        const pod = template.spec;
        expect(strategy).toEqual({ type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } });
        const waits = Number(pod.containers[0]?.lifecycle.preStop.exec.command[1]);
        expect(pod.terminationGracePeriodSeconds).toBeGreaterThan(waits + 12);
        expect(pod).toMatchObject({
          automountServiceAccountToken: false,
          securityContext: { runAsNonRoot: true, runAsUser: 1000, seccompProfile: { type: 'RuntimeDefault' } },
          containers: [
            {
              securityContext: {
                readOnlyRootFilesystem: true,
                allowPrivilegeEscalation: false,
                capabilities: { drop: ['ALL'] },
              },
              livenessProbe: { httpGet: { path: '/healthz' } },
              readinessProbe: { httpGet: { path: '/readyz' } },
              startupProbe: { httpGet: { path: '/healthz' } },
            },
          ],
        });
      }
      expect(
        kinds(values, 'PodDisruptionBudget').map(({ spec }) => (spec as { maxUnavailable: number }).maxUnavailable),
      ).toEqual([1, 1]);
    }
  });

  it('leaves the number of workers to whatever scales them, and never scales connectors', () => {
    const replicas = (name: string) =>
      Object.fromEntries(
        deployments(name).map(({ replicas: count, template }) => [template.spec.containers[0]?.args[0], count]),
      );
    expect(replicas('default')).toEqual({ connector: 2, worker: 2, console: 1 });
    expect(replicas('keda.yaml')).toEqual({ connector: 4, worker: undefined, console: 1 });
    expect(replicas('hpa-accounts.yaml')).toEqual({ connector: 2, worker: undefined, console: 1 });
    for (const { objects } of rendered) {
      const targets = objects.flatMap(
        ({ spec }) => (spec as { scaleTargetRef?: { name: string } } | undefined)?.scaleTargetRef?.name ?? [],
      );
      expect(targets.every((name) => name.endsWith('-worker'))).toBe(true);
    }
  });

  it('writes a rookery.yaml that every role accepts, with secrets by file alone', () => {
    const secrets = join(folder, 'secrets');
    mkdirSync(join(secrets, 'rookery'), { recursive: true });
    mkdirSync(join(secrets, 'accounts'));
    const put = (name: string, text: string) => writeFileSync(join(secrets, name), text);
    put('rookery/redis-url', 'redis://:password@redis:6379');
    for (const name of ['console-token', 'metrics-token', 'rookery-key']) put(`rookery/${name}`, name.padEnd(40, '-'));
    for (const self of ['10001', '10002']) put(`accounts/${self}.token`, `a-long-token-of-${self}`);
    const configs = rendered.map(({ values }) => {
      const yaml =
        kinds(values, 'ConfigMap').find(({ data }) => data?.['rookery.yaml'] !== undefined)?.data?.['rookery.yaml'] ??
        '';
      const file = join(folder, 'rookery.yaml');
      writeFileSync(file, yaml.replaceAll('/run/secrets/', `${secrets}/`));
      const config = loadConfig({ ROOKERY_CONFIG: file });
      for (const role of ['connector', 'worker', 'console'] as const) {
        const { http } = loadProcessSettings({ ROOKERY_HTTP_PORT: '9300' }, role, config);
        expect([http.host, http.isLocal, http.metrics === 'open']).toEqual(['0.0.0.0', false, false]);
      }
      return [values.replace(/.*\//, ''), config] as const;
    });
    expect(Object.fromEntries(configs)['hpa-accounts.yaml']).toMatchObject({
      accounts: [
        { selfId: '10001', mode: 'reverse' },
        { selfId: '10002', mode: 'forward', attach: 'dual' },
      ],
      commandPrefix: ['/', '!'],
      metrics: { accountSeries: 500 },
    });
  });

  it.each([
    ['an unknown key', 'worker: { replica: 3 }', 'replica'],
    ['a token of an account', 'accounts: [{ selfId: "1", mode: reverse, token: inline }]', 'token'],
    ['a token of the console', 'config: { console: { token: inline } }', 'token'],
    ['a Redis with its password', 'config: { redis: { url: "redis://:x@h" } }', 'redis'],
    ['an image without a version', 'image: { repository: r, tag: latest }', 'tag'],
    ['KEDA without Prometheus', 'worker: { autoscaling: { kind: keda } }', 'prometheusAddress is needed'],
  ])('refuses %s in its values', (_, yaml, text) => {
    const values = join(folder, 'values.yaml');
    writeFileSync(values, yaml);
    const { status, stderr } = chart('--values', values);
    expect([status, stderr]).toEqual([1, expect.stringContaining(text)]);
  });

  it('is held against Kubernetes: unknown keys, values of a wrong type, and kinds that there are not are found', () => {
    const copy = join(folder, 'chart');
    cpSync(CHART, copy, { recursive: true, dereference: true });
    const file = join(copy, 'templates/_helpers.tpl');
    const broken = readFileSync(file, 'utf8')
      .replace('readOnlyRootFilesystem: true', 'readOnlyRootFileSystem: true')
      .replace('periodSeconds: 10', 'periodSeconds: ten')
      .replace('kind: PodDisruptionBudget', 'kind: PodDisruptionBudgets');
    writeFileSync(file, broken);
    const { status, stderr } = chart('--chart', copy, '--values', join(CHART, 'examples/small.yaml'));
    expect(status).toBe(1);
    for (const text of ['readOnlyRootFileSystem', 'periodSeconds', 'there is no PodDisruptionBudgets']) {
      expect(stderr).toContain(text);
    }
  });
});
