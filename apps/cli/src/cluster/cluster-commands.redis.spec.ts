import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { Command } from 'commander';
import picocolors from 'picocolors';
import { loadConfig, loadProcessSettings } from '@rookery/config';
import { DEFAULT_POOL, selfId, systemClock, type AccountState, type NodeId } from '@rookery/protocol';
import {
  AccountBoardWriter,
  AccountRegistry,
  connectRedis,
  HoldMemories,
  startPrivateRedis,
  type Redis,
} from '@rookery/redis';
import { answerRequests, ControlChannel, Service } from '@rookery/service';
import { startTestRedis, testRedisBinary, type TestRedis } from '@rookery/testing';
import { createProgram } from '../program';
import { ClusterSession } from './session';

const self = selfId('10001');
const TOKEN = 'token-that-must-not-leak';

let server: TestRedis;
let redis: Redis;
let folder: string;
let config: string;
let channel: ControlChannel;
let node: NodeId;
let drained: number;

beforeAll(async () => {
  server = await startTestRedis();
  redis = await connectRedis(server.url, 'producer', 'test', () => undefined);
  folder = await mkdtemp(join(tmpdir(), 'rookery-cli-'));
  config = join(folder, 'rookery.yaml');
  await writeFile(config, 'accounts: [{ selfId: "10001", mode: forward, url: "ws://127.0.0.1:3001" }]');
  const env = { ROOKERY_CONFIG: config, REDIS_URL: server.url, ROOKERY_LOG_LEVEL: 'silent' };
  const service = new Service('connector', loadConfig(env), loadProcessSettings(env, 'connector'), []);
  ({ node } = service);
  channel = new ControlChannel(server.url, () => undefined);
  answerRequests<'connector'>(
    service,
    channel,
    { 'account.status': () => null, 'account.reconnect': () => ({ done: true }) },
    { accounts: () => 1, drain: () => (drained += 1) },
  );
  await channel.start();
});
afterAll(async () => {
  await channel.close();
  redis.disconnect();
  await server.stop();
  await rm(folder, { recursive: true, force: true });
});
beforeEach(async () => {
  await redis.flushall();
  drained = 0;
  await new AccountRegistry({ redis, config: loadConfig({ ROOKERY_CONFIG: config }) }).seed();
  await post('online');
});

const post = (state: AccountState) =>
  new AccountBoardWriter(redis, node).post([
    { self, pool: DEFAULT_POOL, mode: 'forward', state, reason: `because ${state}`, since: Date.now() },
  ]);

interface Run {
  readonly code: number | undefined;
  readonly output: string;
  /** What was thrown, or what commander says of the arguments. */
  readonly error: string;
}

/** Runs the command as typed. A clock that does not wait: nothing here changes while the command watches. */
async function rookery(args: string, env: Readonly<Record<string, string>> = {}, input = ''): Promise<Run> {
  let output = '';
  let error = '';
  let code: number | undefined;
  let monotonic = 0;
  const clock = {
    ...systemClock,
    monotonic: () => (monotonic += 1000),
    after: (_ms: number, call: () => void) => systemClock.after(0, call),
  };
  const session = new ClusterSession(
    {
      env: { ROOKERY_CONFIG: config, REDIS_URL: server.url, ...env },
      clock,
      colours: picocolors.createColors(false),
      readInput: async () => input,
      print: (text) => (output += text),
    },
    (given) => (code = given),
  );
  const program = createProgram(session);
  const tame = (command: Command): void => {
    command.exitOverride().configureOutput({ writeErr: (text) => (error += text), writeOut: () => undefined });
    command.commands.forEach(tame);
  };
  tame(program);
  try {
    await program.parseAsync(['node', 'rookery', ...args.split(' ')]);
  } catch (thrown) {
    error += String(thrown);
  }
  return { code, output, error };
}

describe('rookery accounts', () => {
  it('list shows the table, or JSON for programs', async () => {
    expect(await rookery('accounts list')).toMatchObject({
      code: 0,
      output: expect.stringContaining('because online'),
    });
    const [account] = JSON.parse((await rookery('accounts list --json')).output);
    expect(account).toMatchObject({ self, state: 'online', wanted: 'started', node, source: 'file' });
  });

  it('status answers scripts by its exit code', async () => {
    expect((await rookery('accounts status 10001')).code).toBe(0);
    await post('offline');
    expect(await rookery('accounts status 10001')).toMatchObject({
      code: 2,
      output: expect.stringContaining('offline'),
    });
  });

  it('why names what keeps sends back, as sentences or JSON', async () => {
    await post('paused');
    const until = Date.now() + 3_600_000;
    await new HoldMemories(redis).save(self, { breakers: [], mutes: [['group:77', until]] });
    const { code, output } = await rookery('accounts why 10001');
    expect(code).toBe(0);
    expect(output).toContain('It cannot send while it is paused: because paused');
    expect(output).toContain('It is muted in group:77');
    expect(JSON.parse((await rookery('accounts why 10001 --json')).output)).toMatchObject({
      account: { self, state: 'paused' },
      profile: 'default',
      reasons: [{ kind: 'state' }, { kind: 'muted', chat: 'group:77', until }],
    });
    expect((await rookery('accounts why 99')).error).toContain('no account 99');
  });

  it('stop, pause, resume and start change what is wanted, and say when that is not yet so', async () => {
    const stopped = await rookery('accounts stop 10001');
    expect(stopped).toMatchObject({ code: 0, output: expect.stringContaining('online → stopped') });
    expect(stopped.output).toContain('尚未生效');
    expect((await rookery('accounts resume 10001')).error).toContain('is stopped, not paused');
    expect((await rookery('accounts start 10001')).output).not.toContain('→');
    await post('paused');
    expect((await rookery('accounts pause 10001')).output).toMatch(/state +paused/);
    await post('online');
    expect(JSON.parse((await rookery('accounts resume 10001 --json')).output)).toMatchObject({ wanted: 'started' });
  });

  it('add keeps the token encrypted and shows it nowhere', async () => {
    const key = { ROOKERY_KEY: 'k'.repeat(32) };
    const added = [
      await rookery('accounts add 10002 --reverse --token-stdin', key, `${TOKEN}\n`),
      await rookery('accounts add 10003 --forward ws://127.0.0.1:4 --pool other', {
        ...key,
        ROOKERY_ACCOUNT_TOKEN: TOKEN,
      }),
      await rookery('accounts add 10004 --forward ws://127.0.0.1:5'),
    ];
    expect(added.map(({ code, error }) => [code, error])).toEqual(Array.from({ length: 3 }, () => [0, '']));
    const registry = new AccountRegistry({
      redis,
      config: loadConfig({ ROOKERY_CONFIG: config }),
      encryptionKey: loadProcessSettings({ REDIS_URL: server.url, ...key }, 'worker').encryptionKey,
    });
    expect((await registry.all()).map(({ selfId: id, token }) => [id, token?.reveal()])).toEqual([
      ['10001', undefined],
      ['10002', TOKEN],
      ['10003', TOKEN],
      ['10004', undefined],
    ]);
    expect(JSON.stringify([added, await rookery('accounts list --json')])).not.toContain(TOKEN);
    expect((await rookery('accounts remove 10002')).output).toContain('10002 is removed');
  });

  it.each<[string, string, Record<string, string>, RegExp]>([
    ['an account that is there', 'add 10001 --forward ws://127.0.0.1:3', {}, /already in rookery\.yaml/],
    ['neither direction', 'add 10002', {}, /either --forward <url>[\s\S]*请二选一/],
    ['both directions', 'add 10002 --reverse --forward ws://127.0.0.1:3', {}, /either --forward/],
    ['no token for a reverse one', 'add 10002 --reverse', {}, /--token-stdin, or set ROOKERY_ACCOUNT_TOKEN/],
    ['nothing on standard input', 'add 10002 --reverse --token-stdin', {}, /nothing came from standard input/],
    ['a token without a key', 'add 10002 --reverse', { ROOKERY_ACCOUNT_TOKEN: TOKEN }, /ROOKERY_KEY/],
    ['a key that is too short', 'list', { ROOKERY_KEY: 'short' }, /ROOKERY_KEY.*at least 32 characters/],
    ['a token as an argument', `add 10002 --reverse --token ${TOKEN}`, {}, /can be seen by every user/],
    ['a url with a token', 'add 10002 --forward ws://x/?access_token=1', {}, /must not hold a token/],
    ['a url that is none', 'add 10002 --forward http://x', {}, /must look like ws:/],
    ['a pool that is none', 'add 10002 --forward ws://x --pool a/b', {}, /pool: must be 1 to 64/],
    ['no QQ number', 'stop 12ab', {}, /It must be a QQ number/],
    ['a number that climbs', 'status ../10001', {}, /It must be a QQ number/],
    ['an unknown account', 'stop 404', {}, /no account 404/],
    ['an unknown account to look at', 'status 404', {}, /no account 404/],
    ['an unknown account to remove', 'remove 404', {}, /no account 404/],
    ['an unknown account to move', 'move 404', {}, /no account 404/],
    ['an account of the file to remove', 'remove 10001', {}, /take it out there/],
    ['a node that is not there', 'move 10001 connector-gone', {}, /no node connector-gone; running: connector-/],
    ['no name of a node', 'drain a/b', {}, /name of a node/],
    ['a node that is not there to drain', 'drain worker-gone', {}, /no node worker-gone/],
    ['an account that nobody holds', 'reconnect 10009', {}, /no account 10009/],
  ])('refuses %s', async (_name, args, env, expected) => {
    const { code, error, output } = await rookery(`accounts ${args}`, env);
    expect(code).toBeUndefined();
    expect(error).toMatch(expected);
    expect(`${error}${output}`).not.toContain(TOKEN);
  });

  it('move pins to a connector and lets go again', async () => {
    expect((await rookery(`accounts move 10001 ${node}`)).output).toContain(`pinned to ${node}`);
    expect((await rookery('accounts move 10001')).output).not.toContain('pinned');
  });

  it('reconnect asks the connector that holds the account', async () => {
    expect(await rookery('accounts reconnect 10001')).toMatchObject({ code: 0, error: '' });
    await post('stopped');
    expect((await rookery('accounts reconnect 10001')).error).toContain('no connector holds account 10001');
  });

  it('drain tells the node', async () => {
    expect((await rookery(`accounts drain ${node}`)).code).toBe(0);
    expect(drained).toBe(1);
  });
});

describe('rookery nodes', () => {
  it('lists the processes, and changes how much they log', async () => {
    expect(await rookery('nodes')).toMatchObject({ code: 0, output: expect.stringContaining(node) });
    expect(JSON.parse((await rookery('nodes --json')).output)).toMatchObject([
      { node, accounts: 1, logLevel: 'silent' },
    ]);
    expect((await rookery('nodes log-level fatal')).output).toContain('1 processes log at fatal');
    expect((await rookery('nodes log-level loud')).error).toContain('Allowed choices');
    await rookery('nodes log-level silent');
  });
});

describe('finding the cluster', () => {
  it('says what is missing when no cluster runs and none is named', async () => {
    const { error, code } = await rookery('accounts list', { REDIS_URL: '' });
    expect(code).toBeUndefined();
    expect(error).toMatch(/no cluster runs with .*npm start[\s\S]*没有找到正在运行的集群/);
  });

  it('says that the named Redis does not answer, without its password', async () => {
    const { error } = await rookery('accounts list', { REDIS_URL: 'redis://:hunter2@127.0.0.1:1' });
    expect(error).toMatch(/127\.0\.0\.1:1 does not answer[\s\S]*无法连接/);
    expect(error).not.toContain('hunter2');
  });

  it('finds the private Redis of the data folder', async () => {
    const dataDir = join(folder, 'data', 'redis');
    const own = await startPrivateRedis({ binary: testRedisBinary(), dataDir, appendOnly: false });
    try {
      expect((await rookery('accounts list', { REDIS_URL: '' })).output).toContain('The cluster has no accounts');
    } finally {
      await own.stop();
    }
  });
});

describe('rookery broadcast', () => {
  const idIn = ({ output }: Run) => String(JSON.parse(output).id);

  it('send takes the text as it is typed, from a file or from standard input', async () => {
    const file = join(folder, 'text.txt');
    await writeFile(file, 'from a file\n');
    const runs = [
      await rookery('broadcast send hello --json'),
      await rookery(`broadcast send --file ${file} --json`),
      await rookery('broadcast send --json', {}, 'from a pipe\n'),
    ];
    const texts = runs.map(({ output }) => JSON.parse(output).message[0].data.text);
    expect(texts).toEqual(['hello', 'from a file', 'from a pipe']);
    expect((await rookery('broadcast send hello')).output).toContain('群发');
    expect((await rookery('broadcast list')).output.split('\n').filter((line) => line.includes('0/0'))).toHaveLength(4);
  });

  it('send names groups and people, also from a file', async () => {
    const file = join(folder, 'groups.txt');
    await writeFile(file, '1\n2\n3\n');
    const sent = await rookery(`broadcast send hi --groups @${file} --users 7,8 --spread 60 --expires 600 --json`);
    expect(JSON.parse(sent.output)).toMatchObject({
      audience: 'list',
      spreadMs: 60_000,
      counts: { total: 5, waiting: 5 },
    });
    expect((await rookery('broadcast send hi --friends --json')).output).toContain('"audience":"friends"');
  });

  it.each([
    ['broadcast send hi --friends --groups 1', '--friends'],
    ['broadcast send hi --file x', 'not both'],
    ['broadcast send --file /nowhere/at-all', 'cannot be read'],
    ['broadcast send hi --groups one', 'GroupId'],
    ['broadcast send hi --pool nobody', 'no account is in pool nobody'],
    ['broadcast send', 'message'],
    ['broadcast show NOT-AN-ID', 'broadcast list'],
    ['broadcast show 0123456789ab', 'BROADCAST_UNKNOWN'],
  ])('%s is refused with the reason', async (args, reason) => {
    const { error, code } = await rookery(args);
    expect(error.includes(reason) || error.includes('there is no broadcast')).toBe(true);
    expect(code).toBeUndefined();
  });

  it('pause, resume and cancel change what is wanted, until it is cancelled', async () => {
    const id = idIn(await rookery('broadcast send hi --json'));
    expect((await rookery(`broadcast pause ${id}`)).output).toContain('paused');
    expect((await rookery(`broadcast resume ${id}`)).output).toContain('running');
    expect((await rookery(`broadcast cancel ${id} --json`)).output).toContain('"state":"cancelling"');
    expect((await rookery(`broadcast resume ${id}`)).error).toContain('being cancelled');
    expect(await rookery(`broadcast show ${id}`)).toMatchObject({ code: 0, output: expect.stringContaining('已发 0') });
  });
});

describe('rookery limits', () => {
  it('set changes what holds at once, keeps what was set before, and clear takes it back', async () => {
    expect((await rookery('limits set account:10001 perDay=500 gapSeconds=2')).output).toContain('perDay = 500');
    expect((await rookery('limits set account:10001 account=10/60')).output).toContain('perDay = 500');
    const shown = (await rookery('limits show 10001')).output;
    expect(shown).toMatch(/perDay +run time, account +500/);
    expect(shown).toMatch(/account +run time, account +10\/60/);
    expect(shown).toMatch(/repeats +profile named for global|repeats +profile default/);
    expect((await rookery('limits show')).output).toContain('account:10001');
    expect((await rookery('limits clear account:10001')).code).toBe(0);
    expect((await rookery('limits clear account:10001')).code).toBe(1);
    expect((await rookery('limits show 10001')).output).not.toContain('run time');
  });

  it('of a pool, of all, and of one conversation', async () => {
    await rookery('limits set global profile=cautious');
    await rookery('limits set pool:default perDay=700');
    await rookery('limits set conversation:group:default:77 conversation=1/10');
    const here = JSON.parse((await rookery('limits show 10001 --in group:default:77 --json')).output);
    expect(here).toMatchObject({
      profile: 'cautious',
      settings: { perDay: 700, conversation: [{ sends: 1, seconds: 10 }] },
      sources: {
        perDay: { from: 'override', scope: 'pool' },
        conversation: { from: 'override', scope: 'conversation' },
      },
    });
    const elsewhere = JSON.parse((await rookery('limits show 10001 --json')).output);
    expect(elsewhere.settings.conversation).not.toEqual([{ sends: 1, seconds: 10 }]);
    expect(JSON.parse((await rookery('limits show --json')).output)).toContainEqual({
      scope: 'global',
      from: 'override',
      limits: { profile: 'cautious' },
    });
  });

  it.each([
    ['limits set account:10001 perDay=0', 'perDay'],
    ['limits set account:10001 perDay=5', 'perDay'],
    ['limits set account:10001 perDya=500', 'perDya'],
    ['limits set account:10001 perDay', 'setting=value'],
    ['limits set conversation:group:default:77 perDay=500', 'perDay'],
    ['limits set everywhere perDay=500', 'no scope'],
    ['limits set account:99 perDay=500', 'no account 99'],
    ['limits show 99', 'no account 99'],
  ])('%s is refused and changes nothing', async (args, reason) => {
    const { error } = await rookery(args);
    expect(error).toContain(reason);
    expect(JSON.parse((await rookery('limits show --json')).output)).not.toContainEqual(
      expect.objectContaining({ from: 'override' }),
    );
  });
});
