import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startTestRedis, type TestRedis } from '@rookery/testing';
import { freePort, startProcess, until, type RunningProcess } from './support/processes';

let dir: string;
let redis: TestRedis;
let reverse: number;
const running: RunningProcess[] = [];

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'rookery-further-'));
  redis = await startTestRedis({ appendOnly: true });
  reverse = await freePort();
});
afterAll(async () => {
  await Promise.all(running.map((process) => process.stop()));
  await redis.stop();
  await rm(dir, { recursive: true, force: true });
});

async function run(app: 'connector' | 'worker', settings = ''): Promise<RunningProcess> {
  const config = join(dir, `${running.length}.yaml`);
  await writeFile(config, `reverse: { port: ${reverse} }\n${settings}\n`);
  const started = await startProcess(app, { ROOKERY_CONFIG: config, REDIS_URL: redis.url, ROOKERY_HTTP_PORT: '' });
  running.push(started);
  return started;
}

const portOf = ({ http }: RunningProcess) => Number(new URL(http).port);
const heldAt = async () => {
  const response = await fetch(`http://127.0.0.1:${reverse}/`).catch(() => undefined);
  return response?.headers.get('server');
};

describe('a second process of a kind on one machine', () => {
  it('takes the next port of its kind, says which, and takes the reverse address over when the first one ends', async () => {
    const first = await run('connector');
    const second = await run('connector');
    const worker = await run('worker');
    const another = await run('worker');
    const ports = [first, second, worker, another].map(portOf);
    expect(ports.map((port) => port % 2)).toEqual([1, 1, 0, 0]);
    expect(new Set(ports).size).toBe(4);
    expect(second.lines).toContainEqual(expect.objectContaining({ http: second.http, msg: 'connector is up' }));
    expect(await heldAt()).toBe('rookery-reverse');

    await first.stop();
    await until('the second one listens for NapCats', async () => (await heldAt()) === 'rookery-reverse');
    expect(second.lines).toContainEqual(expect.objectContaining({ address: `127.0.0.1:${reverse}` }));
  });

  it('does not start on another port than the one that it was told to take', async () => {
    const holder = await run('connector');
    await expect(run('connector', `connector: { port: ${portOf(holder)} }`)).rejects.toThrow(
      /is taken by other programs; stop one or change `connector.port`/,
    );
  });
});
