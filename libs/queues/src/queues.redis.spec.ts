import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import {
  accountConversation,
  actionId,
  eventId,
  FakeClock,
  nodeId,
  parseAction,
  selfId,
  type SelfId,
  systemClock,
  type Action,
  type Envelope,
  type Event,
  type Lane,
  type RookeryError,
} from '@rookery/protocol';
import { connectRedis, OutgoingSends, PartitionLedger, type Redis } from '@rookery/redis';
import { startTestRedis, writtenEnvelope, type TestRedis } from '@rookery/testing';
import { Queue } from 'bullmq';
import { ActionPublisher } from './action-publisher';
import { ActionSource, type TakenAction } from './action-source';
import { eventQueueName, readQueueName } from './catalogue';
import { EnvelopeFetch } from './envelope-fetch';
import { EventConsumer } from './event-consumer';
import { EventPublisher } from './event-publisher';
import { settling } from './spec-handle';
import { SharedQueueBackend } from './queue-backend';

let server: TestRedis;
let producer: Redis;
let consumerRedis: Redis;
let fetch: EnvelopeFetch;
let backend: SharedQueueBackend;
const fail = (error: Error) => {
  throw error;
};

beforeAll(async () => {
  server = await startTestRedis();
});
afterAll(() => server.stop());
beforeEach(async () => {
  producer = await connectRedis(server.url, 'producer', 'test-producer', fail);
  consumerRedis = await connectRedis(server.url, 'consumer', 'test-consumer', fail);
  fetch = new EnvelopeFetch(consumerRedis, systemClock);
  await producer.flushall();
  backend = new SharedQueueBackend(producer);
  await backend.ready();
});
afterEach(async () => {
  await backend.close();
  await fetch.close();
  producer.disconnect();
  consumerRedis.disconnect();
});

const waitKey = 'rookery:events-{p3}:wait';
const node = nodeId('connector-1');
const envelope = (seq: number, partition = 3) => writtenEnvelope({ partition, node, seq, events: [] });

const ledger = () => new PartitionLedger({ redis: producer, clock: systemClock });

function consumer(handle: (envelope: Envelope) => Promise<void>): EventConsumer {
  const sut = new EventConsumer({
    fetch,
    partition: 3,
    ledger: ledger(),
    handle: settling(handle),
    clock: systemClock,
  });
  sut.on('trouble', fail);
  return sut;
}

/** Waits for a condition with Jest's own deadline as the limit. */
async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 5));
}

describe('envelopes', () => {
  it('arrive in the order they were published, also when several are handled at a time', async () => {
    const publisher = new EventPublisher(producer, systemClock);
    for (let seq = 1; seq <= 50; seq++) await publisher.publish(envelope(seq));
    const seen: number[] = [];
    const sut = consumer(async ({ seq }) => {
      seen.push(seq);
      await new Promise((resolve) => setTimeout(resolve, seq % 3));
    });
    sut.start();
    await until(() => seen.length === 50);
    await sut.stop();
    expect(seen).toEqual(Array.from({ length: 50 }, (_, index) => index + 1));
  });

  it('published twice under one id are one job, as after an add that timed out and ran later', async () => {
    const publisher = new EventPublisher(producer, systemClock);
    await publisher.publish(envelope(1));
    await publisher.publish(envelope(1));
    await publisher.publish(envelope(2));
    const seen: number[] = [];
    const sut = consumer(async ({ seq }) => void seen.push(seq));
    sut.start();
    await until(() => seen.includes(2));
    await publisher.publish(envelope(1));
    await publisher.publish(envelope(3));
    await until(() => seen.includes(3));
    await sut.stop();
    expect(seen).toEqual([1, 2, 3]);
  });

  it('of a foreign shape go to the failed set with the reason, and the next one is handled', async () => {
    const queue = new Queue(eventQueueName(3), { connection: producer, prefix: 'rookery' }, backend.factory);
    await queue.add('envelope', { v: 99, hello: 'world' });
    await new EventPublisher(producer, systemClock).publish(envelope(1));
    const failures: RookeryError[] = [];
    const seen: number[] = [];
    const sut = consumer(async ({ seq }) => void seen.push(seq));
    sut.on('failed', (_id, error) => failures.push(error));
    sut.start();
    await until(() => seen.length === 1 && failures.length === 1);
    await sut.stop();
    expect(failures[0]?.code).toBe('ENVELOPE_INVALID');
    expect(await queue.getFailedCount()).toBe(1);
  });

  it.each([
    ['cut off', '{"v":1,"partition":3,"node":"conn'],
    ['of a later version', JSON.stringify({ v: 3, partition: 3, node, seq: 1, heads: [], bodies: [] })],
    ['of the version before', JSON.stringify({ v: 1, partition: 3, node, seq: 1, events: [] })],
    [
      'with an event without an id',
      JSON.stringify({ v: 2, partition: 3, node, seq: 1, heads: [{ type: 'meta' }], bodies: [] }),
    ],
    ['that is a list', '[1,2]'],
  ])('%s go to the failed set with the reason, and the next one is handled', async (_what, data) => {
    const publisher = new EventPublisher(producer, systemClock);
    await publisher.publish({ partition: 3, node, seq: 1, events: 1, json: Buffer.from(data) });
    await publisher.publish(envelope(2));
    const failures: string[] = [];
    const seen: number[] = [];
    const sut = consumer(async ({ seq }) => void seen.push(seq));
    sut.on('failed', (_id, error) => failures.push(error.message));
    sut.start();
    await until(() => seen.length === 1 && failures.length === 1);
    await sut.stop();
    expect({ seen, reason: failures[0] }).toEqual({
      seen: [2],
      reason: expect.stringMatching(/not an envelope|no JSON/),
    });
    const queue = new Queue(eventQueueName(3), { connection: producer, prefix: 'rookery' }, backend.factory);
    expect(await queue.getFailedCount()).toBe(1);
  });

  it('are handled too when somebody gave them a priority or a delay, which no connector does', async () => {
    const queue = new Queue(eventQueueName(3), { connection: producer, prefix: 'rookery' }, backend.factory);
    const odd = (seq: number) => ({ v: 2, partition: 3, node, seq, heads: [], bodies: [] });
    await queue.add('envelope', odd(1), { priority: 5 });
    await queue.add('envelope', odd(2), { delay: 20 });
    const seen: number[] = [];
    const sut = consumer(async ({ seq }) => void seen.push(seq));
    sut.start();
    await until(() => seen.length === 2);
    await new EventPublisher(producer, systemClock).publish(envelope(3));
    await until(() => seen.length === 3);
    await sut.stop();
    expect({ seen: seen.toSorted((a, b) => a - b), failed: await queue.getFailedCount() }).toEqual({
      seen: [1, 2, 3],
      failed: 0,
    });
  });

  it('that are done keep their id for a while, and nothing of what people said', async () => {
    const publisher = new EventPublisher(producer, systemClock);
    let completed = 0;
    const sut = consumer(async () => undefined);
    sut.on('completed', () => (completed += 1));
    sut.start();
    for (let seq = 1; seq <= 330; seq++) await publisher.publish(envelope(seq));
    await until(() => completed === 330);
    await sut.stop();
    const queue = `rookery:${eventQueueName(3)}`;
    const [oldest = '', newest = ''] = [1, 330].map((seq) => `${queue}:${node}-3-${seq}`);
    const kept = await producer.zcard(`${queue}:completed`);
    expect([kept >= 200, kept <= 264]).toEqual([true, true]);
    expect(await producer.exists(oldest)).toBe(0);
    expect(await producer.hgetall(newest)).toMatchObject({
      name: 'envelope',
      data: '',
      finishedOn: expect.stringMatching(/^\d+$/),
    });
    expect(await producer.llen(`${queue}:active`)).toBe(0);
    expect(await producer.keys('*:lock')).toEqual([]);
  });

  it('behind ten copies each of messages with slow handlers are taken all the same: these hold up their own conversations only', async () => {
    const publisher = new EventPublisher(producer, systemClock);
    const slow = 40;
    for (let seq = 1; seq <= slow + 1; seq++) await publisher.publish(envelope(seq));
    let letGo = (): void => undefined;
    const stuck = new Promise<void>((resolve) => (letGo = resolve));
    const done: number[] = [];
    const sut = consumer(async ({ seq }) => {
      if (seq <= slow) await stuck;
      done.push(seq);
    });
    sut.start();
    await until(() => done.length > 0);
    expect(done).toEqual([slow + 1]);
    letGo();
    await sut.stop();
    expect(done).toHaveLength(slow + 1);
  });

  it('are taken no further than to some 2,000 events in hand, so that what waits stays in Redis', async () => {
    const publisher = new EventPublisher(producer, systemClock);
    const self = selfId('10001');
    const of = { type: 'meta', self, conversation: accountConversation(self), receivedAt: 1 } as unknown as Event;
    const events = Array.from({ length: 256 }, (_, n) => ({ ...of, id: eventId(`e${n}`) }));
    for (let seq = 1; seq <= 10; seq++) {
      await publisher.publish(writtenEnvelope({ partition: 3, node, seq, events }));
    }
    const begun: (() => void)[] = [];
    const sut = consumer(() => new Promise<void>((resolve) => begun.push(resolve)));
    sut.start();
    await until(() => begun.length === 8);
    expect(await producer.llen(waitKey)).toBe(2);
    begun[0]!();
    await until(() => begun.length === 9);
    for (const end of begun) end();
    await until(() => begun.length === 10);
    begun[9]!();
    await sut.stop();
  });

  it('whose lock was lost are not ended by who held them before, and come again', async () => {
    await new EventPublisher(producer, systemClock).publish(envelope(1));
    const troubles: string[] = [];
    let taken = 0;
    let completed = 0;
    const sut = new EventConsumer({
      fetch,
      partition: 3,
      ledger: ledger(),
      clock: systemClock,
      handle: async () => {
        taken += 1;
        const [lock = ''] = await consumerRedis.keys('*:lock');
        if (taken === 1) await consumerRedis.set(lock, 'somebody else');
        return 'settled';
      },
    });
    sut.on('trouble', (error) => troubles.push(error.message));
    sut.on('completed', () => (completed += 1));
    sut.start();
    await until(() => completed === 1);
    await sut.stop();
    expect({ taken, troubles }).toEqual({ taken: 2, troubles: [expect.stringContaining('Missing lock')] });
    expect(await producer.llen(`rookery:${eventQueueName(3)}:active`)).toBe(0);
  });

  it('whose handling throws end in the failed set instead of being handled for ever', async () => {
    await new EventPublisher(producer, systemClock).publish(envelope(1));
    const failures: string[] = [];
    const sut = consumer(async () => {
      throw new Error('the receiver broke its promise');
    });
    sut.on('failed', (_id, error) => failures.push(error.message));
    sut.start();
    await until(() => failures.length === 1);
    await sut.stop();
    expect(failures).toEqual(['the receiver broke its promise']);
  });

  it('know a fetch loop that gets no answer from a quiet one, and from one that may take nothing', async () => {
    const clock = new FakeClock();
    const ofClock = new EnvelopeFetch(consumerRedis, clock);
    let mayTake = true;
    const sut = new EventConsumer({
      fetch: ofClock,
      partition: 3,
      ledger: ledger(),
      handle: async () => 'settled',
      clock,
      mayTake: () => mayTake,
    });
    sut.on('trouble', () => undefined);
    let completed = 0;
    sut.on('completed', () => (completed += 1));
    sut.start();
    const publisher = new EventPublisher(producer, systemClock);
    await publisher.publish(envelope(1));
    await until(() => completed === 1);
    clock.advance(3_000);
    await publisher.publish(envelope(2));
    await until(() => completed === 2);
    expect(sut.fruitlessMs).toBe(0);
    // Its queue is spoilt: every fetch fails from now on.
    await until(async () => (await producer.exists(waitKey)) === 0);
    await producer.set(waitKey, 'no list');
    await producer.zadd('rookery:events-{p3}:marker', 0, '0');
    const failed = new Promise<Error>((resolve) => sut.once('trouble', resolve));
    clock.advance(1_000);
    expect((await failed).message).toContain('WRONGTYPE');
    clock.advance(20_000);
    expect(sut.fruitlessMs).toBeGreaterThanOrEqual(20_000);
    mayTake = false;
    await until(() => {
      clock.advance(1_000);
      return sut.fruitlessMs === 0;
    });
    await producer.del(waitKey);
    mayTake = true;
    sut.wake();
    await publisher.publish(envelope(3));
    await until(() => completed === 3);
    expect(sut.fruitlessMs).toBe(0);
    const stopped = sut.stop();
    await until(() => {
      clock.advance(500);
      return sut.fruitlessMs === 0;
    });
    await stopped;
    await ofClock.close();
  });

  it('in hand are finished before stop resolves, and stop does not wait for the blocking read', async () => {
    await new EventPublisher(producer, systemClock).publish(envelope(1));
    let release = (): void => undefined;
    let finished = false;
    const sut = consumer(async () => {
      await new Promise<void>((resolve) => (release = resolve));
      finished = true;
    });
    let completed = 0;
    sut.on('completed', () => (completed += 1));
    const begun = new Promise<void>((resolve) => sut.once('started', resolve));
    sut.start();
    await begun;
    const stopped = sut.stop();
    release();
    await stopped;
    expect({ finished, completed }).toEqual({ finished: true, completed: 1 });
  });
});

describe('actions', () => {
  const self = selfId('10001');
  const action = (id: string, lane: Lane = 'read'): Action => ({
    v: 1,
    id: actionId(id),
    self,
    name: lane === 'read' ? 'get_group_info' : 'send_group_msg',
    params: { group_id: '7', message: [] },
    lane,
    createdAt: 1,
    expiresAt: 4_000_000_000_000,
    origin: { plugin: 'test' },
  });
  let source: ActionSource;
  const foreign: string[] = [];
  beforeEach(() => {
    foreign.length = 0;
    source = new ActionSource({
      backend,
      queue: readQueueName(self),
      clock: systemClock,
      onForeign: (id) => foreign.push(id),
    });
  });
  afterEach(() => source.close());

  it('are taken by lane first and age second, replies before broadcasts', async () => {
    const publisher = new ActionPublisher(backend, () => undefined);
    for (const [id, lane] of [
      ['b1', 'bulk'],
      ['n1', 'normal'],
      ['i1', 'interactive'],
      ['b2', 'bulk'],
      ['i2', 'interactive'],
    ] as const) {
      await publisher.publish(action(id, lane));
    }
    const order: string[] = [];
    const sends = new OutgoingSends(producer);
    const wish = { lanes: ['interactive', 'normal', 'bulk'], shutKinds: [], inHand: [] } as const;
    for (let found = await sends.next(self, wish); found.kind === 'found'; found = await sends.next(self, wish)) {
      for (const { data, job } of found.found) {
        order.push(parseAction(JSON.parse(data)).id);
        await sends.end(self, job);
      }
    }
    expect(order).toEqual(['i1', 'i2', 'n1', 'b1', 'b2']);
  });

  it('are taken after a long silence too, in which the source has let go of its worker, and keep their lock while in hand', async () => {
    const publisher = new ActionPublisher(backend, () => undefined);
    expect(await source.take()).toBeUndefined();
    for (let n = 0; n < 3; n++) await source.renew();
    await publisher.publish(action('late'));
    const taken = await source.take();
    expect(taken?.action.id).toBe('late');
    const [lock = ''] = await producer.keys('*:lock');
    await producer.pexpire(lock, 1_000);
    for (let n = 0; n < 3; n++) await source.renew();
    expect(await producer.pttl(lock)).toBeGreaterThan(5_000);
    expect(await taken?.done()).toBeUndefined();
    expect(await source.take()).toBeUndefined();
  });

  it('put back are taken again before what came later in their lane', async () => {
    const publisher = new ActionPublisher(backend, () => undefined);
    await publisher.publish(action('first'));
    const taken = await source.take();
    await publisher.publish(action('second'));
    expect(await taken?.putBack()).toBeUndefined();
    expect((await source.take())?.action.id).toBe('first');
    expect((await source.take())?.action.id).toBe('second');
  });

  it('put back for another try wait for it, let others pass, and remember how often they were tried', async () => {
    const publisher = new ActionPublisher(backend, () => undefined);
    await publisher.publish(action('cut-off'));
    const taken = await source.take();
    expect(taken?.tries).toBe(0);
    expect(await taken?.putBack({ tries: 1, ms: 300 })).toBeUndefined();
    await publisher.publish(action('other'));
    expect((await source.take())?.action.id).toBe('other');
    expect(await source.take()).toBeUndefined();
    let again: TakenAction | undefined;
    await until(async () => (again = await source.take()) !== undefined);
    expect(again).toMatchObject({ action: { id: 'cut-off' }, tries: 1 });
    // The one who has it dies: whoever takes over knows of the tries too.
    await source.takeOver();
    const [first, second] = [await source.take(), await source.take()];
    expect([first, second].find((one) => one?.action.id === 'cut-off')?.tries).toBe(1);
  });

  it('published twice while waiting are one job', async () => {
    const publisher = new ActionPublisher(backend, () => undefined);
    await publisher.publish(action('same'));
    await publisher.publish(action('same'));
    const taken = await source.take();
    expect(taken?.action.id).toBe('same');
    expect(await source.take()).toBeUndefined();
  });

  it('leave no long stream of events behind, which nobody reads: of 10,000 per account Redis would run full', async () => {
    const publisher = new ActionPublisher(backend, () => undefined);
    for (let n = 0; n < 300; n++) await publisher.publish(action(`e${n}`));
    expect(await producer.xlen(`rookery:${readQueueName(self)}:events`)).toBeLessThanOrEqual(200);
  });

  it('are announced once per turn of the event loop, whatever their number', async () => {
    const announced: string[][] = [];
    const publisher = new ActionPublisher(backend, (accounts) => announced.push([...accounts]));
    await Promise.all(['1', '2', '3'].map((id) => publisher.publish(action(`x${id}`))));
    await until(() => announced.length > 0);
    expect(announced.flat().every((id) => id === self)).toBe(true);
    expect(announced.length).toBeLessThanOrEqual(3);
  });

  it('that follow each other closely are announced together, and say which accounts have something to look up', async () => {
    const clock = new FakeClock();
    const announced: (readonly SelfId[])[][] = [];
    const publisher = new ActionPublisher(backend, (accounts, reads) => announced.push([accounts, reads]), clock);
    await publisher.publish(action('first', 'normal'));
    await until(() => announced.length > 0);
    for (const id of ['second', 'third']) await publisher.publish(action(id, 'normal'));
    await publisher.publish(action('read', 'read'));
    await new Promise(setImmediate);
    expect(announced).toEqual([[[self], []]]);
    clock.advance(2);
    expect(announced).toEqual([
      [[self], []],
      [[self], [self]],
    ]);
  });

  it('whose data are cut off are set aside and the next one is taken', async () => {
    const publisher = new ActionPublisher(backend, () => undefined);
    await publisher.publish(action('broken'));
    await producer.hset(`rookery:${readQueueName(self)}:a-broken`, 'data', '{"v":1,"id":"a');
    await publisher.publish(action('good'));
    expect((await source.take())?.action.id).toBe('good');
    expect(foreign).toEqual(['a-broken']);
    expect(await producer.zcard(`rookery:${readQueueName(self)}:failed`)).toBe(1);
  });

  it('of a foreign shape are set aside and the next one is taken', async () => {
    const queue = new Queue(readQueueName(self), { connection: producer, prefix: 'rookery' }, backend.factory);
    await queue.add('rm -rf', { anything: true }, { priority: 1 });
    await new ActionPublisher(backend, () => undefined).publish(action('good'));
    expect((await source.take())?.action.id).toBe('good');
    expect(foreign).toHaveLength(1);
    expect(await queue.getFailedCount()).toBe(1);
  });

  it('that a dead connector had in hand come back first when its account is taken over, in their order', async () => {
    const publisher = new ActionPublisher(backend, () => undefined);
    for (const id of ['one', 'two', 'three']) await publisher.publish(action(id));
    const one = await source.take();
    await source.take();
    expect(await source.takeOver()).toBe(2);
    expect((await source.take())?.action.id).toBe('one');
    expect((await source.take())?.action.id).toBe('two');
    expect((await source.take())?.action.id).toBe('three');
    expect(await one?.done()).toMatchObject({ message: expect.stringMatching(/lock/i) });
  });
});
