import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import {
  accountConversation,
  eventId,
  nodeId,
  partitionOf,
  RookeryError,
  selfId,
  systemClock,
  type EnvelopeEvent,
  type Event,
} from '@rookery/protocol';
import { EventPublisher } from '@rookery/queues';
import { connectRedis, PartitionLedger, RedisLeaseStore, SettledMemory, type Redis } from '@rookery/redis';
import { ofOneServer, startTestRedis, type TestRedis, writtenEnvelope } from '@rookery/testing';
import { inGroup, said, stage } from '../conversation/spec-stage';
import { Consume, type EventReceiver } from './consume';
import { Partitions } from './partitions';

const PARTITIONS = 4;

let server: TestRedis;
let redis: Redis;
let blocking: Redis;
let workers: Partitions[];
let retaken: number[];

beforeAll(async () => {
  server = await startTestRedis();
});
afterAll(() => server.stop());
beforeEach(async () => {
  redis = await connectRedis(server.url, 'producer', 'test', () => undefined);
  blocking = await connectRedis(server.url, 'consumer', 'test', () => undefined);
  await redis.flushall();
  workers = [];
  retaken = [];
});
afterEach(async () => {
  await Promise.all(workers.map((worker) => worker.stop()));
  redis.disconnect();
  blocking.disconnect();
});

const self = selfId('10001');
let seq = 0;
const envelope = (partition: number, text: string) => ({
  partition,
  node: nodeId('connector-1'),
  seq: ++seq,
  events: [
    {
      id: eventId(text),
      type: 'meta',
      self,
      conversation: accountConversation(self),
      receivedAt: 1,
    } as unknown as Event,
  ],
});

async function worker(
  name: string,
  deliver: (event: EnvelopeEvent) => Promise<unknown>, // 'withdrawn', or anything else when it is settled
  setAside: (event: Event) => Promise<unknown> = deliver,
  withdraw: EventReceiver['withdraw'] = () => undefined,
): Promise<Partitions> {
  const sut: Partitions = new Partitions({
    node: nodeId(name),
    zone: '',
    partitions: PARTITIONS,
    store: new RedisLeaseStore(redis, 'partitions'),
    clock: systemClock,
    consumeOf: (holds) =>
      new Consume({
        redis: blocking,
        ledger: new PartitionLedger({ redis, clock: systemClock }),
        receiver: {
          deliver: async (event) => ((await deliver(event)) === 'withdrawn' ? 'withdrawn' : 'settled'),
          setAside,
          withdraw,
        },
        clock: systemClock,
        known: { load: () => Promise.resolve(), drop: () => undefined },
        holds,
      }),
    announce: () => {
      for (const other of workers) if (other !== sut) other.leases.poke();
    },
  });
  sut.consume.on('trouble', () => undefined);
  sut.consume.on('retaken', (deaths) => retaken.push(deaths));
  workers.push(sut);
  await sut.start();
  return sut;
}

async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 5));
}

describe('Partitions', () => {
  it('have started when all that are free are being consumed', async () => {
    const seen: string[] = [];
    const sut = await worker('worker-a', async ({ id }) => void seen.push(id));
    expect(sut.leases.size).toBe(PARTITIONS);
    for (let partition = 0; partition < PARTITIONS; partition++) {
      await new EventPublisher(redis, systemClock).publish(writtenEnvelope(envelope(partition, `e${partition}`)));
    }
    await until(() => seen.length === PARTITIONS);
    expect(seen.sort()).toEqual(['e0', 'e1', 'e2', 'e3']);
  });

  it('a second worker is ready although it has nothing to do yet', async () => {
    await worker('worker-a', async () => undefined);
    const second = await worker('worker-b', async () => undefined);
    expect(second.leases.size).toBe(0);
  });

  it('go to the other worker when one stops, but none before what is in hand of it is settled', async () => {
    const log: string[] = [];
    let settle = (): void => undefined;
    const slow = new Promise<void>((resolve) => (settle = resolve));
    const first = await worker('worker-a', async ({ id }) => {
      log.push(`a ${id}`);
      await slow;
      log.push(`a ${id} settled`);
    });
    const second = await worker('worker-b', async ({ id }) => void log.push(`b ${id}`));
    const publisher = new EventPublisher(redis, systemClock);
    await publisher.publish(writtenEnvelope(envelope(1, 'one')));
    await until(() => log.includes('a one'));
    const stopped = first.stop();
    await publisher.publish(writtenEnvelope(envelope(1, 'two')));
    await until(() => second.leases.size === PARTITIONS - 1);
    expect(log).toEqual(['a one']);
    settle();
    await stopped;
    await until(() => log.includes('b two'));
    expect(log).toEqual(['a one', 'a one settled', 'b two']);
  });

  it('go to the other worker with all that has not begun, and no message is handled twice or out of order', async () => {
    const messages = ['1', '2', '3', '4', '5'].map((seq) => said({ seq, text: seq }));
    const ledger = new PartitionLedger({ redis, clock: systemClock });
    const memory = new SettledMemory(ledger, PARTITIONS);
    const join = async (name: string) => {
      const made = stage({ clock: systemClock, memory, partitions: PARTITIONS });
      const deliver = async (event: EnvelopeEvent) => (await made.sut.deliver(event)).result;
      const partitions = await worker(name, deliver, undefined, (partition) => made.sut.withdraw(partition));
      return { ...made, partitions };
    };
    const first = await join('worker-a');
    const second = await join('worker-b');
    const publisher = new EventPublisher(redis, systemClock);
    const partition = partitionOf(inGroup('7'), PARTITIONS);
    for (const some of [messages.slice(0, 2), messages.slice(2)])
      await publisher.publish(writtenEnvelope({ ...envelope(partition, 'x'), events: some }));
    await until(() => first.started.length === 1 && first.sut.backlog === 5);
    const stopped = first.partitions.stop();
    await until(() => second.partitions.leases.size === PARTITIONS - 1);
    first.end(messages[0]!);
    await stopped;
    for (const message of messages.slice(1)) {
      await until(() => second.started.at(-1) === message.id);
      second.end(message);
    }
    await until(() => second.sut.backlog === 0);
    expect(first.started).toEqual([messages[0]?.id]);
    expect(second.started).toEqual(messages.slice(1).map(({ id }) => id));
    expect(retaken).toEqual([]);
    await until(async () => (await redis.llen(`rookery:events-{p${partition}}:active`)) === 0);
    expect(await redis.llen(`rookery:events-{p${partition}}:wait`)).toBe(0);
  });

  ofOneServer(
    'are consumed again, under the same leases, after Redis did not answer for longer than they last',
    async () => {
      const seen: string[] = [];
      const sut = await worker('worker-a', async ({ id }) => void seen.push(id));
      const epochs = [...sut.epochs];
      const told = (what: 'suspended' | 'resumed') =>
        new Promise<void>((resolve) => sut.leases.once(what, () => resolve()));
      const suspended = told('suspended');
      // A connection that is still being made is another matter: the process that cannot begin is started anew.
      await until(async () => (await redis.pubsub('CHANNELS', 'rookery:events-*')).length === PARTITIONS);
      process.kill(server.pid, 'SIGSTOP');
      try {
        await suspended;
        expect(sut.held).toEqual([]);
      } finally {
        process.kill(server.pid, 'SIGCONT');
      }
      await told('resumed');
      const publisher = new EventPublisher(redis, systemClock);
      for (let partition = 0; partition < PARTITIONS; partition++) {
        const back = writtenEnvelope(envelope(partition, `back${partition}`));
        await until(() => redis.status === 'ready');
        await publisher.publish(back);
      }
      await until(() => seen.length === PARTITIONS);
      expect(seen.sort()).toEqual(['back0', 'back1', 'back2', 'back3']);
      expect([...sut.epochs]).toEqual(epochs);
    },
  );

  /** As it is in Redis after so many consumers died with the envelope in hand, and one more. */
  async function leftBehind(events: readonly Event[], deaths: number): Promise<void> {
    await new EventPublisher(redis, systemClock).publish(writtenEnvelope({ ...envelope(1, 'x'), events }));
    const key = (part: string) => `rookery:events-{p1}:${part}`;
    const id = await redis.rpoplpush(key('wait'), key('active'));
    await redis.hset(key(String(id)), 'stc', deaths - 1);
  }
  const [bad, good] = ['bad', 'good'].map((text) => envelope(1, text).events[0] as Event) as [Event, Event];

  it('of an envelope whose holder was killed three times are handled as ever on the fourth', async () => {
    await leftBehind([bad, good], 3);
    const seen: string[] = [];
    await worker('worker-a', async ({ id }) => void seen.push(id));
    await until(() => seen.length === 2);
    expect([seen, retaken]).toEqual([[bad.id, good.id], [3]]);
  });

  it('of one that goes on to end its holders are set aside one by one, so that one bad event is given up alone', async () => {
    await leftBehind([bad, good], 4);
    const [seen, aside]: [string[], string[]] = [[], []];
    await worker(
      'worker-a',
      async ({ id }) => void seen.push(id),
      async ({ id }) => void aside.push(id),
    );
    await until(() => aside.length === 2);
    expect({ seen, aside, retaken }).toEqual({ seen: [], aside: [bad.id, good.id], retaken: [4] });
    await until(() => workers.every(({ leases }) => leases.size > 0));
  });

  it('of an envelope of which one cannot be read are handled, and then it is set aside whole with the reason', async () => {
    const seen: string[] = [];
    const ends: (() => void)[] = [];
    const sut = await worker('worker-a', async ({ id }) => {
      if (id === bad.id) throw new RookeryError('ENVELOPE_INVALID', `event ${id} cannot be read from its envelope`);
      seen.push(id);
      await new Promise<void>((resolve) => ends.push(resolve));
    });
    const failed: string[] = [];
    sut.consume.on('failed', (id, { code }) => failed.push(`${id} ${code}`));
    const written = writtenEnvelope({ ...envelope(1, 'x'), events: [bad, good] });
    await new EventPublisher(redis, systemClock).publish(written);
    await until(() => seen.length === 1);
    expect(failed).toEqual([]);
    for (const end of ends) end();
    await until(() => failed.length === 1);
    expect(failed).toEqual([`connector-1-1-${written.seq} ENVELOPE_INVALID`]);
  });
});
