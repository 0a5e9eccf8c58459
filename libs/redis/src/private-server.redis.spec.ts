import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { chmod, mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { testRedisBinary } from '@rookery/testing';
import { connectRedis } from './client';
import { startPrivateRedis, type PrivateRedis } from './private-server';

const binary = testRedisBinary();
let folder: string;
const started: PrivateRedis[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rookery redis ü-'));
});
afterEach(async () => {
  await Promise.all(started.splice(0).map((server) => server.stop()));
  await rm(folder, { recursive: true, force: true });
});

async function start(dataDir = folder, file = binary): Promise<PrivateRedis> {
  const server = await startPrivateRedis({ binary: file, dataDir, appendOnly: true });
  started.push(server);
  return server;
}

async function withClient<T>(
  url: string,
  use: (redis: Awaited<ReturnType<typeof connectRedis>>) => Promise<T>,
): Promise<T> {
  const redis = await connectRedis(url, 'producer', 'spec', () => undefined);
  try {
    return await use(redis);
  } finally {
    redis.disconnect();
  }
}

const setting = (url: string, name: string) => withClient(url, (redis) => redis.config('GET', name));

const alive = (pid: number) => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

describe('startPrivateRedis', () => {
  it('keeps what is written, refuses to evict, and opens no port', async () => {
    const { url, owned } = await start();
    expect(owned).toBe(true);
    expect(await setting(url, 'appendonly')).toEqual(['appendonly', 'yes']);
    expect(await setting(url, 'maxmemory-policy')).toEqual(['maxmemory-policy', 'noeviction']);
    expect(await setting(url, 'port')).toEqual(['port', '0']);
    expect((await stat(join(folder, 'redis.sock'))).mode & 0o077).toBe(0);
  });

  it('shares the server that already serves the folder, and ends it without being its parent', async () => {
    const first = await start();
    const second = await start();
    expect(second).toMatchObject({ url: first.url, pid: first.pid, owned: false });
    await second.stop();
    expect(alive(first.pid)).toBe(false);
  });

  it('has everything again after SIGKILL, with its dead socket still lying there', async () => {
    const first = await start();
    await withClient(first.url, (redis) => redis.set('kept', 'yes'));
    process.kill(first.pid, 'SIGKILL');
    await first.gone;
    const second = await start();
    expect(second.owned).toBe(true);
    expect(await withClient(second.url, (redis) => redis.get('kept'))).toBe('yes');
  });

  it('moves the socket, not the data, when the path is too long for one, and finds it there again', async () => {
    const deep = join(folder, 'd'.repeat(120));
    const first = await start(deep);
    const second = await start(deep);
    expect(second).toMatchObject({ owned: false, pid: first.pid });
    expect(first.url).not.toContain('ddddd');
    expect((await stat(join(deep, 'appendonlydir'))).isDirectory()).toBe(true);
    await rm(join(first.url.slice('unix://'.length), '..'), { recursive: true });
  });

  it('is gone when stop() resolves, and stopping twice is harmless', async () => {
    const server = await start();
    await server.stop();
    expect(alive(server.pid)).toBe(false);
    await server.stop();
  });

  it('is gone although Redis ignores the first SIGTERM while it writes a first append-only file', async () => {
    const server = await startPrivateRedis({ binary, dataDir: folder, appendOnly: false });
    started.push(server);
    await withClient(server.url, async (redis) => {
      await redis.config('SET', 'rdb-key-save-delay', '200000');
      await redis.mset(Object.fromEntries(Array.from({ length: 12 }, (_, index) => [`k${index}`, 'v'])));
      await redis.config('SET', 'appendonly', 'yes');
    });
    await server.stop();
    expect(alive(server.pid)).toBe(false);
    expect(await readFile(join(folder, 'redis.log'), 'utf8')).toContain("can't exit");
  });

  it('says why the server did not start, with the end of its log', async () => {
    await mkdir(join(folder, 'appendonlydir'));
    await writeFile(join(folder, 'appendonlydir', 'appendonly.aof.manifest'), 'nonsense\n');
    await expect(start()).rejects.toMatchObject({
      code: 'REDIS_UNREACHABLE',
      message: expect.stringMatching(/did not start: it ended with code 1\. The end of .*redis\.log:\n[^]*manifest/),
    });
  });

  it('says so when the binary is missing or cannot be run', async () => {
    const script = join(folder, 'not-a-program');
    await writeFile(script, '');
    await chmod(script, 0o600);
    await expect(start(folder, join(folder, 'none'))).rejects.toThrow(/did not start: spawn .* ENOENT/);
    await expect(start(folder, script)).rejects.toThrow(/did not start: spawn .* EACCES/);
  });
});
