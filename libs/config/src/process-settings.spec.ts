import { describe, expect, it } from '@jest/globals';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { configSchema } from './schema';
import { loadProcessSettings } from './process-settings';
import type { RookeryConfig } from './load-config';
import { Secret } from './secret';

const config: RookeryConfig = { ...configSchema.parse({}), accounts: [], dataDir: '/d' };
const metrics = (token?: string, open = false): RookeryConfig['metrics'] => ({
  ...config.metrics,
  open,
  ...(token !== undefined && { token: new Secret(token) }),
});
const PUBLIC = {
  connector: { ...config.connector, host: '0.0.0.0' },
  console: { ...config.console, host: '0.0.0.0', token: new Secret('c') },
};
const REDIS_URL = 'unix:///tmp/r.sock';

describe('loadProcessSettings', () => {
  it('takes the address of the role from the configuration', () => {
    const settings = loadProcessSettings({ REDIS_URL }, 'worker', config);
    expect(settings).toMatchObject({
      redisUrl: REDIS_URL,
      http: { host: '127.0.0.1', setting: 'worker.port' },
      logLevel: 'info',
    });
  });

  it('counts up where nobody named a port: connectors odd, workers even, so that neither takes one of the other', () => {
    const portsOf = (role: 'connector' | 'worker' | 'console') =>
      loadProcessSettings({ REDIS_URL }, role, config).http.ports;
    expect(portsOf('console')).toEqual([9300]);
    expect(portsOf('connector').slice(0, 3)).toEqual([9301, 9303, 9305]);
    expect(portsOf('worker').slice(0, 3)).toEqual([9302, 9304, 9306]);
    const all = [...portsOf('console'), ...portsOf('connector'), ...portsOf('worker')];
    expect(new Set(all).size).toBe(all.length);
  });

  it.each<[string, 'connector' | 'console', Partial<RookeryConfig>, boolean, string]>([
    ['this machine', 'connector', {}, true, 'open'],
    ['this machine, with a token', 'connector', { metrics: metrics('m') }, true, 'm'],
    ['other machines, with a token', 'connector', { connector: PUBLIC.connector, metrics: metrics('m') }, false, 'm'],
    [
      'other machines, left open',
      'connector',
      { connector: PUBLIC.connector, metrics: metrics(undefined, true) },
      false,
      'open',
    ],
    ['a public console without a token of metrics', 'console', { console: PUBLIC.console }, false, 'c'],
    [
      'a public console that is left open',
      'console',
      { console: PUBLIC.console, metrics: metrics(undefined, true) },
      false,
      'open',
    ],
    ['a public console with both', 'console', { console: PUBLIC.console, metrics: metrics('m') }, false, 'm'],
  ])('knows who may read /metrics: %s', (_, role, change, isLocal, readers) => {
    const { http } = loadProcessSettings({ REDIS_URL }, role, { ...config, ...change });
    const shown = http.metrics === 'open' ? 'open' : http.metrics.reveal();
    expect([http.isLocal, shown]).toEqual([isLocal, readers]);
  });

  it('takes a port that was named and no other', () => {
    const named = { ...config, connector: { ...config.connector, port: 9301 } };
    expect(loadProcessSettings({ REDIS_URL }, 'connector', named).http.ports).toEqual([9301]);
  });

  it('lets the environment go before the configuration', () => {
    const env = { REDIS_URL, ROOKERY_HTTP_PORT: '0', ROOKERY_LOG_LEVEL: 'debug' };
    const settings = loadProcessSettings(env, 'console', { ...config, redis: { url: 'redis://h:1' } });
    expect(settings).toMatchObject({
      redisUrl: REDIS_URL,
      http: { ports: [0], setting: 'ROOKERY_HTTP_PORT' },
      logLevel: 'debug',
    });
  });

  it('uses the Redis of the configuration where the environment names none', () => {
    const settings = loadProcessSettings({ REDIS_URL: '' }, 'worker', { ...config, redis: { url: 'rediss://h:1' } });
    expect(settings.redisUrl).toBe('rediss://h:1');
  });

  it('names every start differently', () => {
    const names = [1, 2].map(() => loadProcessSettings({ REDIS_URL }, 'connector', config).node);
    expect(names[0]).toMatch(/^connector-[0-9a-f]{10}$/);
    expect(names[0]).not.toBe(names[1]);
  });

  it('reads the configuration itself when none is given', () => {
    const folder = mkdtempSync(join(tmpdir(), 'rookery-settings-'));
    try {
      const path = join(folder, 'r.yaml');
      writeFileSync(path, 'worker: { port: 9400 }');
      expect(loadProcessSettings({ REDIS_URL, ROOKERY_CONFIG: path }, 'worker').http.ports).toEqual([9400]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('reports all bad variables at once', () => {
    const env = { REDIS_URL: 'localhost:6379', ROOKERY_HTTP_PORT: '80 ', ROOKERY_LOG_LEVEL: 'warning' };
    const run = () => loadProcessSettings(env, 'worker', config);
    expect(run).toThrow(/3 problems/);
    expect(run).toThrow(/REDIS_URL {2}must be redis:\/\//);
    expect(run).toThrow(/ROOKERY_HTTP_PORT {2}must be a whole number/);
    expect(run).toThrow(/ROOKERY_LOG_LEVEL {2}must be one of fatal, error/);
  });

  it.each(['65536', '-1', '1e3', '0x10'])('refuses the port %s', (port) => {
    expect(() => loadProcessSettings({ REDIS_URL, ROOKERY_HTTP_PORT: port }, 'worker', config)).toThrow(
      /ROOKERY_HTTP_PORT/,
    );
  });

  it('says how to get a Redis when none is set', () => {
    expect(() => loadProcessSettings({}, 'worker', config)).toThrow(
      /REDIS_URL {2}is not set; `npm start` brings its own/,
    );
  });
});
