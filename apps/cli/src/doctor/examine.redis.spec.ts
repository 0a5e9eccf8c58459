import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { loadConfig, loadProcessSettings } from '@rookery/config';
import { DEFAULT_POOL, selfId, systemClock, type AccountState } from '@rookery/protocol';
import {
  ClusterAgreement,
  AccountBoardWriter,
  AccountRegistry,
  connectRedis,
  HoldMemories,
  type Redis,
} from '@rookery/redis';
import { answerRequests, ControlChannel, Service } from '@rookery/service';
import { Fleet } from '@rookery/simulator';
import { ScriptedNapcat, startTestRedis, type TestRedis } from '@rookery/testing';
import { examine } from './examine';
import type { FindingId } from './finding';
import { findingsOf, reportJson, reportText } from './report';
import picocolors from 'picocolors';

const KEY = 'k'.repeat(40);

let server: TestRedis;
let redis: Redis;
let fleet: Fleet;
let folder: string;
const ends: (() => unknown)[] = [];

beforeAll(async () => {
  server = await startTestRedis({ alone: true, appendOnly: true });
  redis = await connectRedis(server.url, 'producer', 'test', () => undefined);
});
beforeEach(async () => {
  await redis.flushall();
  folder = await mkdtemp(join(tmpdir(), 'rookery-doctor-'));
  fleet = await Fleet.start({ accounts: 2, groups: 1 });
});
afterEach(async () => {
  for (const end of ends.splice(0)) await end();
  await fleet.close();
  await rm(folder, { recursive: true, force: true });
});
afterAll(async () => {
  redis.disconnect();
  await server.stop();
});

interface Settings {
  readonly accounts?: readonly object[];
  readonly more?: Readonly<Record<string, unknown>>;
  readonly env?: Readonly<Record<string, string>>;
  readonly nodeVersion?: string;
  readonly clockAheadMs?: number;
  readonly napcat?: readonly string[];
  readonly mode?: number;
}

const account = (index: number): Readonly<Record<string, string>> => ({ ...fleet.accounts[index] }) as never;

/** The set-up of a careful operator; a test changes one thing of it. */
async function look(settings: Settings = {}) {
  const file = join(folder, 'rookery.yaml');
  const yaml = {
    accounts: settings.accounts ?? [account(0), account(1)],
    reverse: { port: 0 },
    console: { port: 0 },
    ...settings.more,
  };
  await writeFile(file, JSON.stringify(yaml));
  await chmod(file, settings.mode ?? 0o600);
  const { clockAheadMs = 0 } = settings;
  return examine({
    env: { ROOKERY_CONFIG: file, REDIS_URL: server.url, ...settings.env },
    clock: { ...systemClock, now: () => Date.now() + clockAheadMs },
    nodeVersion: settings.nodeVersion ?? '20.19.0',
    napcat: settings.napcat ?? [],
  });
}

async function found(settings: Settings = {}): Promise<FindingId[]> {
  return findingsOf(await look(settings)).map(({ id }) => id);
}

/** A program that is not Rookery, on a free port. */
async function stranger(): Promise<number> {
  const other: Server = createServer((socket) => socket.end('SSH-2.0-other\r\n'));
  other.listen(0, '127.0.0.1');
  await once(other, 'listening');
  ends.push(() => other.close());
  return (other.address() as AddressInfo).port;
}

/** A connector that lives and says this of its account. */
async function connectorSays(state: AccountState, since = Date.now() - 60_000): Promise<void> {
  const env = { REDIS_URL: server.url, ROOKERY_LOG_LEVEL: 'silent', ROOKERY_CONFIG: join(folder, 'other.yaml') };
  await writeFile(env.ROOKERY_CONFIG, 'locale: zh');
  const service = new Service('connector', loadConfig(env), loadProcessSettings(env, 'connector'), []);
  const channel = new ControlChannel(server.url, () => undefined);
  answerRequests<'connector'>(
    service,
    channel,
    { 'account.status': () => null, 'account.reconnect': () => ({ done: true }) },
    { accounts: () => 1, drain: () => undefined },
  );
  await channel.start();
  ends.push(() => channel.close());
  const status = {
    self: selfId('10009'),
    pool: DEFAULT_POOL,
    mode: 'reverse',
    state,
    reason: 'so it is',
    since,
  } as const;
  await new AccountBoardWriter(redis, service.node).post([status]);
}

const REVERSE = { accounts: [{ selfId: '10009', mode: 'reverse', token: 'a-token-of-10009' }] };

describe('rookery doctor', () => {
  it('finds nothing on a healthy set-up, and says what it looked at', async () => {
    await ClusterAgreement.join(redis, 32, systemClock);
    const seen = await look();
    expect(findingsOf(seen)).toEqual([]);
    expect(seen.redis).toEqual({ findings: [] });
    expect(seen.accounts).toEqual({ findings: [] });
    expect(JSON.parse(reportJson(seen))).toMatchObject({ ok: true, findings: [] });
    expect(reportText(seen, picocolors.createColors(false))).toContain('nothing found');
  });

  it('finds nothing wrong while a connector has the accounts online, and does not dial them', async () => {
    await connectorSays('online');
    expect(
      await found({ accounts: [{ selfId: '10009', mode: 'forward', url: 'ws://127.0.0.1:1', token: 't' }] }),
    ).toEqual([]);
  });

  it.each<[FindingId, () => Settings | Promise<Settings>]>([
    ['node-version', () => ({ nodeVersion: '18.20.0' })],
    ['config-invalid', () => ({ more: { tokn: 'x' } })],
    ['config-invalid', () => ({ env: { ROOKERY_KEY: 'short' } })],
    ['secret-readable', () => ({ mode: 0o644 })],
    [
      'data-folder',
      async () => {
        await writeFile(join(folder, 'file'), '');
        return { more: { dataDir: './file/data' }, env: { REDIS_URL: '' } };
      },
    ],
    ['config-invalid', () => ({ env: { REDIS_URL: 'http://redis' } })],
    [
      'data-readable',
      async () => {
        await mkdir(join(folder, 'data', 'redis'), { recursive: true });
        await chmod(join(folder, 'data', 'redis'), 0o755);
        return {};
      },
    ],
    ['redis-unreachable', () => ({ env: { REDIS_URL: 'redis://127.0.0.1:1' } })],
    ['redis-partitions', async () => (await ClusterAgreement.join(redis, 8, systemClock), {})],
    ['clock', () => ({ clockAheadMs: 3_600_000 })],
    ['clock', () => ({ clockAheadMs: -60_000 })],
    ['port-taken', async () => ({ more: { console: { port: await stranger() } } })],
    ['port-taken', async () => ({ more: { worker: { port: await stranger() } } })],
    ['reverse-port-taken', async () => ({ more: { reverse: { port: await stranger() } } })],
    ['napcat-unreachable', () => ({ accounts: [account(1), { ...account(0), url: 'ws://127.0.0.1:1' }] })],
    ['napcat-token', () => ({ accounts: [account(1), { ...account(0), token: 'a-wrong-token' }] })],
    ['napcat-other-account', () => ({ accounts: [{ ...account(0), selfId: '10001' }] })],
    ['account-offline', () => (fleet.host.endpoint(account(0)['selfId'] ?? '').kick(), {})],
    ['account-offline', async () => (await connectorSays('offline'), REVERSE)],
    ['account-failed', async () => (await connectorSays('failed'), REVERSE)],
    ['account-waiting', async () => (await connectorSays('connecting'), REVERSE)],
    [
      'napcat-silent',
      async () => {
        const napcat = await ScriptedNapcat.start('10001');
        ends.push(() => napcat.close());
        napcat.onPeer = (peer) => peer.ws.close();
        return { accounts: [{ selfId: '10001', mode: 'forward', url: napcat.url, token: 't' }] };
      },
    ],
    [
      'sends-held',
      async () => {
        const breaker = { failures: 3, openMs: 60_000, until: Date.now() + 60_000 };
        await new HoldMemories(redis).save(selfId(account(0)['selfId'] ?? ''), {
          breakers: [['groups', breaker]],
          mutes: [],
        });
        return {};
      },
    ],
    [
      'account-unusable',
      async () => {
        const config = { accounts: [], reverse: { host: '127.0.0.1', port: 0, path: '/' } };
        const key = loadProcessSettings({ REDIS_URL: server.url, ROOKERY_KEY: KEY }, 'worker').encryptionKey;
        const registry = new AccountRegistry({ redis, config, encryptionKey: key });
        const { token } = loadConfig({ ROOKERY_CONFIG: await written(REVERSE) }).accounts[0] as never;
        await registry.add({ selfId: selfId('10009'), pool: DEFAULT_POOL, mode: 'reverse', token });
        return {};
      },
    ],
    ['adapter-missing', () => ({ napcat: [folder] })],
  ])('finds %s', async (id, plant) => {
    expect(await found(await plant())).toEqual([id]);
  });

  it.each<[FindingId, string, string, string]>([
    ['redis-append-only', 'appendonly', 'no', 'yes'],
    ['redis-eviction', 'maxmemory-policy', 'allkeys-lru', 'noeviction'],
  ])('finds %s', async (id, setting, wrong, right) => {
    await redis.config('SET', setting, wrong);
    ends.push(() => redis.config('SET', setting, right));
    expect(await found()).toEqual([id]);
  });

  it('finds a Redis that is nearly full', async () => {
    const used = /^used_memory:(\d+)/m.exec(await redis.info('memory'))?.[1];
    await redis.config('SET', 'maxmemory', Math.round(Number(used) * 1.2));
    ends.push(() => redis.config('SET', 'maxmemory', 0));
    expect(await found()).toEqual(['redis-memory']);
  });

  it('finds a Redis that wants a password', async () => {
    const other = await startTestRedis({ alone: true, appendOnly: true });
    ends.push(() => other.stop());
    const admin = await connectRedis(other.url, 'producer', 'test', () => undefined);
    await admin.config('SET', 'requirepass', 'the-right-one');
    await admin.config('SET', 'port', '0');
    admin.disconnect();
    const seen = await look({ env: { REDIS_URL: other.url } });
    expect(findingsOf(seen).map(({ id }) => id)).toEqual(['redis-login']);
  });

  it('finds a user of Redis who may do too little, and says what gives it the rest', async () => {
    await redis.call('ACL', ['SETUSER', 'default', '-publish']);
    ends.push(() => redis.call('ACL', ['SETUSER', 'default', '+publish']));
    const [finding] = findingsOf(await look());
    expect(finding).toMatchObject({
      id: 'redis-login',
      problem: { en: expect.stringContaining('ACL SETUSER default +publish') },
    });
  });

  it('does not ask for a data folder where another Redis is named: settings may be mounted read-only', async () => {
    await writeFile(join(folder, 'file'), '');
    expect(await found({ more: { dataDir: './file/data' } })).toEqual([]);
  });

  it('waits a moment before it calls a reverse account missing', async () => {
    await connectorSays('connecting', Date.now());
    expect(await found(REVERSE)).toEqual([]);
  });

  it('looks at the accounts of the file without any Redis', async () => {
    const seen = await look({ env: { REDIS_URL: '' }, accounts: [{ ...account(0), token: 'wrong' }] });
    expect(seen.redis).toMatchObject({ skipped: { en: expect.stringContaining('npm start') } });
    expect(findingsOf(seen).map(({ id }) => id)).toEqual(['napcat-token']);
  });

  it('tells every finding in both languages with a remedy, and no token', async () => {
    const secret = 'a-canary-that-is-wrong';
    const seen = await look({ accounts: [{ ...account(0), token: secret }], mode: 0o644, nodeVersion: '18.0.0' });
    const text = reportText(seen, picocolors.createColors(false));
    expect(findingsOf(seen)).toHaveLength(3);
    for (const { problem, remedy } of findingsOf(seen)) {
      expect([problem.zh, remedy.zh]).toEqual([
        expect.stringMatching(/\p{Script=Han}/u),
        expect.stringMatching(/\p{Script=Han}/u),
      ]);
      expect(text).toContain(remedy.en);
      expect(text).toContain(remedy.zh);
    }
    expect(text + reportJson(seen)).not.toContain(secret);
    expect(text).toContain('3 found');
  });
});

async function written(settings: object): Promise<string> {
  const path = join(folder, 'written.yaml');
  await writeFile(path, JSON.stringify(settings));
  return path;
}
