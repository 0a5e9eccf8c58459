import { execFileSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { loadConfig, loadProcessSettings } from '@rookery/config';

const DEPLOY = join(__dirname, '../../deploy');
const read = (path: string) => readFileSync(join(DEPLOY, path), 'utf8');

interface ComposeService {
  readonly image: string;
  readonly user?: string;
  readonly read_only?: boolean;
  readonly cap_drop?: readonly string[];
  readonly security_opt?: readonly string[];
  readonly ports?: readonly string[];
  readonly secrets?: readonly string[];
  readonly volumes?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly healthcheck?: object;
  readonly stop_grace_period?: string;
  readonly networks: readonly string[];
}

const compose = parse(read('compose.yaml'), { merge: true }) as {
  readonly services: Readonly<Record<string, ComposeService>>;
  readonly secrets: Readonly<Record<string, { readonly file: string }>>;
  readonly networks: Readonly<Record<string, { readonly internal?: boolean }>>;
};
const services = Object.entries(compose.services);

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'rookery-compose-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('compose.yaml', () => {
  it('runs Redis, two connectors, two workers, a console, Prometheus and Grafana', () => {
    expect(Object.keys(compose.services)).toEqual(['redis', 'connector', 'worker', 'console', 'prometheus', 'grafana']);
    expect(compose.services).toMatchObject({
      connector: { deploy: { replicas: 2 } },
      worker: { deploy: { replicas: 2 } },
    });
  });

  it.each(services)('%s is pinned, hardened, and reached over loopback only', (_, service) => {
    // The image of Rookery is built here, and has a health check of its own.
    expect(service.image).toMatch(/^(?:rookery:local|[a-z/]+:v?\d+\.\d+\.\d+(?:-[a-z]+)?)$/);
    expect(service.healthcheck !== undefined || service.image === 'rookery:local').toBe(true);
    expect(service).toMatchObject({ read_only: true, cap_drop: ['ALL'], security_opt: ['no-new-privileges:true'] });
    expect(service.user).not.toMatch(/^(?:0|root)/);
    for (const port of service.ports ?? []) expect(port).toMatch(/^127\.0\.0\.1:\d+:\d+$/);
    for (const network of service.networks) expect(compose.networks).toHaveProperty(network);
  });

  it.each(services)('%s gets its secrets by file', (_, { secrets = [], environment = {} }) => {
    for (const secret of secrets) expect(compose.secrets[secret]?.file).toBe(`./compose/secrets/${secret}`);
    const inline = Object.entries(environment).filter(
      ([key, value]) =>
        /password|token|secret|key/i.test(key) && !(key.endsWith('__FILE') && value.startsWith('/run/secrets/')),
    );
    expect(inline).toEqual([]);
  });

  it.each(services)('%s mounts what is there, and nothing of it is written but data', (_, { volumes = [] }) => {
    const mounts = volumes
      .map((volume) => volume.split(':'))
      .filter(([source = '', , mode]) => !(source.startsWith('./compose/data/') && mode === undefined));
    for (const [source = '', , mode] of mounts) {
      expect([source, existsSync(join(DEPLOY, source)), mode]).toEqual([source, true, 'ro']);
    }
  });

  it('keeps Redis away from the world, and gives processes longer to stop than they need', () => {
    expect([compose.services['redis']?.networks, compose.networks['inner']]).toEqual([['inner'], { internal: true }]);
    for (const role of ['connector', 'worker', 'console']) {
      expect(Number.parseInt(compose.services[role]?.stop_grace_period ?? '', 10)).toBeGreaterThan(12);
    }
  });
});

describe('what compose.yaml mounts', () => {
  /** As prepare.sh makes it, in a folder of its own. */
  function prepared(): string {
    const copy = join(folder, 'compose');
    mkdirSync(copy);
    cpSync(join(DEPLOY, 'compose/prepare.sh'), join(copy, 'prepare.sh'));
    execFileSync('/bin/sh', [join(copy, 'prepare.sh')]);
    return copy;
  }

  it('prepare.sh makes every secret once, for this user alone', () => {
    const copy = prepared();
    const secrets = readdirSync(join(copy, 'secrets')).sort();
    expect(secrets).toEqual(Object.keys(compose.secrets).sort());
    const contents = secrets.map((name) => readFileSync(join(copy, 'secrets', name), 'utf8'));
    for (const content of contents) expect(content).toMatch(/^[0-9a-f]{64}$/);
    expect(new Set(contents).size).toBe(secrets.length);
    for (const name of secrets) expect(statSync(join(copy, 'secrets', name)).mode & 0o077).toBe(0);
    const said = execFileSync('/bin/sh', [join(copy, 'prepare.sh')], { encoding: 'utf8' });
    expect(said).not.toContain('made');
    expect(secrets.map((name) => readFileSync(join(copy, 'secrets', name), 'utf8'))).toEqual(contents);
  });

  it('rookery.yaml is valid for every role, listens where the others look, and has no secret in it', () => {
    const copy = prepared();
    const file = join(copy, 'rookery.yaml');
    writeFileSync(file, read('compose/rookery.yaml').replaceAll('/run/secrets/', `${copy}/secrets/`));
    const config = loadConfig({ ROOKERY_CONFIG: file });
    for (const role of ['connector', 'worker', 'console'] as const) {
      const { http, redisUrl } = loadProcessSettings({ ROOKERY_HTTP_PORT: '9300' }, role, config);
      expect(http).toMatchObject({ host: '0.0.0.0', ports: [9300], isLocal: false });
      expect(http.metrics).not.toBe('open');
      expect(new URL(redisUrl).host).toBe('redis:6379');
    }
  });

  it('Prometheus asks every process with the token, and reads our rules', () => {
    const settings = parse(read('compose/prometheus.yaml')) as {
      rule_files: string[];
      scrape_configs: {
        job_name: string;
        authorization: object;
        dns_sd_configs: { names: string[]; port: number }[];
      }[];
    };
    expect(settings.rule_files).toEqual(['rules/*.yaml']);
    expect(settings.scrape_configs).toMatchObject([
      {
        job_name: expect.stringMatching(/^rookery/),
        authorization: { credentials_file: '/run/secrets/metrics_token' },
        dns_sd_configs: [{ names: ['connector', 'worker', 'console'], port: 9300 }],
      },
    ]);
  });

  it('Valkey keeps what it accepts', () => {
    const conf = read('compose/valkey.conf');
    for (const line of ['appendonly yes', 'appendfsync everysec', 'maxmemory-policy noeviction'])
      expect(conf).toContain(`\n${line}\n`);
  });
});
