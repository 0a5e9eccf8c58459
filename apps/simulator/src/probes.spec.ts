import { afterEach, describe, expect, it } from '@jest/globals';
import { Probes } from './probes';

describe('Probes', () => {
  let sut: Probes | undefined;
  afterEach(() => sut?.close());

  const start = async (ready: boolean) => {
    sut = new Probes({
      ready: () => ready,
      figures: () => [['messages_total', 'Messages.', 'counter', 7]],
    });
    const port = await sut.listen(0);
    return async (path: string) => {
      const response = await fetch(`http://127.0.0.1:${port}${path}`);
      return [response.status, await response.text()] as const;
    };
  };

  it('answers healthz at once and readyz when ready', async () => {
    const ask = await start(true);
    expect([await ask('/healthz'), await ask('/readyz')]).toEqual([
      [200, 'ok\n'],
      [200, 'ok\n'],
    ]);
  });

  it('says why it is not ready', async () => {
    const ask = await start(false);
    expect(await ask('/readyz')).toEqual([503, 'no account has a client yet\n']);
  });

  it('writes figures in Prometheus’ text form', async () => {
    const ask = await start(true);
    const name = 'rookery_simulator_messages_total';
    expect(await ask('/metrics')).toEqual([200, `# HELP ${name} Messages.\n# TYPE ${name} counter\n${name} 7\n`]);
  });

  it('has nothing else', async () => {
    const ask = await start(true);
    expect((await ask('/'))[0]).toBe(404);
  });

  it('says when its port is taken', async () => {
    await start(true);
    const other = new Probes({ ready: () => true, figures: () => [] });
    const port = await other.listen(0);
    await expect(new Probes({ ready: () => true, figures: () => [] }).listen(port)).rejects.toThrow('EADDRINUSE');
    await other.close();
  });
});
