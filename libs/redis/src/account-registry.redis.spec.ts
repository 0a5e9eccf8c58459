import { describe, expect, it } from '@jest/globals';
import { checkAccount, Secret, type AccountConfig } from '@rookery/config';
import { nodeId, selfId } from '@rookery/protocol';
import { withTestRedis } from '@rookery/testing';
import { AccountRegistry, type AccountRegistryOptions } from './account-registry';
import type { Redis } from './client';
import { keys } from './keys';

const REVERSE = { host: '127.0.0.1', port: 6199, path: '/onebot/v11/ws' };
const KEY = new Secret('k'.repeat(32));
const TOKEN = 'token-that-must-not-leak';
const self = selfId('10001');

let redis: Redis;

withTestRedis((connected) => {
  redis = connected;
});

const account = (fields: object): AccountConfig => checkAccount({ mode: 'forward', ...fields }, 'test', REVERSE);
const forward = (id: string, token?: string) =>
  account({ selfId: id, url: 'ws://127.0.0.1:3001', ...(token && { token }) });
const reverse = (id: string, token: string) => account({ selfId: id, mode: 'reverse', token });

interface Opened {
  readonly registry: AccountRegistry;
  readonly unusable: [string, string][];
}

function open(
  accounts: readonly AccountConfig[] = [],
  options: Pick<AccountRegistryOptions, 'encryptionKey'> = { encryptionKey: KEY },
): Opened {
  const registry = new AccountRegistry({ redis, config: { accounts, reverse: REVERSE }, ...options });
  const unusable: [string, string][] = [];
  registry.on('unusable', (id, reason) => unusable.push([id, reason]));
  return { registry, unusable };
}

describe('AccountRegistry and the file', () => {
  it('takes the accounts of the file once, and leaves their tokens there', async () => {
    const { registry } = open([forward('10001', TOKEN), reverse('10002', `${TOKEN}2`)]);
    expect(await registry.version()).toBe(0);
    expect(await registry.seed()).toBe(true);
    expect(await registry.seed()).toBe(false);
    expect(await registry.version()).toBe(1);
    expect(JSON.stringify(await redis.hgetall(keys.accounts()))).not.toContain(TOKEN);
    const all = await registry.all();
    expect(all.map(({ selfId: id, wanted, token }) => [id, wanted, token?.reveal()])).toEqual([
      ['10001', 'started', TOKEN],
      ['10002', 'started', `${TOKEN}2`],
    ]);
  });

  it('drops what was taken out of the file, and keeps what was added at run time', async () => {
    const before = open([forward('10001'), forward('10002')]).registry;
    await before.seed();
    await before.add(forward('10003'));
    await open([forward('10002')]).registry.seed();
    expect((await before.list()).map((entry) => entry.self)).toEqual(['10002', '10003']);
  });

  it('keeps what the operator wants of an account over restarts and changes of the file', async () => {
    const { registry } = open([forward('10001')]);
    await registry.seed();
    await registry.change(self, { wanted: 'stopped', pinnedTo: nodeId('connector-1') });
    const moved = open([account({ selfId: '10001', url: 'ws://127.0.0.1:4001' })]).registry;
    expect(await moved.seed()).toBe(true);
    expect(await moved.all()).toMatchObject([
      { url: 'ws://127.0.0.1:4001', wanted: 'stopped', pinnedTo: 'connector-1' },
    ]);
  });

  it('lets the file win over an account of the same number that was added at run time', async () => {
    await open().registry.add(forward('10001', 'token-of-run-time'));
    const { registry } = open([forward('10001', TOKEN)]);
    await registry.seed();
    expect((await registry.find(self)).source).toBe('file');
    expect((await registry.all())[0]?.token?.reveal()).toBe(TOKEN);
    expect(JSON.stringify(await redis.hgetall(keys.accounts()))).not.toContain('sealed');
  });

  it('says which account it cannot use when the processes have different files', async () => {
    await open([forward('10001', TOKEN), forward('10002')]).registry.seed();
    const { registry, unusable } = open([forward('10002')]);
    expect((await registry.all()).map((entry) => entry.selfId)).toEqual(['10002']);
    expect(unusable).toEqual([['10001', expect.stringContaining('give all the same file')]]);
  });
});

describe('AccountRegistry and tokens of accounts that are added', () => {
  it('keeps them encrypted, and gives them back to a process with the key', async () => {
    await open().registry.add(reverse('10001', TOKEN));
    const stored = JSON.stringify(await redis.hgetall(keys.accounts()));
    expect(stored).toContain('sealed');
    expect(stored).not.toContain(TOKEN);
    expect(stored).not.toContain(Buffer.from(TOKEN).toString('base64url'));
    const [found] = await open().registry.all();
    expect(found?.token?.reveal()).toBe(TOKEN);
    expect(JSON.stringify(await open().registry.list())).not.toMatch(/sealed|token/);
  });

  it.each([
    ['without a key', {}, /ROOKERY_KEY/],
    ['with another key', { encryptionKey: new Secret('x'.repeat(32)) }, /cannot be decrypted/],
  ])('a process %s names the account and goes on with the others', async (_name, options, reason) => {
    await open().registry.add(forward('10001', TOKEN));
    await open().registry.add(forward('10002'));
    const { registry, unusable } = open([], options);
    expect((await registry.all()).map((entry) => entry.selfId)).toEqual(['10002']);
    expect(unusable).toEqual([['10001', expect.stringMatching(reason)]]);
  });

  it('without a key a token is refused with the reason; an account without one is welcome', async () => {
    const { registry } = open([], {});
    await expect(registry.add(forward('10001', TOKEN))).rejects.toMatchObject({ code: 'KEY_MISSING' });
    await registry.add(forward('10001'));
    expect(await registry.list()).toHaveLength(1);
  });

  it('with another key than the others it is refused before anything is stored', async () => {
    await open().registry.add(reverse('10001', TOKEN));
    const other = open([], { encryptionKey: new Secret('x'.repeat(32)) }).registry;
    await expect(other.add(reverse('10002', 'another-token'))).rejects.toMatchObject({ code: 'KEY_WRONG' });
    expect(await other.list()).toHaveLength(1);
  });

  it.each([
    ['put under another number', '10002', (text: string) => text.replaceAll('10001', '10002')],
    ['changed by a character', '10001', (text: string) => text.replace(/"sealed":"a1\.(.)/, '"sealed":"a1.-$1')],
    ['of a later form', '10001', (text: string) => text.replace('"sealed":"a1', '"sealed":"b7')],
  ])('a sealed token %s does not open', async (_name, field, forge) => {
    await open().registry.add(forward('10001', TOKEN));
    const text = String(await redis.hget(keys.accounts(), '10001'));
    await redis.hdel(keys.accounts(), '10001');
    await redis.hset(keys.accounts(), field, forge(text));
    const { registry, unusable } = open();
    expect(await registry.all()).toEqual([]);
    expect(unusable).toEqual([[field, expect.stringContaining('cannot be decrypted')]]);
  });
});

describe('AccountRegistry and changes', () => {
  it('refuses a number twice, and says where the first one is', async () => {
    const { registry } = open([forward('10001')]);
    await registry.seed();
    await registry.add(forward('10002'));
    await expect(registry.add(forward('10001'))).rejects.toThrow(/10001 is already in rookery\.yaml/);
    await expect(registry.add(forward('10002'))).rejects.toThrow(/10002 is already in the registry/);
  });

  it.each<[string, AccountConfig[]]>([
    ['the file', [reverse('10001', TOKEN)]],
    ['the registry', []],
  ])('refuses a reverse token that an account of %s has', async (_name, inFile) => {
    const { registry } = open(inFile);
    await registry.seed();
    if (inFile.length === 0) await registry.add(reverse('10001', TOKEN));
    await expect(registry.add(reverse('10002', TOKEN))).rejects.toThrow(/also that of account 10001/);
    await registry.add(forward('10003', TOKEN));
  });

  it('tells whether a change was one, and raises the version only then', async () => {
    const { registry } = open([forward('10001')]);
    await registry.seed();
    expect(await registry.change(self, { wanted: 'paused' })).toBe(true);
    expect(await registry.change(self, { wanted: 'paused' })).toBe(false);
    expect(await registry.change(self, { pinnedTo: nodeId('connector-1') })).toBe(true);
    expect(await registry.change(self, { pinnedTo: null })).toBe(true);
    expect(await registry.version()).toBe(4);
    expect(await registry.find(self)).toEqual({
      self: '10001',
      pool: 'default',
      mode: 'forward',
      url: 'ws://127.0.0.1:3001',
      source: 'file',
      wanted: 'paused',
      version: 4,
    });
  });

  it('of two opposite commands that saw the same state, the second is refused', async () => {
    const { registry } = open([forward('10001')]);
    await registry.seed();
    const { version } = await registry.find(self);
    await registry.change(self, { wanted: 'paused' }, version);
    await expect(registry.change(self, { wanted: 'stopped' }, version)).rejects.toMatchObject({
      code: 'ACCOUNT_CHANGED',
    });
    expect((await registry.find(self)).wanted).toBe('paused');
  });

  it('of many additions at the same moment none is lost', async () => {
    const ids = Array.from({ length: 12 }, (_, n) => `1000${n + 10}`);
    await Promise.all(ids.map((id) => open().registry.add(forward(id))));
    expect((await open().registry.list()).map((entry) => String(entry.self)).sort()).toEqual(ids);
    expect(await open().registry.version()).toBe(ids.length);
  });

  it('removes what was added, and nothing else', async () => {
    const { registry } = open([forward('10001')]);
    await registry.seed();
    await registry.add(forward('10002'));
    await expect(registry.remove(self)).rejects.toMatchObject({ code: 'ACCOUNT_IN_FILE' });
    await registry.remove(selfId('10002'));
    expect((await registry.list()).map((entry) => entry.self)).toEqual(['10001']);
  });

  it('knows no account that is not there', async () => {
    const { registry } = open();
    const unknown = { code: 'ACCOUNT_UNKNOWN' };
    await expect(registry.find(self)).rejects.toMatchObject(unknown);
    await expect(registry.remove(self)).rejects.toMatchObject(unknown);
    await expect(registry.change(self, { wanted: 'stopped' })).rejects.toMatchObject(unknown);
  });

  it('leaves alone what a later version of Rookery wrote', async () => {
    await redis.hset(keys.accounts(), '10009', JSON.stringify({ v: 2 }));
    const { registry, unusable } = open([forward('10001')]);
    await registry.seed();
    expect((await registry.all()).map((entry) => entry.selfId)).toEqual(['10001']);
    expect(unusable[0]).toEqual(['10009', expect.stringContaining('upgrade this process')]);
    await expect(registry.find(selfId('10009'))).rejects.toMatchObject({ code: 'ENVELOPE_INVALID' });
    expect(await redis.hexists(keys.accounts(), '10009')).toBe(1);
  });

  it('gives up after many lost races instead of trying for ever', async () => {
    const { registry } = open();
    const racing = new Proxy(redis, {
      get: (target, name) => (name === 'eval' ? async () => 0 : Reflect.get(target, name).bind(target)),
    });
    const sut = new AccountRegistry({ redis: racing, config: { accounts: [], reverse: REVERSE } });
    await expect(sut.add(forward('10001'))).rejects.toMatchObject({ code: 'ACCOUNT_CHANGED' });
    expect(await registry.list()).toEqual([]);
  });
});
