import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { connectRedis, type Redis } from '@rookery/redis';
import { Fleet } from '@rookery/simulator';
import { startTestRedis, TestAuthority, type TestRedis } from '@rookery/testing';
import { freePort, startProcess, until, type RunningProcess } from './support/processes';

const ROOT = join(__dirname, '../..');
const run = promisify(execFile);

let server: TestRedis;
/** Over its unix socket, as the default user. */
let admin: Redis;
let dir: string;
let fleet: Fleet;
let url: string;
const processes: RunningProcess[] = [];

beforeAll(async () => {
  Logger.overrideLogger(false);
  dir = await mkdtemp(join(tmpdir(), 'rookery-user-'));
  server = await startTestRedis({ appendOnly: true });
  admin = await connectRedis(server.url, 'consumer', 'test', () => undefined);
  new TestAuthority(dir, 'other');
  new TestAuthority(dir).issue('server');
  const port = await freePort();
  const tls = { 'tls-cert-file': 'server.pem', 'tls-key-file': 'server.key', 'tls-ca-cert-file': 'ca.pem' };
  const files = Object.entries(tls).flatMap(([setting, name]) => [setting, join(dir, name)]);
  await admin.call('CONFIG', ['SET', ...files, 'tls-auth-clients', 'no', 'tls-port', String(port)]);
  const documented = /^ACL SETUSER (rookery .*)$/m.exec(await readFile(join(ROOT, 'docs/redis.md'), 'utf8'))?.[1];
  await admin.call('ACL', ['SETUSER', ...String(documented).replace('PASSWORD', 'a-password').split(' ')]);
  url = `rediss://rookery:a-password@127.0.0.1:${port}`;
  fleet = await Fleet.start({ accounts: 1, groups: 2 });
  const [account] = fleet.accounts;
  if (account?.mode !== 'forward') throw new Error('the first account of a fleet is dialled');
  const config = {
    partitions: 4,
    reverse: { port: 0 },
    limits: { profile: 'unlimited' },
    accounts: [{ selfId: account.selfId, mode: 'forward', url: account.url, token: account.token }],
  };
  await writeFile(join(dir, 'rookery.yaml'), JSON.stringify(config), { mode: 0o600 });
});

afterAll(async () => {
  await Promise.all(processes.map((process) => process.stop()));
  await fleet?.close();
  admin?.disconnect();
  await server?.stop();
  await rm(dir, { recursive: true, force: true });
});

describe('a Redis with TLS and a user of the least rights', () => {
  it('is refused when its certificate is of another authority than the one that is named', async () => {
    const wrong = connectRedis(`${url}?ca=${join(dir, 'other.pem')}`, 'producer', 'test', () => undefined);
    await expect(wrong).rejects.toThrow(/rookery:\*\*\*@127.*does not answer \(.*certificate/);
    const missing = connectRedis(`${url}?ca=${join(dir, 'none.pem')}`, 'producer', 'test', () => undefined);
    await expect(missing).rejects.toThrow(/a file that cannot be read .*none\.pem/);
  });

  it.each(['connector', 'worker'] as const)(
    'that may do too little ends a %s at its start, with a code and the command that gives the missing rights',
    async (app) => {
      await admin.call('ACL', ['SETUSER', 'rookery', '-evalsha', '-publish']);
      const env = { ROOKERY_CONFIG: join(dir, 'rookery.yaml'), REDIS_URL: `${url}?ca=${join(dir, 'ca.pem')}` };
      const started = startProcess(app, env);
      await expect(started).rejects.toThrow(
        'Redis refuses user rookery what Rookery needs; run ACL SETUSER rookery +evalsha +publish,',
      );
      await admin.call('ACL', ['SETUSER', 'rookery', '+evalsha', '+publish']);
      await admin.call('ACL', ['LOG', 'RESET']);
    },
  );

  it('carries connector, worker, console and command line, and refuses them nothing', async () => {
    const env = { ROOKERY_CONFIG: join(dir, 'rookery.yaml'), REDIS_URL: `${url}?ca=${join(dir, 'ca.pem')}` };
    processes.push(
      ...(await Promise.all((['connector', 'worker', 'console'] as const).map((app) => startProcess(app, env)))),
    );
    const [connector, , console_] = processes;
    await until('the account is online', async () =>
      String(await connector?.metrics()).includes('rookery_accounts{state="online"} 1'),
    );
    fleet.world.say('1500000021', { group: '712345678' }, '/ping encrypted');
    await until('it answers', () => fleet.world.audit.sent().some(({ text }) => text?.includes('pong encrypted')));
    expect((await fetch(`${console_?.http}/api/accounts`)).status).toBe(200);
    const cli = async (...args: string[]) =>
      (await run(process.execPath, [join(ROOT, 'dist/apps/cli/src/main.js'), ...args], { env: { ...env, PATH: '' } }))
        .stdout;
    const account = String(fleet.accounts[0]?.selfId);
    const [nodes, why, limits, letters, doctor] = await Promise.all([
      cli('nodes'),
      cli('accounts', 'why', account),
      cli('limits', 'show', account),
      cli('dead-letters', 'list'),
      cli('doctor'),
    ]);
    expect(nodes).toContain('connector');
    for (const output of [why, limits, letters]) expect(output).not.toBe('');
    expect(doctor).not.toContain('redis-');
    await Promise.all(processes.splice(0).map((process) => process.stop()));
    await cli('backup', join(dir, 'state.rookery'));
    const refused = (await admin.call('ACL', ['LOG'])) as unknown[];
    expect(refused).toEqual([]);
  });
});
