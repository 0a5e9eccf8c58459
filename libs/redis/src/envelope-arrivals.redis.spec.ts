import { afterEach, describe, expect, it } from '@jest/globals';
import { FakeClock, nodeId, SECOND } from '@rookery/protocol';
import { eventually, startTestRedis, withTestRedis, writtenEnvelope } from '@rookery/testing';
import { connectRedis, type Redis } from './client';
import { EnvelopeArrivals } from './envelope-arrivals';
import { EnvelopePuts } from './envelope-puts';

// A worker on a Redis Cluster blocks for each queue instead.
const ON_ONE_SERVER = { alone: true } as const;

let redis: Redis;
withTestRedis((connected) => (redis = connected), { ...ON_ONE_SERVER, use: 'consumer' });
const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end();
});

function setUp(of = redis) {
  const clock = new FakeClock(1_700_000_000_000);
  const troubles: string[] = [];
  const sut = new EnvelopeArrivals({ redis: of, clock, onTrouble: ({ message }) => troubles.push(message) });
  ends.push(() => sut.close());
  const arrived: number[] = [];
  /** As a consumer does: it looks, finds nothing, and waits. */
  const wait = (partition: number): Promise<void> => {
    sut.looked(partition);
    return sut.next(partition).then(() => void arrived.push(partition));
  };
  const listening = async (count: number): Promise<void> => {
    const deadline = performance.now() + 4_000;
    while ((await of.pubsub('CHANNELS', 'rookery:events-*')).length !== count) {
      if (performance.now() > deadline) throw new Error(`nobody listens to ${count} partitions`);
    }
  };
  /** Listens to these: what a new channel brings is one look, and one more once it is in force. */
  const listen = async (...partitions: readonly number[]): Promise<void> => {
    await Promise.all(partitions.map((partition) => sut.next(partition)));
    for (const partition of partitions) sut.looked(partition);
    await Promise.all(partitions.map((partition) => sut.next(partition)));
  };
  const puts = new EnvelopePuts({ redis: of, clock, options: '{}' });
  let seq = 0;
  const put = (partition: number) =>
    puts.put(writtenEnvelope({ partition, node: nodeId('c1'), seq: ++seq, events: [] }));
  return { sut, clock, troubles, arrived, wait, listen, listening, put };
}

describe('arrivals of envelopes', () => {
  it('wake who waits for that partition, and nobody else', async () => {
    const { arrived, wait, listen, put } = setUp();
    await listen(1, 2);
    const both = [1, 2].map((partition) => wait(partition));
    await put(2);
    await both[1];
    expect(arrived).toEqual([2]);
  });

  it('that come after a look and before the wait are not missed', async () => {
    const { sut, wait, listen, put } = setUp();
    await listen(1, 2);
    const later = wait(2);
    sut.looked(1);
    await put(1);
    await put(2);
    // Notices come in their order: that of the first is here.
    await later;
    await expect(sut.next(1)).resolves.toBeUndefined();
  });

  it('of which no notice was given are found within a second: one has been put by tools of BullMQ, or while the connection was away', async () => {
    const { clock, arrived, wait, listen } = setUp();
    await listen(1);
    const waiting = wait(1);
    await redis.lpush('rookery:events-{p1}:wait', 'odd');
    clock.advance(SECOND - 1);
    expect(arrived).toEqual([]);
    clock.advance(1);
    await waiting;
    expect(arrived).toEqual([1]);
  });

  it('are heard of again once the connection that hears of them is back', async () => {
    const { arrived, wait, listen, listening, put } = setUp();
    await listen(1);
    const waiting = wait(1);
    await redis.call('client', 'kill', 'type', 'pubsub');
    await listening(1);
    await put(1);
    await waiting;
    expect(arrived).toEqual([1]);
  });

  it('are of no interest any more to who leaves: what waits goes on, and the channel is left', async () => {
    const { sut, arrived, wait, listen, listening } = setUp();
    await listen(1, 2);
    const waiting = wait(1);
    sut.leave(1);
    sut.leave(1);
    await waiting;
    expect(arrived).toEqual([1]);
    await listening(1);
  });

  it('stop with whoever waits when it is closed, and trouble of a connection that ends is nobody’s', async () => {
    const { sut, clock, troubles, arrived, wait } = setUp();
    await sut.next(1);
    const waiting = wait(1);
    sut.close();
    await waiting;
    expect(arrived).toEqual([1]);
    expect(clock.pending).toBe(0);
    expect(troubles).toEqual([]);
  });

  it('are looked for each second while Redis is away, and the trouble is told', async () => {
    const server = await startTestRedis(ON_ONE_SERVER);
    ends.push(() => server.stop());
    const own = await connectRedis(server.url, 'consumer', 'test', () => undefined);
    ends.push(() => own.disconnect());
    const { clock, troubles, arrived, wait, listen } = setUp(own);
    await listen(1);
    const waiting = wait(1);
    await server.stop();
    await eventually('it is told', () => troubles.length > 0);
    clock.advance(SECOND);
    await waiting;
    expect(arrived).toEqual([1]);
  });
});
