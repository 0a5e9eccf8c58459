import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { nodeId, systemClock, type Envelope } from '@rookery/protocol';
import { connectRedis, PartitionLedger, type Redis } from '@rookery/redis';
import { FakeClock, ofOneServer, startTestRedis, writtenEnvelope, type TestRedis } from '@rookery/testing';
import { eventQueueName } from './catalogue';
import { EnvelopeFetch } from './envelope-fetch';
import { EventConsumer, type EnvelopeEnd, type EventConsumerOptions } from './event-consumer';
import { EventPublisher } from './event-publisher';
import { settling } from './spec-handle';

let server: TestRedis;
let producer: Redis;
let consumerRedis: Redis;
let fetch: EnvelopeFetch;
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
});
afterEach(async () => {
  await fetch.close();
  producer.disconnect();
  consumerRedis.disconnect();
});

const envelope = (seq: number) => writtenEnvelope({ partition: 3, node: nodeId('connector-1'), seq, events: [] });

const ledger = () => new PartitionLedger({ redis: producer, clock: systemClock });

function consumer(
  handle: (envelope: Envelope) => Promise<void>,
  options: Partial<EventConsumerOptions> = {},
): EventConsumer {
  return new EventConsumer({
    fetch,
    partition: 3,
    ledger: ledger(),
    handle: settling(handle),
    clock: systemClock,
    ...options,
  });
}

/** Waits for a condition with Jest's own deadline as the limit. */
async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 5));
}

describe('envelopes of a partition whose consumer died', () => {
  const hung: { readonly sut: EventConsumer; readonly letGo: () => void }[] = [];
  afterEach(async () => {
    for (const { letGo } of hung) letGo();
    await Promise.all(hung.splice(0).map(({ sut }) => sut.stop()));
  });

  /** A consumer with `count` envelopes in hand that gets no further, as a process that was stopped. */
  async function hang(count: number): Promise<void> {
    let taken = 0;
    let letGo = (): void => undefined;
    const stuck = new Promise<void>((resolve) => (letGo = resolve));
    const handle = async () => {
      taken += 1;
      await stuck;
    };
    const sut = consumer(handle, { inFlight: count });
    sut.on('trouble', () => undefined);
    hung.push({ sut, letGo });
    sut.start();
    await until(() => taken === count);
  }

  it('are handled by the next one before everything that waits, in order and at once', async () => {
    const publisher = new EventPublisher(producer, systemClock);
    for (const seq of [1, 2, 3, 4, 5]) await publisher.publish(envelope(seq));
    await hang(3);
    const seen: number[] = [];
    const next = consumer(async ({ seq }) => void seen.push(seq));
    next.start();
    await until(() => seen.length === 5);
    await next.stop();
    expect(seen).toEqual([1, 2, 3, 4, 5]);
  });

  it('are handled in order also when their locks have run out and they are known to be stalled', async () => {
    const publisher = new EventPublisher(producer, systemClock);
    for (const seq of [1, 2, 3, 4, 5]) await publisher.publish(envelope(seq));
    await hang(4);
    const key = (part: string) => `rookery:${eventQueueName(3)}:${part}`;
    const ids = await producer.lrange(key('active'), 0, -1);
    for (const id of ids) await producer.del(key(`${id}:lock`));
    await producer.sadd(key('stalled'), ...ids);
    // The next one has time for everything else before it takes over.
    const single = consumerRedis as unknown as { eval(...args: unknown[]): Promise<unknown> };
    const now = single.eval.bind(single);
    jest.spyOn(single, 'eval').mockImplementationOnce(async (...args) => {
      for (let n = 0; n < 100; n++) await producer.ping();
      return await now(...args);
    });
    await producer.del(key('stalled-check'));
    const seen: number[] = [];
    const next = consumer(async ({ seq }) => void seen.push(seq));
    next.start();
    await until(() => seen.length === 5);
    await next.stop();
    expect(seen).toEqual([1, 2, 3, 4, 5]);
  });

  it('come again in order when their locks ran out while they were in hand, before everything that waits', async () => {
    const publisher = new EventPublisher(producer, systemClock);
    const seen: number[] = [];
    let letGo = (): void => undefined;
    const stuck = new Promise<void>((resolve) => (letGo = resolve));
    const sut = consumer(
      async ({ seq }) => {
        seen.push(seq);
        await stuck;
      },
      { inFlight: 3 },
    );
    const troubles: string[] = [];
    sut.on('trouble', ({ message }) => troubles.push(message));
    sut.start();
    for (const seq of [1, 2, 3, 4]) await publisher.publish(envelope(seq));
    await until(() => seen.length === 3);
    const key = (part: string) => `rookery:${eventQueueName(3)}:${part}`;
    for (const id of await producer.lrange(key('active'), 0, -1)) await producer.del(key(`${id}:lock`));
    letGo();
    await until(() => seen.length === 7);
    await sut.stop();
    expect(seen).toEqual([1, 2, 3, 1, 2, 3, 4]);
    expect(troubles).toHaveLength(3);
    expect(await producer.llen(key('active'))).toBe(0);
  });

  ofOneServer('keep their locks although Redis refused to renew them once', async () => {
    const clock = new FakeClock();
    await new EventPublisher(producer, systemClock).publish(envelope(1));
    let letGo = (): void => undefined;
    const stuck = new Promise<void>((resolve) => (letGo = resolve));
    const troubles: string[] = [];
    // No room for another one, so that nothing but the renewal can be refused.
    const sut = consumer(() => stuck, { clock, inFlight: 1 });
    sut.on('trouble', ({ message }) => troubles.push(message));
    sut.start();
    const key = (part: string) => `rookery:${eventQueueName(3)}:${part}`;
    await until(async () => (await producer.llen(key('active'))) === 1);
    const [id] = await producer.lrange(key('active'), 0, -1);
    await producer.config('SET', 'min-replicas-to-write', '1');
    await clock.advanceAsync(5_000);
    await until(() => troubles.length === 1);
    await producer.config('SET', 'min-replicas-to-write', '0');
    await producer.pexpire(key(`${id}:lock`), 5_000);
    await clock.advanceAsync(1_000);
    await until(async () => (await producer.pttl(key(`${id}:lock`))) > 5_000);
    letGo();
    await until(async () => (await producer.llen(key('active'))) === 0);
    await sut.stop();
    expect(troubles).toEqual([expect.stringMatching(/^NOREPLICAS/)]);
  });

  /** `begun`: the numbers of envelopes whose handling has begun when the consumer stops. */
  async function withdrawing(begun: readonly number[], count: number) {
    const publisher = new EventPublisher(producer, systemClock);
    const taken: number[] = [];
    const ends = new Map<number, (end: EnvelopeEnd) => void>();
    const sut = new EventConsumer({
      fetch,
      partition: 3,
      ledger: ledger(),
      clock: systemClock,
      handle: ({ seq }) => {
        taken.push(seq);
        return new Promise((end) => ends.set(seq, end));
      },
      withdraw: () => {
        for (const seq of taken) if (!begun.includes(seq)) ends.get(seq)?.('withdrawn');
      },
    });
    const told: string[] = [];
    sut.on('completed', (id) => told.push(`completed ${id}`));
    sut.on('failed', (id) => told.push(`failed ${id}`));
    sut.on('trouble', fail);
    sut.start();
    for (let seq = 1; seq <= count; seq++) await publisher.publish(envelope(seq));
    await until(() => taken.length === count);
    return { sut, told, settle: (seq: number) => ends.get(seq)?.('settled') };
  }

  /** Number of each envelope that the next consumer handles, and how many it says went down with it. */
  async function next(count: number): Promise<readonly (readonly [number, number])[]> {
    const seen: [number, number][] = [];
    const sut = consumer(() => Promise.resolve(), {
      handle: async ({ seq }, deaths) => {
        seen.push([seq, deaths]);
        return 'settled';
      },
    });
    sut.start();
    await until(() => seen.length >= count);
    await sut.stop();
    return seen;
  }

  it('and left what it had not begun: the rest is settled, that comes to the next one in order, and nobody went down with it', async () => {
    const { sut, told, settle } = await withdrawing([2], 4);
    const stopped = sut.stop();
    await new EventPublisher(producer, systemClock).publish(envelope(5));
    settle(2);
    await stopped;
    expect(told).toEqual(['completed connector-1-3-2']);
    expect(await next(4)).toEqual([
      [1, 0],
      [3, 0],
      [4, 0],
      [5, 0],
    ]);
  });

  it('which are left again and again are never taken for what ends its holders', async () => {
    const { sut } = await withdrawing([], 1);
    await sut.stop();
    for (let n = 0; n < 8; n++) {
      const again = await withdrawing([], 0);
      await until(async () => (await producer.llen(`rookery:${eventQueueName(3)}:active`)) === 1);
      await again.sut.stop();
    }
    expect(await next(1)).toEqual([[1, 0]]);
  });

  it('and left some, are not touched by what it says of them once the next one has taken over', async () => {
    const { sut, settle } = await withdrawing([1], 2);
    const stopped = sut.stop();
    const lock = `rookery:${eventQueueName(3)}:connector-1-3-2:lock`;
    await until(async () => (await producer.get(lock)) === 'left');
    expect(await next(2)).toEqual([
      [1, 1],
      [2, 0],
    ]);
    sut.off('trouble', fail);
    const troubles: string[] = [];
    sut.on('trouble', ({ message }) => troubles.push(message));
    settle(1);
    await stopped;
    // The next one has ended it, so there is nothing to end and nothing to tell.
    expect(troubles).toEqual([]);
  });

  it('are put back when they come while it stops, and nothing of them is begun', async () => {
    const taken: number[] = [];
    const sut = consumer(async ({ seq }) => void taken.push(seq));
    sut.on('trouble', fail);
    const begun = new Promise<void>((resolve) => sut.once('started', resolve));
    const take = fetch.take.bind(fetch);
    let stopped: Promise<void> | undefined;
    jest.spyOn(fetch, 'take').mockImplementation(async (...args) => {
      const answer = await take(...args);
      if (answer.jobs.length > 0) stopped ??= sut.stop();
      return answer;
    });
    sut.start();
    await begun;
    const publisher = new EventPublisher(producer, systemClock);
    await Promise.all([1, 2, 3].map((seq) => publisher.publish(envelope(seq))));
    await until(() => stopped !== undefined);
    await stopped;
    expect(taken).toEqual([]);
    jest.restoreAllMocks();
    expect((await next(3)).map(([seq]) => seq)).toEqual([1, 2, 3]);
  });

  it('end in the failed set when they were in hand of too many consumers that died', async () => {
    await new EventPublisher(producer, systemClock).publish(envelope(1));
    for (let death = 0; death < 7; death++) await hang(1);
    const failed: string[] = [];
    const last = consumer(async () => undefined);
    last.on('failed', (_job, error) => failed.push(error.message));
    last.start();
    await until(() => failed.length === 1);
    await last.stop();
    expect(failed[0]).toContain('stalled more than allowable limit');
  });

  it('are put back when the right to the partition is lost while the consumer waits for them', async () => {
    let mayTake = true;
    const seen: number[] = [];
    const sut = consumer(async ({ seq }) => void seen.push(seq), { mayTake: () => mayTake });
    const begun = new Promise<void>((resolve) => sut.once('completed', () => resolve()));
    sut.start();
    await new EventPublisher(producer, systemClock).publish(envelope(1));
    await begun;
    mayTake = false;
    await new EventPublisher(producer, systemClock).publish(envelope(2));
    await until(async () => (await producer.llen(`rookery:${eventQueueName(3)}:wait`)) === 1);
    expect(seen).toEqual([1]);
    mayTake = true;
    sut.wake();
    await until(() => seen.length === 2);
    await sut.stop();
  });

  it('are handled in order although Redis took them and its answer was lost', async () => {
    const publisher = new EventPublisher(producer, systemClock);
    const seen: number[] = [];
    const troubles: string[] = [];
    const sut = consumer(async ({ seq }) => void seen.push(seq));
    sut.on('trouble', ({ message }) => troubles.push(message));
    const take = fetch.take.bind(fetch);
    jest.spyOn(fetch, 'take').mockImplementation(async (...args) => {
      const answer = await take(...args);
      if (answer.jobs.length < 2 || troubles.length > 0) return answer;
      await publisher.publish(envelope(3));
      throw new Error('the answer was lost');
    });
    await producer.hset(`rookery:${eventQueueName(3)}:meta`, 'paused', '1');
    await Promise.all([1, 2].map((seq) => publisher.publish(envelope(seq))));
    await producer.hdel(`rookery:${eventQueueName(3)}:meta`, 'paused');
    sut.start();
    await until(() => seen.length === 3);
    await sut.stop();
    jest.restoreAllMocks();
    expect({ seen, troubles }).toEqual({ seen: [1, 2, 3], troubles: ['the answer was lost'] });
  });
});

describe('a consumer whose blocking connection could not be made', () => {
  it('handles what comes, and stops once what is in hand is settled', async () => {
    const single = consumerRedis as unknown as { duplicate(options: object): Redis };
    const gone = single.duplicate({ path: `${server.url.slice('unix://'.length)}.gone` });
    gone.on('error', () => undefined);
    jest.spyOn(single, 'duplicate').mockReturnValue(gone);
    let letGo = (): void => undefined;
    const stuck = new Promise<void>((resolve) => (letGo = resolve));
    let taken = 0;
    const sut = consumer(async () => {
      taken += 1;
      await stuck;
    });
    sut.on('trouble', () => undefined);
    sut.start();
    await new EventPublisher(producer, systemClock).publish(envelope(1));
    await until(() => taken === 1);
    let isStopped = false;
    const stopped = sut.stop().then(() => (isStopped = true));
    await new Promise((resolve) => setImmediate(resolve));
    expect(isStopped).toBe(false);
    letGo();
    await stopped;
    gone.disconnect();
  });
});
