import { mkdtemp, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Secret } from '@rookery/config';
import { channels, DEFAULT_POOL, nodeId, selfId } from '@rookery/protocol';
import { AccountRegistry, connectRedis, DeadLetters, hasKeys, LimitOverrides, type Redis } from '@rookery/redis';
import { startTestRedis, type TestRedis } from '@rookery/testing';
import { BackupCommands } from './backup-commands';
import { writeBackup } from './backup-file';

const REVERSE = { host: '127.0.0.1', port: 6199, path: '/' };
const self = selfId('10001');

let servers: TestRedis[];
let from: Redis;
let to: Redis;
let folder: string;
let file: string;

beforeAll(async () => {
  servers = await Promise.all([startTestRedis(), startTestRedis({ appendOnly: true })]);
  const [first, second] = servers.map(({ url }) => url);
  from = await connectRedis(first ?? '', 'consumer', 'test', () => undefined);
  to = await connectRedis(second ?? '', 'consumer', 'test', () => undefined);
  folder = await mkdtemp(join(tmpdir(), 'rookery-backup-'));
  file = join(folder, 'state');
});
afterAll(async () => {
  from.disconnect();
  to.disconnect();
  await Promise.all(servers.map((server) => server.stop()));
  await rm(folder, { recursive: true, force: true });
});
beforeEach(async () => {
  await Promise.all([from.flushall(), to.flushall()]);
});

const registry = (redis: Redis) =>
  new AccountRegistry({ redis, config: { accounts: [], reverse: REVERSE }, encryptionKey: new Secret('k'.repeat(40)) });

/** What an operator would miss, and values of every form that Redis has. */
async function fill(redis: Redis): Promise<void> {
  await registry(redis).add({
    selfId: self,
    pool: DEFAULT_POOL,
    mode: 'reverse',
    token: new Secret('a-token-of-10001'),
  });
  await registry(redis).change(self, { wanted: 'paused' });
  await new LimitOverrides(redis).set({ of: 'account', self }, { perDay: 7 });
  await redis.hset('rookery:plugin-settings', 'echo', '{"odd":"\u0000ü"}');
  await redis.hset('rookery:{dead-letters}:letters', 'one', 'letter');
  await redis.zadd('rookery:{dead-letters}:age', 5, 'one');
  await redis.set('rookery:cooldown:a', 'x', 'PX', 3_600_000);
  await redis.set('rookery:{a10001}:fence', '41');
  await redis.xadd('rookery:trace', '1-1', 'a', Buffer.from([0, 255, 10]));
  await redis.rpush('rookery:actions-{a10001}:wait', ...Array.from({ length: 2_000 }, (_, n) => `job ${n}`));
  for (let n = 0; n < 1_200; n++) void redis.sadd(`rookery:{p${n}}:some`, n);
  await redis.set('another-application', 'stays');
}

async function everything(redis: Redis): Promise<Record<string, unknown>> {
  const names = (await redis.keys('rookery:*')).sort();
  return Object.fromEntries(await Promise.all(names.map(async (name) => [name, await content(redis, name)] as const)));
}

/** Hashes and sets have no order of their own. */
async function content(redis: Redis, name: string): Promise<unknown> {
  const type = await redis.type(name);
  if (type === 'hash') return redis.hgetall(name);
  return type === 'set' ? (await redis.smembers(name)).sort() : redis.dumpBuffer(name);
}

describe('backup and restore', () => {
  it('bring accounts, settings, dead letters and everything else back, for another server, and nothing of others', async () => {
    await fill(from);
    const before = await everything(from);
    const keys = await new BackupCommands(from).backup(file);
    expect(keys).toBe(Object.keys(before).length);
    expect(await new BackupCommands(to).restore(file, { replace: false })).toBe(keys);
    expect(await everything(to)).toEqual(before);
    expect(await registry(to).all()).toMatchObject([
      { selfId: self, wanted: 'paused', token: { reveal: expect.anything() } },
    ]);
    expect(await new DeadLetters(to).count()).toBe(1);
    expect(await to.hgetall('rookery:limits')).toEqual(await from.hgetall('rookery:limits'));
    expect(await to.get('another-application')).toBeNull();
    const left = await to.pttl('rookery:cooldown:a');
    expect(left).toBeGreaterThan(3_500_000);
    expect(await to.pttl('rookery:{a10001}:fence')).toBe(-1);
  });

  it('writes a file that this user alone can read', async () => {
    await fill(from);
    await new BackupCommands(from).backup(file);
    expect((await stat(file)).mode & 0o077).toBe(0);
  });

  it('refuses a Redis that is in use, unless it is to be replaced, and then leaves other applications alone', async () => {
    await fill(from);
    await new BackupCommands(from).backup(file);
    await to.set('rookery:accounts-of-another-time', 'x');
    await to.set('another-application', 'stays');
    await expect(new BackupCommands(to).restore(file, { replace: false })).rejects.toThrow('--replace');
    expect(await everything(to)).toEqual({ 'rookery:accounts-of-another-time': expect.anything() });
    await new BackupCommands(to).restore(file, { replace: true });
    expect(await everything(to)).toEqual(await everything(from));
    expect(await to.get('another-application')).toBe('stays');
  });

  it('does neither while a process of the cluster is at work', async () => {
    const subscriber = await connectRedis(servers[0]?.url ?? '', 'consumer', 'test', () => undefined);
    try {
      await subscriber.subscribe(channels.control(nodeId('worker-1')));
      await expect(new BackupCommands(from).backup(file)).rejects.toThrow('worker-1');
      await expect(new BackupCommands(from).restore(file, { replace: true })).rejects.toThrow('worker-1');
    } finally {
      subscriber.disconnect();
    }
  });

  it.each<[string, () => Promise<unknown>]>([
    ['cut off', async () => truncate(file, (await stat(file)).size - 20)],
    ['cut to nothing', () => truncate(file, 0)],
    ['short of its end', async () => rewritten((lines) => lines.slice(0, -1))],
    ['short of a key', async () => rewritten((lines) => lines.filter((_, index) => index !== 1))],
    ['changed', async () => rewritten((lines) => lines.map((text) => text.replace('"ttlMs":0', '"ttlMs":1')))],
    ['longer than it was', async () => rewritten((lines) => [...lines, lines[1] ?? ''])],
    ['something else', () => writeFile(file, 'not a backup')],
    ['something else that is compressed', () => writeFile(file, gzipSync('{"accounts":[]}\n'))],
  ])('refuses a file that is %s, before anything is changed', async (_, harm) => {
    await from.set('rookery:{a1}:fence', '1');
    await from.set('rookery:{a2}:fence', '1');
    await new BackupCommands(from).backup(file);
    await harm();
    await to.set('rookery:kept', 'x');
    await expect(new BackupCommands(to).restore(file, { replace: true })).rejects.toThrow('nothing can be restored');
    expect(Object.keys(await everything(to))).toEqual(['rookery:kept']);
  });

  it('says so when there is no such file, or Redis does not take a value', async () => {
    await expect(new BackupCommands(to).restore(join(folder, 'none'), { replace: true })).rejects.toThrow('ENOENT');
    const bad = { key: 'rookery:x', ttlMs: 0, value: Buffer.from('of a later version') };
    await writeBackup(
      file,
      (async function* () {
        yield bad;
      })(),
    );
    await expect(new BackupCommands(to).restore(file, { replace: false })).rejects.toMatchObject({
      code: 'REDIS_UNSUITABLE',
    });
    expect(await hasKeys(to)).toBe(false);
  });

  it('leaves no half of a file behind when Redis fails in between', async () => {
    const path = join(folder, 'half');
    const failing = (async function* () {
      yield { key: 'rookery:x', ttlMs: 0, value: Buffer.from('x') };
      throw new Error('Redis is gone');
    })();
    await expect(writeBackup(path, failing)).rejects.toThrow('Redis is gone');
    await expect(stat(path)).rejects.toThrow('ENOENT');
    await expect(stat(`${path}.part`)).rejects.toThrow('ENOENT');
  });
});

async function rewritten(change: (lines: string[]) => readonly string[]): Promise<void> {
  const lines = gunzipSync(await readFile(file))
    .toString('utf8')
    .trimEnd()
    .split('\n');
  await writeFile(
    file,
    gzipSync(
      change(lines)
        .map((text) => `${text}\n`)
        .join(''),
    ),
  );
}
