import type { Server } from 'node:http';
import { Module } from '@nestjs/common';
import { afterEach, describe, expect, it } from '@jest/globals';
import { loadConfig, loadProcessSettings, Secret, type ProcessSettings } from '@rookery/config';
import { createHttpApplication } from './http-application';
import { listenOnFirstFree } from './listen';
import { Service } from './service';

@Module({})
class Nothing {}

const ends: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0)) await end();
});

/** A worker's HTTP side. It listens on loopback here whatever its settings say of who can reach it. */
async function worker(reach: Pick<ProcessSettings['http'], 'isLocal' | 'metrics'>) {
  const env = { REDIS_URL: 'unix:///none.sock', ROOKERY_HTTP_PORT: '0', ROOKERY_LOG_LEVEL: 'silent' };
  const config = loadConfig({});
  const settings = loadProcessSettings(env, 'worker', config);
  const service = new Service('worker', config, { ...settings, http: { ...settings.http, ...reach } }, ['consume']);
  const application = await createHttpApplication(service, { module: Nothing });
  ends.push(() => application.close());
  await application.init();
  const url = await listenOnFirstFree(application.getHttpServer() as Server, 'worker', settings.http);
  const ask = async (path: string, token?: string) => {
    const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
    const response = await fetch(url + path, { headers });
    return [response.status, await response.text()] as const;
  };
  return { ask, health: service.health };
}

describe('the probes', () => {
  it('tell this machine why a process is not ready, and leave metrics open to it', async () => {
    const { ask, health } = await worker({ isLocal: true, metrics: 'open' });
    expect(await ask('/healthz')).toEqual([200, '{"status":"ok"}']);
    expect(await ask('/readyz')).toEqual([503, expect.stringContaining('problems')]);
    health.ready('consume');
    expect(await ask('/readyz')).toEqual([200, '{"status":"ready"}']);
    expect(await ask('/metrics')).toEqual([200, expect.stringContaining('rookery_ready')]);
  });

  it('tell other machines yes or no alone, and metrics only with the token', async () => {
    const token = 'the-token-of-metrics';
    const { ask } = await worker({ isLocal: false, metrics: new Secret(token) });
    expect(await ask('/healthz')).toEqual([200, '{"status":"ok"}']);
    expect(await ask('/readyz')).toEqual([503, '{"status":"not ready"}']);
    for (const wrong of [undefined, 'the-token-of-metric', `${token}s`, ' ']) {
      const [status, body] = await ask('/metrics', wrong);
      expect([status, body.includes('rookery_'), body.includes(token)]).toEqual([401, false, false]);
    }
    expect(await ask('/metrics', token)).toEqual([200, expect.stringContaining('rookery_ready')]);
  });
});
