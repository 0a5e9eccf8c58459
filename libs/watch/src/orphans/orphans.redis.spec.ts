import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { actionId, nodeId, selfId, systemClock, type Action, type ActionResult, type Lane } from '@rookery/protocol';
import { ActionPublisher, ActionSource, readQueueName, SharedQueueBackend } from '@rookery/queues';
import {
  ActionAccounts,
  ActionClaims,
  connectRedis,
  OutgoingSends,
  RedisLeaseStore,
  WaitingReads,
  type Redis,
} from '@rookery/redis';
import { startTestRedis, type TestRedis } from '@rookery/testing';
import { Orphans, type Orphan, type OrphansOptions } from './orphans';

const self = selfId('10001');
const asker = nodeId('worker-1');
const MINUTE = 60_000;
const fail = (error: Error) => {
  throw error;
};

let server: TestRedis;
let redis: Redis;
let backend: SharedQueueBackend;
let publisher: ActionPublisher;
let claims: ActionClaims;
beforeAll(async () => {
  server = await startTestRedis();
  redis = await connectRedis(server.url, 'producer', 'test', fail);
  redis.setMaxListeners(0); // one per test
  backend = new SharedQueueBackend(redis);
  await backend.ready();
});
afterAll(async () => {
  await backend.close();
  redis.disconnect();
  await server.stop();
});
beforeEach(async () => {
  await redis.flushall();
  publisher = new ActionPublisher(backend, () => undefined);
  claims = new ActionClaims(redis);
});

function setUp(parts: Partial<OrphansOptions> = {}) {
  const leases = new RedisLeaseStore(redis, 'accounts');
  const told: [Orphan, ActionResult][] = [];
  const troubles: string[] = [];
  const sut = new Orphans({
    accounts: new ActionAccounts(redis),
    held: async () => new Set((await leases.all()).map(({ key }) => key)),
    sends: new OutgoingSends(redis),
    reads: new WaitingReads(redis),
    claims,
    clock: systemClock,
    ...parts,
  });
  sut.on('ended', (orphan, result) => told.push([orphan, result]));
  sut.on('trouble', (error) => troubles.push(error.message));
  return { sut, told, troubles };
}

/** `expiresInMs` below zero: its time is over. */
function action(id: string, expiresInMs: number, lane: Lane = 'normal', group = '7', of = self): Action {
  const now = Date.now();
  return {
    v: 1,
    id: actionId(id),
    self: of,
    name: lane === 'read' ? 'get_group_list' : 'send_group_msg',
    params: lane === 'read' ? {} : { group_id: group, message: [{ type: 'text', data: { text: id } }] },
    lane,
    createdAt: now - 2 * MINUTE,
    expiresAt: now + expiresInMs,
    replyTo: asker,
    origin: { plugin: 'test' },
  };
}

const waiting = async () =>
  (await new OutgoingSends(redis).explain(self, [])).lanes.reduce((sum, { waiting: more }) => sum + more, 0);
const leftOf = async (pattern: string) => (await redis.keys(pattern)).length;

describe('Orphans', () => {
  it('ends what waited too long for an account that nobody knows, tells who asked, and leaves nothing behind', async () => {
    await publisher.publish(action('a', -1));
    await publisher.publish(action('b', -1, 'interactive', '8'));
    const { sut, told, troubles } = setUp();
    await sut.sweep();
    // By age in each chat; between chats in any order.
    expect(new Map(told.map(([{ id, replyTo }, { outcome, error }]) => [id, [replyTo, outcome, error?.code]]))).toEqual(
      new Map([
        ['a', [asker, 'not_sent', 'ACTION_EXPIRED']],
        ['b', [asker, 'not_sent', 'ACTION_EXPIRED']],
      ]),
    );
    expect(await claims.find(self, actionId('a'))).toMatchObject({ outcome: 'not_sent' });
    expect(await leftOf('rookery:actions-*:a-*')).toBe(0);
    expect(troubles).toEqual([]);
    await sut.sweep();
    expect(told).toHaveLength(2);
  });

  it('ends nothing before its time', async () => {
    await publisher.publish(action('early', MINUTE));
    await publisher.publish(action('early-read', MINUTE, 'read'));
    const { sut, told } = setUp();
    await sut.sweep();
    expect(told).toEqual([]);
    expect(await waiting()).toBe(1);
  });

  it('ends what a connector that is gone had sorted into chats, also in the middle of one that is held', async () => {
    await publisher.publish(action('first', MINUTE));
    await publisher.publish(action('second', -1));
    const sends = new OutgoingSends(redis);
    const found = await sends.next(self, { lanes: ['normal'], shutKinds: [], inHand: [] });
    const [one] = found.kind === 'found' ? found.found : [];
    if (!one) throw new Error('nothing waits');
    await sends.hold(self, one.room, Date.now() + 10 * MINUTE, 'muted');
    const { sut, told } = setUp();
    await sut.sweep();
    expect(told.map(([{ id }]) => id)).toEqual(['second']);
    expect(await waiting()).toBe(1);
  });

  it('leaves the actions of an account that a connector holds to it', async () => {
    await publisher.publish(action('a', -1));
    const leases = new RedisLeaseStore(redis, 'accounts');
    await leases.renew({ node: nodeId('connector-1'), capacity: 1, zone: '', draining: false }, 10_000, undefined);
    expect(await leases.acquire('connector-1', [self])).toHaveLength(1);
    const { sut, told } = setUp();
    await sut.sweep();
    expect(told).toEqual([]);
    expect(await waiting()).toBe(1);
  });

  it('ends reads wherever they stand: waiting, put off, or in hand of a connector that died', async () => {
    const source = new ActionSource({
      backend,
      queue: readQueueName(self),
      clock: systemClock,
      onForeign: () => undefined,
    });
    for (const id of ['in-hand', 'put-off', 'waits']) await publisher.publish(action(id, -1, 'read'));
    const inHand = await source.take();
    if (!inHand) throw new Error('nothing was taken');
    await claims.claim(inHand.action, 1);
    const putOff = await source.take();
    await putOff?.putBack({ tries: 1, ms: 10 * MINUTE });
    const { sut, told } = setUp();
    await sut.sweep();
    // The one in hand may be on its way: its lock has not run out.
    expect(told.map(([{ id }]) => id).sort()).toEqual(['put-off', 'waits']);
    const locks = await redis.keys('*:lock');
    await redis.del(...locks);
    await sut.sweep();
    expect(told.at(-1)).toMatchObject([{ id: 'in-hand' }, { outcome: 'not_sent', error: { code: 'ACTION_NO_REPLY' } }]);
    expect(await leftOf('rookery:reads-*:a-*')).toBe(0);
    await source.close();
  });

  it('tells that nobody knows what came of a send that a dead connector had begun, once, and not too early', async () => {
    await publisher.publish(action('begun', MINUTE));
    await claims.claim(action('begun', MINUTE), 1);
    const { sut: soon, told: toldSoon } = setUp();
    await soon.sweep();
    expect(toldSoon).toEqual([]);
    const later = { ...systemClock, now: () => Date.now() + 2 * MINUTE };
    const { sut, told } = setUp({ clock: later });
    await sut.sweep();
    await sut.sweep();
    expect(told).toMatchObject([[{ id: 'begun', replyTo: asker }, { outcome: 'unknown' }]]);
    expect(await leftOf('rookery:actions-*:a-*')).toBe(0);
    // A connector that comes in time still finds out what came of it.
    expect((await claims.open(self)).map(({ id }) => id)).toEqual(['begun']);
    const { sut: last } = setUp({ clock: { ...systemClock, now: () => Date.now() + 12 * MINUTE } });
    await last.sweep();
    expect(await claims.open(self)).toEqual([]);
    expect(await claims.find(self, actionId('begun'))).toMatchObject({ outcome: 'unknown' });
  });

  it('goes on where a sweep was cut off: after the outcome was kept, before the job was gone', async () => {
    await publisher.publish(action('a', -1));
    const { sut: cut, troubles } = setUp({
      sends: Object.assign(Object.create(new OutgoingSends(redis)) as OutgoingSends, {
        next: (...asked: Parameters<OutgoingSends['next']>) => new OutgoingSends(redis).next(...asked),
        end: () => Promise.reject(new Error('the process ends here')),
      }),
    });
    await cut.sweep();
    expect(troubles).toEqual(['the process ends here']);
    const first = await claims.find(self, actionId('a'));
    const { sut, told } = setUp();
    await sut.sweep();
    expect(told.map(([, result]) => result)).toEqual([first]);
    expect(await waiting()).toBe(0);
  });

  it('two that sweep at once end each action once, with one outcome', async () => {
    for (let n = 0; n < 40; n++) await publisher.publish(action(`a${n}`, -1, 'normal', String(n % 5)));
    const [one, other] = [setUp(), setUp()];
    await Promise.all([one.sut.sweep(), other.sut.sweep()]);
    const outcomes = new Map<string, Set<string>>();
    for (const [{ id }, result] of [...one.told, ...other.told]) {
      outcomes.set(id, (outcomes.get(id) ?? new Set()).add(JSON.stringify(result)));
    }
    expect(outcomes.size).toBe(40);
    expect([...outcomes.values()].every(({ size }) => size === 1)).toBe(true);
    expect(await waiting()).toBe(0);
  });

  it('a claim that a connector took meanwhile goes before the expiry', async () => {
    await publisher.publish(action('a', -1));
    await claims.claim(action('a', -1), 1);
    const { sut, told } = setUp();
    await sut.sweep();
    expect(told).toEqual([]);
    expect(await claims.find(self, actionId('a'))).toBeUndefined();
  });

  it('one account whose queue cannot be read does not keep the others waiting', async () => {
    const other = selfId('10002');
    await publisher.publish(action('a', -1));
    await publisher.publish(action('b', -1, 'normal', '7', other));
    await redis.set('rookery:{a10001}:expiry', 'no sorted set');
    const { sut, told, troubles } = setUp();
    await sut.sweep();
    expect(told.map(([{ id }]) => id)).toEqual(['b']);
    expect(troubles).toHaveLength(1);
  });

  it('sets aside what is no action', async () => {
    await publisher.publish(action('a', -1));
    await redis.hset('rookery:actions-{a10001}:a-a', 'data', '{"lane":"normal"}');
    const { sut, told } = setUp();
    await sut.sweep();
    expect(told).toEqual([]);
    expect(await redis.zrange('rookery:actions-{a10001}:failed', '0', '-1')).toEqual(['a-a']);
  });

  it('forgets an account that nobody asks any more, and none for which something waits', async () => {
    const idle = selfId('10003');
    const accounts = new ActionAccounts(redis);
    await accounts.note(idle, Date.now() - 2 * 60 * MINUTE);
    await accounts.note(selfId('10004'), Date.now());
    await publisher.publish(action('a', MINUTE));
    await accounts.note(self, Date.now() - 2 * 60 * MINUTE);
    const { sut } = setUp();
    await sut.sweep();
    expect((await accounts.all()).sort()).toEqual(['10001', '10004']);
  });
});
