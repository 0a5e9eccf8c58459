import { describe, expect, it } from '@jest/globals';
import {
  actionId,
  contentOf,
  DEFAULT_POOL,
  messageId,
  nodeId,
  selfId,
  type Action,
  type ActionResult,
  type AccountStatus,
} from '@rookery/protocol';
import { withTestRedis } from '@rookery/testing';
import { AccountBoard, AccountBoardWriter } from './account-board';
import { keys } from './keys';
import { ActionClaims } from './action-claims';
import type { Redis } from './client';
import { requireDurableRedis } from './durable-redis';

let redis: Redis;
const self = selfId('10001');

withTestRedis(
  (connected) => {
    redis = connected;
  },
  { appendOnly: true },
);

const action: Action = {
  v: 1,
  id: actionId('m.10001.g7.s5.ping.ping.0'),
  self,
  name: 'send_group_msg',
  params: {},
  lane: 'interactive',
  createdAt: 1,
  expiresAt: 2,
  origin: { plugin: 'ping' },
};
const sent: ActionResult = { id: action.id, self, outcome: 'sent', data: { message_id: 7 }, endedAt: 3 };

describe('ActionClaims', () => {
  it('lets exactly one of many callers execute an action', async () => {
    const sut = new ActionClaims(redis);
    const claims = await Promise.all(Array.from({ length: 20 }, () => sut.claim(action, 5)));
    expect(claims.filter((claim) => claim.kind === 'taken')).toHaveLength(1);
    expect(claims.filter((claim) => claim.kind === 'open')).toHaveLength(19);
  });

  it('answers later callers with the first outcome', async () => {
    const sut = new ActionClaims(redis);
    await sut.claim(action, 5);
    expect(await sut.find(self, action.id)).toBeUndefined();
    await sut.record(sent);
    expect(await sut.claim(action, 5)).toEqual({ kind: 'ended', result: sent });
    expect(await sut.find(self, action.id)).toEqual(sent);
  });

  it('gives a released action to the next caller', async () => {
    const sut = new ActionClaims(redis);
    await sut.claim(action, 5);
    await sut.release(action, 5);
    expect(await sut.claim(action, 5)).toEqual({ kind: 'taken' });
  });

  it('refuses a holder that a newer one has followed, before and after the newer one acts', async () => {
    const sut = new ActionClaims(redis);
    expect(await sut.raiseFence(self, 6)).toBe(true);
    expect(await sut.claim(action, 5)).toEqual({ kind: 'stale' });
    expect(await sut.raiseFence(self, 5)).toBe(false);
    expect(await sut.claim(action, 7)).toEqual({ kind: 'taken' });
    expect(await sut.claim(action, 6)).toEqual({ kind: 'stale' });
  });

  it('lets nobody give back a claim that is another holder’s or has ended', async () => {
    const sut = new ActionClaims(redis);
    await sut.claim(action, 5);
    expect(await sut.release(action, 6)).toBe(false);
    await sut.record(sent);
    expect(await sut.release(action, 5)).toBe(false);
    expect(await sut.find(self, action.id)).toEqual(sent);
  });

  it('forgets after an hour, and not before: a claim outlives its job', async () => {
    const sut = new ActionClaims(redis);
    await sut.claim(action, 5);
    const [key] = await redis.keys('*claim*');
    const ttl = await redis.pttl(String(key));
    expect(ttl).toBeGreaterThan(59 * 60_000);
    expect(ttl).toBeLessThanOrEqual(60 * 60_000);
    expect(key).toContain('{a10001}');
  });
});

describe('ActionClaims of open actions', () => {
  const text = [{ type: 'text', data: { text: 'hi' } }];
  const sends: Action = { ...action, params: { group_id: '5', message: text }, replyTo: nodeId('worker-1') };
  const unknown: ActionResult = {
    id: action.id,
    self,
    outcome: 'unknown',
    error: { code: 'ACTION_OUTCOME_UNKNOWN', message: 'timeout' },
    endedAt: 3,
  };

  it('lists what was claimed and not recorded, with what to look for and without the text', async () => {
    const sut = new ActionClaims(redis);
    await sut.claim(sends, 5);
    const [seconds, micros] = await redis.time();
    const now = Number(seconds) * 1000 + Number(micros) / 1000;
    const open = await sut.open(self);
    expect(open).toEqual([
      {
        id: action.id,
        name: 'send_group_msg',
        lane: 'interactive',
        at: expect.any(Number),
        replyTo: 'worker-1',
        target: 'group:5',
        content: contentOf(sends.params),
      },
    ]);
    expect(Math.abs(now - Number(open[0]?.at))).toBeLessThan(5_000);
    const [key = ''] = await redis.keys('*open-actions');
    expect(key).toContain('{a10001}');
    expect(JSON.stringify(await redis.hgetall(key))).not.toContain('hi');
  });

  it.each<[string, (sut: ActionClaims) => Promise<unknown>]>([
    ['was recorded', (sut) => sut.record(sent)],
    ['was given back', (sut) => sut.release(sends, 5)],
    ['is sought no longer', (sut) => sut.forgetOpen(self, [sends.id])],
  ])('lists nothing that %s', async (_how, end) => {
    const sut = new ActionClaims(redis);
    await sut.claim(sends, 5);
    await end(sut);
    await sut.forgetOpen(self, []);
    expect(await sut.open(self)).toEqual([]);
  });

  it('lists no reads, and nothing that is not of our making or whose claim has gone', async () => {
    const sut = new ActionClaims(redis);
    await sut.claim({ ...action, lane: 'read' }, 5);
    const other = { ...sends, id: actionId('other') };
    await sut.claim(other, 5);
    const [key = ''] = await redis.keys('*open-actions');
    await redis.hset(key, other.id, 'rubbish', 'gone', '1 {"name":"x"}');
    expect(await sut.open(self)).toEqual([]);
  });

  it('replaces an unknown outcome by a certain one, and never a certain one', async () => {
    const sut = new ActionClaims(redis);
    await sut.claim(sends, 5);
    expect(await sut.record(unknown, { isSought: true })).toEqual(unknown);
    expect(await sut.find(self, action.id)).toEqual(unknown);
    expect(await sut.claim(sends, 5)).toEqual({ kind: 'ended', result: unknown });
    expect(await sut.open(self)).toHaveLength(1);
    expect(await sut.record(sent)).toEqual(sent);
    expect(await sut.open(self)).toEqual([]);
    expect(await sut.record(unknown)).toEqual(sent);
    expect(await sut.record({ ...sent, endedAt: 99 })).toEqual(sent);
    expect(await sut.find(self, action.id)).toEqual(sent);
  });

  it('remembers which messages are accounted for', async () => {
    const sut = new ActionClaims(redis);
    expect(await sut.sentMessages(self)).toEqual([]);
    await sut.record({ ...sent, reference: { messageId: messageId('77') } });
    expect(await sut.sentMessages(self)).toEqual(['77']);
  });

  it('ends what nobody has begun, and leaves to its holder what somebody has', async () => {
    const sut = new ActionClaims(redis);
    const expired: ActionResult = { ...unknown, outcome: 'not_sent' };
    expect(await sut.endUnbegun(expired)).toEqual(expired);
    expect(await sut.claim(sends, 9)).toEqual({ kind: 'ended', result: expired });
    expect(await sut.endUnbegun({ ...expired, endedAt: 50 })).toEqual(expired);
    const begun = { ...sends, id: actionId('begun') };
    await sut.claim(begun, 9);
    expect(await sut.endUnbegun({ ...expired, id: begun.id })).toBeUndefined();
    expect(await sut.claim(begun, 9)).toEqual({ kind: 'open' });
  });
});

describe('requireDurableRedis', () => {
  it('accepts append-only with noeviction', async () => {
    await expect(requireDurableRedis(redis)).resolves.toBeUndefined();
  });

  it.each([
    ['maxmemory-policy', 'allkeys-lru', 'noeviction'],
    ['appendonly', 'no', 'yes'],
  ])('refuses %s %s, which loses accepted messages, and names the command that mends it', async (name, bad, good) => {
    await redis.config('SET', name, bad);
    try {
      await expect(requireDurableRedis(redis)).rejects.toMatchObject({
        code: 'REDIS_UNSUITABLE',
        message: expect.stringContaining(`CONFIG SET ${name} ${good}`),
      });
    } finally {
      await redis.config('SET', name, good);
    }
  });
});

describe('AccountBoard', () => {
  const status = (id: string): AccountStatus => ({
    self: selfId(id),
    pool: DEFAULT_POOL,
    mode: 'reverse',
    state: 'online',
    reason: 'connected',
    since: 5,
  });

  const node = nodeId('connector-1');
  const successor = nodeId('connector-2');

  it('shows what was posted last, by whom, and not what was removed', async () => {
    const writer = new AccountBoardWriter(redis, node);
    await writer.post([]);
    await writer.post([status('1'), status('2')]);
    const implementation = { name: 'napcat', version: 'NapCat 4', packetBackend: false, format: 'array' } as const;
    const offline = { ...status('1'), state: 'offline', reason: 'QQ ended the login', implementation } as const;
    await writer.post([offline]);
    await writer.remove([selfId('2')]);
    await writer.remove([]);
    const sut = new AccountBoard(redis);
    expect(await sut.all()).toEqual([{ ...offline, node }]);
    expect(await sut.find(selfId('1'))).toMatchObject({ state: 'offline' });
    expect(await sut.find(selfId('2'))).toBeUndefined();
  });

  it('after a handover the word of the new holder stands, whatever the old one still says', async () => {
    const old = new AccountBoardWriter(redis, node);
    await old.post([status('1')]);
    await new AccountBoardWriter(redis, successor).post([status('1')]);
    await old.post([{ ...status('1'), state: 'stopped', reason: 'the account was removed' }]);
    await old.remove([selfId('1')]);
    expect(await new AccountBoard(redis).all()).toEqual([{ ...status('1'), node: successor }]);
  });

  it('tells a connector which of its former accounts another one has online by now', async () => {
    const sut = new AccountBoardWriter(redis, node);
    const next = new AccountBoardWriter(redis, successor);
    await sut.post([status('1'), status('2'), status('3')]);
    await next.post([status('1'), { ...status('2'), state: 'connecting' }]);
    const asked = ['1', '2', '3', '4'].map((self) => selfId(self));
    expect(await sut.onlineElsewhere(asked)).toEqual(['1']);
    await next.post([{ ...status('2'), state: 'offline', reason: 'QQ ended the login' }]);
    expect(await sut.onlineElsewhere(asked)).toEqual(['1', '2']);
    expect(await sut.onlineElsewhere([])).toEqual([]);
  });

  it('shows the others when what was posted of one has a form that is not known', async () => {
    const writer = new AccountBoardWriter(redis, node);
    await writer.post([status('1'), status('2')]);
    await redis.hset(keys.accountStatus(), '2', JSON.stringify({ ...status('2'), state: 'dreaming', node: successor }));
    const sut = new AccountBoard(redis);
    expect(await sut.all()).toEqual([{ ...status('1'), node }]);
    expect(await sut.find(selfId('2'))).toBeUndefined();
    expect(
      await new AccountBoardWriter(redis, successor).onlineElsewhere(['1', '2'].map((self) => selfId(self))),
    ).toEqual(['1']);
  });

  it('shows an account stopped when its own holder says so', async () => {
    const writer = new AccountBoardWriter(redis, node);
    await writer.post([status('1')]);
    await writer.post([{ ...status('1'), state: 'stopped' }]);
    expect(await new AccountBoard(redis).all()).toMatchObject([{ state: 'stopped', node }]);
  });
});
