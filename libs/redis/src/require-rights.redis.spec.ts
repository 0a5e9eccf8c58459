import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { startTestRedis, type TestRedis } from '@rookery/testing';
import { connectRedis, type Redis } from './client';
import { requireRights } from './require-rights';
import { masters } from './servers';

let server: TestRedis;
let admin: Redis;
let user: Redis | undefined;
beforeAll(async () => {
  server = await startTestRedis();
  admin = await connectRedis(server.url, 'consumer', 'test', () => undefined);
});
afterEach(() => user?.disconnect());
afterAll(async () => {
  admin.disconnect();
  await server.stop();
});

/** On every server. */
async function acl(...args: string[]): Promise<void> {
  await Promise.all(masters(admin).map((one) => one.call('ACL', args)));
}

/** The user of docs/redis.md, changed; connected. */
async function login(...changes: string[]): Promise<Redis> {
  const page = await readFile(join(__dirname, '../../../docs/redis.md'), 'utf8');
  const documented = /^ACL SETUSER rookery (.*)$/m.exec(page)?.[1];
  await acl(
    'SETUSER',
    'rookery',
    'reset',
    ...String(documented).replace('PASSWORD', 'a-password').split(' '),
    ...changes,
  );
  user = await connectRedis(server.url, 'producer', 'test', () => undefined);
  for (const one of masters(user)) await one.auth('rookery', 'a-password');
  for (const one of masters(user)) Object.assign(one.options, { username: 'rookery', password: 'a-password' });
  return user;
}

describe('a user of Redis', () => {
  it('with the rights of docs/redis.md may do all that is asked for, and so may the default user', async () => {
    await requireRights(await login());
    await requireRights(admin);
    expect(await admin.keys('rookery:rights')).toEqual([]);
  });

  it.each([
    ['a command that writes', ['-hset', '-xadd'], '+hset +xadd'],
    ['scripts', ['-eval', '-evalsha'], '+eval +evalsha'],
    ['messages', ['-publish', '-subscribe', '-pubsub|channels'], '+publish +pubsub|channels +subscribe'],
    ['transactions', ['-multi'], '+multi'],
    ['what it is told of the server', ['-info', '-time'], '+time +info'],
    ['our keys', ['resetkeys', '~other:*'], '~rookery:*'],
    ['our channels', ['resetchannels'], '&rookery:*'],
  ])('that may not use %s is refused, with the command that gives it', async (_what, changes, missing) => {
    await expect(requireRights(await login(...changes))).rejects.toMatchObject({
      code: 'REDIS_REFUSED',
      message: expect.stringContaining(`run ACL SETUSER rookery ${missing}`),
    });
    await acl('SETUSER', 'rookery', ...missing.split(' '));
    await requireRights(user ?? admin);
    expect(await admin.keys('rookery:rights')).toEqual([]);
  });
});
