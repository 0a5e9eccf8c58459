import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { decodeFrame } from '@rookery/onebot';
import { DEFAULT_POOL, nodeId, SECOND, selfId } from '@rookery/protocol';
import { EventPublisher } from '@rookery/queues';
import { connectRedis, redisMemory, type Redis } from '@rookery/redis';
import { eventually, FakeClock, startTestRedis, type TestRedis } from '@rookery/testing';
import { Intake } from './intake';
import { MemoryGuard } from './memory-guard';

const self = selfId('10001');
const MIB = 1024 * 1024;
const QUEUE = 'rookery:events-{p0}:wait';

let server: TestRedis;
let redis: Redis;
beforeAll(async () => {
  server = await startTestRedis({ alone: true });
  redis = await connectRedis(server.url, 'producer', 'test', () => undefined);
});
beforeEach(async () => {
  await redis.flushall();
});
afterEach(async () => {
  await redis.config('SET', 'maxmemory', '0');
});
afterAll(async () => {
  redis.disconnect();
  await server.stop();
});

/** Small values: of a large one Redis may take half as much again. */
async function fill(mib: number): Promise<void> {
  const pieces = Array.from({ length: mib * 16 }, (_, n) => redis.set(`backlog:${n}`, 'x'.repeat(60_000)));
  await Promise.all(pieces);
}

function setUp() {
  const clock = new FakeClock(Date.UTC(2026, 10, 23));
  const sink = new EventPublisher(redis, clock);
  const guard = new MemoryGuard({ sink, memory: () => redisMemory(redis), clock });
  const intake = new Intake({ partitions: 1, node: nodeId('c-1'), sink: guard, clock });
  guard.on('shut', () => intake.hold());
  guard.on('opened', () => intake.release());
  let isShut = false;
  guard.on('shut', () => void (isShut = true));
  guard.on('opened', () => void (isShut = false));
  const seen: string[] = [];
  guard.on('full', () => seen.push('full'));
  guard.on('roomy', () => seen.push('roomy'));
  intake.on('publishFailed', ({ message }) => seen.push(message.slice(0, 3)));
  let number = 0;
  const arrive = (events: number): void => {
    for (let n = 0; n < events; n++) {
      const notice = { post_type: 'notice', notice_type: 'friend_add', user_id: ++number };
      const decoded = decodeFrame(JSON.stringify({ time: 1_786_700_000, self_id: 10001, ...notice }));
      if (decoded.kind === 'event') intake.accept(self, DEFAULT_POOL, decoded.frame, { connection: {} });
    }
  };
  const look = () => clock.advanceAsync(2 * SECOND);
  const queued = async (): Promise<number> => {
    const jobs = await redis.lrange(QUEUE, 0, -1);
    const data = await Promise.all(jobs.map((id) => redis.hget(`rookery:events-{p0}:${id}`, 'data')));
    return data.reduce((sum, json) => sum + (JSON.parse(json ?? '{}') as { heads: unknown[] }).heads.length, 0);
  };
  return { guard, intake, arrive, look, queued, seen, shut: () => isShut };
}

describe('a Redis near its memory limit', () => {
  it('gets no events, has room for everything else, and gets them all, in order and once, when it has room again', async () => {
    const { guard, intake, arrive, look, queued, seen } = setUp();
    await fill(17);
    await redis.config('SET', 'maxmemory', String(22 * MIB));
    await guard.start();
    expect(seen).toEqual(['full']);
    arrive(500);
    await look();
    expect([intake.size, await queued()]).toEqual([500, 0]);
    // What a worker or an action has to write still goes.
    expect(await redis.set('lease', 'y'.repeat(1024))).toBe('OK');
    await redis.flushall();
    await look();
    await eventually('there is room', () => seen.includes('roomy'));
    await intake.flushed();
    expect([intake.size, await queued(), seen]).toEqual([0, 500, ['full', 'roomy']]);
    guard.stop();
  });

  it('is not run over by one connector between two looks: most of a flood waits, and Redis never answers OOM', async () => {
    const { guard, intake, arrive, seen, shut } = setUp();
    await fill(15);
    await redis.config('SET', 'maxmemory', String(22 * MIB));
    await guard.start();
    arrive(15_000);
    await eventually('some are taken', () => intake.size < 15_000 && shut());
    await redis.ping();
    const { usedBytes, limitBytes } = await redisMemory(redis);
    expect(intake.size).toBeGreaterThan(5_000);
    expect(usedBytes / limitBytes).toBeLessThan(0.9);
    expect(seen).toEqual([]);
    guard.stop();
    await redis.config('SET', 'maxmemory', '0');
    await intake.flushed();
  });

  it('that refuses an envelope all the same (OOM) gets it once it has room, and it is counted', async () => {
    const { guard, intake, arrive, look, queued, seen } = setUp();
    await guard.start();
    await redis.config('SET', 'maxmemory', '1');
    arrive(3);
    await eventually('it is refused', () => seen.includes('OOM'));
    await redis.config('SET', 'maxmemory', '0');
    await look();
    await eventually('it is taken', () => intake.size === 0);
    expect(await queued()).toBe(3);
    guard.stop();
  });
});
