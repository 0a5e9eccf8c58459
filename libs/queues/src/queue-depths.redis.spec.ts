import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { actionId, nodeId, selfId, systemClock, type Action, type Lane } from '@rookery/protocol';
import { connectRedis, type Redis } from '@rookery/redis';
import { startTestRedis, writtenEnvelope, type TestRedis } from '@rookery/testing';
import { ActionPublisher } from './action-publisher';
import { ActionSource } from './action-source';
import { readQueueName } from './catalogue';
import { EventPublisher } from './event-publisher';
import { SharedQueueBackend } from './queue-backend';
import { readQueueDepths } from './queue-depths';

const accounts = [selfId('10001'), selfId('10002')];
let server: TestRedis;
let redis: Redis;
let backend: SharedQueueBackend;

beforeAll(async () => {
  server = await startTestRedis();
  redis = await connectRedis(server.url, 'producer', 'test', () => undefined);
  backend = new SharedQueueBackend(redis);
  await backend.ready();
});
afterAll(async () => {
  await backend.close();
  redis.disconnect();
  await server.stop();
});
beforeEach(() => redis.flushall());

let count = 0;
const action = (self: (typeof accounts)[number], lane: Lane): Action => ({
  v: 1,
  id: actionId(`t.${++count}`),
  self,
  name: lane === 'read' ? 'get_status' : 'send_group_msg',
  params: {},
  lane,
  createdAt: Date.now(),
  expiresAt: Date.now() + 60_000,
  origin: { plugin: 'test' },
});
const read = (now = Date.now()) => readQueueDepths(redis, { partitions: 4, accounts, now });

describe('readQueueDepths', () => {
  it('is all zero where nothing is', async () => {
    const depths = await read();
    expect(depths.events).toEqual({ waiting: 0, active: 0, delayed: 0, failed: 0 });
    expect(depths.inboundOldestSeconds).toBe(0);
    expect(depths.outboundWaiting).toEqual({ interactive: 0, normal: 0, bulk: 0, read: 0 });
  });

  it('adds up all accounts and partitions, by lane, with the age of the oldest', async () => {
    const publisher = new ActionPublisher(backend, () => undefined);
    const [first, second] = accounts as [(typeof accounts)[0], (typeof accounts)[0]];
    await publisher.publish(action(first, 'interactive'));
    for (const self of [first, second, second]) await publisher.publish(action(self, 'bulk'));
    await publisher.publish(action(second, 'read'));
    const events = new EventPublisher(redis, systemClock);
    for (const partition of [0, 3]) {
      await events.publish(writtenEnvelope({ partition, node: nodeId('connector-1'), seq: 1, events: [] }));
    }
    const depths = await read(Date.now() + 90_000);
    expect(depths.outboundWaiting).toEqual({ interactive: 1, normal: 0, bulk: 3, read: 1 });
    expect(depths.actions.waiting).toBe(4);
    expect(depths.reads.waiting).toBe(1);
    expect(depths.events.waiting).toBe(2);
    for (const age of [
      depths.inboundOldestSeconds,
      depths.outboundOldestSeconds.bulk,
      depths.outboundOldestSeconds.read,
    ]) {
      expect(age).toBeGreaterThan(89);
      expect(age).toBeLessThan(120);
    }
    expect(depths.outboundOldestSeconds.normal).toBe(0);
  });

  it('tells what is in hand from what waits', async () => {
    const publisher = new ActionPublisher(backend, () => undefined);
    const [self] = accounts as [(typeof accounts)[0]];
    await publisher.publish(action(self, 'read'));
    const source = new ActionSource({
      backend,
      queue: readQueueName(self),
      clock: systemClock,
      onForeign: () => undefined,
    });
    const taken = await source.take();
    expect((await read()).reads).toMatchObject({ waiting: 0, active: 1 });
    await taken?.done();
    await source.close();
    expect((await read()).reads).toMatchObject({ waiting: 0, active: 0 });
  });
});
