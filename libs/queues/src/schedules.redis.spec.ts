import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { connectRedis, decideTick, type Redis } from '@rookery/redis';
import { FakeClock, startTestRedis, type TestRedis } from '@rookery/testing';
import { Queue } from 'bullmq';
import { scheduleQueueName } from './catalogue';
import { Schedules, type Schedule, type Tick } from './schedules';

let server: TestRedis;
let redis: Redis;
let parts: Schedules[];
let queue: Queue;

beforeAll(async () => {
  server = await startTestRedis();
});
afterAll(() => server.stop());
beforeEach(async () => {
  redis = await connectRedis(server.url, 'consumer', 'test', () => undefined);
  await redis.flushall();
  parts = [];
  queue = new Queue(scheduleQueueName(), { connection: redis, prefix: 'rookery' });
});
afterEach(async () => {
  await Promise.all(parts.map((part) => part.stop()));
  await queue.close();
  redis.disconnect();
});

const every = (id: string, cron = '* * * * * *'): Schedule => ({ id, cron, tz: 'Asia/Shanghai', sender: 'pool:news' });

function worker(
  handOn: (tick: Tick) => Promise<void>,
  prepare: () => Promise<string | undefined> = async () => '10001:news',
) {
  const sut = new Schedules({ redis, prepare, handOn });
  parts.push(sut);
  return sut;
}

async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 10));
}

describe('Schedules', () => {
  it('hands on each time once, whichever of two workers takes it', async () => {
    const ticks: Tick[] = [];
    const take = async (tick: Tick) => void ticks.push(tick);
    const [a, b] = [worker(take), worker(take)];
    await a.declare(['dice'], [every('dice.roll')]);
    await b.declare(['dice'], [every('dice.roll')]);
    a.start();
    b.start();
    await until(() => ticks.length >= 3);
    const times = ticks.map(({ at }) => at);
    expect(new Set(times).size).toBe(times.length);
    expect(times.map((at) => at % 1_000)).toEqual(times.map(() => 0));
    expect(ticks[0]).toMatchObject({ id: 'dice.roll', sender: 'pool:news', prepared: '10001:news' });
  });

  it('makes up for one time that no worker was there for, and not for all', async () => {
    const ticks: Tick[] = [];
    await worker(async () => undefined).declare(['dice'], [every('dice.roll')]);
    const [due] = await queue.getJobSchedulers();
    const first = due?.next ?? 0;
    await until(() => Date.now() > first + 2_200);
    const late = worker(async (tick) => void ticks.push(tick));
    await late.declare(['dice'], [every('dice.roll')]);
    late.start();
    const back = Date.now();
    await until(() => ticks.length >= 2);
    expect(ticks[0]?.at).toBe(first);
    expect(ticks.filter(({ at }) => at < back).length).toBe(1);
  });

  it('are declared anew once Redis has been emptied under them, and go on', async () => {
    const clock = new FakeClock();
    const ticks: Tick[] = [];
    const sut = new Schedules({
      redis,
      prepare: async () => '10001:news',
      handOn: async (tick) => void ticks.push(tick),
      clock,
    });
    parts.push(sut);
    let restored = 0;
    sut.on('restored', () => (restored += 1));
    sut.on('trouble', () => undefined); // the job that was to come is gone
    await sut.declare(['dice'], [every('dice.roll')]);
    sut.start();
    await until(() => ticks.length >= 1);
    clock.advance(60_000);
    await until(() => clock.pending === 1);
    expect(restored).toBe(0);
    await redis.flushall();
    const before = ticks.length;
    clock.advance(60_000);
    await until(() => restored === 1 && ticks.length > before);
    await until(() => clock.pending === 1);
    clock.advance(60_000);
    await until(() => clock.pending === 1);
    expect(restored).toBe(1);
  });

  it('hands a tick on again with what was decided before, when it was not stored', async () => {
    const ticks: Tick[] = [];
    let asked = 0;
    const sut = worker(
      async (tick) => {
        ticks.push(tick);
        if (ticks.length === 1) throw new Error('Redis is away');
      },
      async () => `${++asked}:news`,
    );
    const troubles: string[] = [];
    sut.on('trouble', (error) => troubles.push(error.message));
    await sut.declare(['dice'], [every('dice.roll')]);
    sut.start();
    await until(() => ticks.filter(({ at }) => at === ticks[0]?.at).length === 2);
    expect(ticks.filter(({ at }) => at === ticks[0]?.at).map(({ prepared }) => prepared)).toEqual(['1:news', '1:news']);
    expect(troubles).toContain('Redis is away');
  });

  it('hands on what another worker decided that had the tick in hand beside this one, and nothing when that one is done', async () => {
    const handed: Tick[] = [];
    let ticks = 0;
    const sut = new Schedules({
      redis,
      async prepare({ id, at }) {
        ticks += 1;
        const job = `repeat:${id}:${at}`;
        if (ticks === 1) await decideTick(redis, job, 'other:news');
        else if (ticks === 2) await redis.del(`rookery:${scheduleQueueName()}:${job}`);
        return 'mine:news';
      },
      handOn: async (tick) => void handed.push(tick),
    });
    parts.push(sut);
    sut.on('trouble', () => undefined); // BullMQ misses the job
    await sut.declare(['dice'], [every('dice.roll')]);
    sut.start();
    await until(() => handed.length >= 2);
    expect(handed.map(({ prepared }) => prepared)).toEqual(['other:news', 'mine:news']);
    expect(ticks).toBeGreaterThanOrEqual(3);
    expect((handed[1]?.at ?? 0) - (handed[0]?.at ?? 0)).toBeGreaterThanOrEqual(2_000);
  });

  it('gives up a tick that nobody can speak for', async () => {
    let asked = 0;
    const handed: Tick[] = [];
    const sut = worker(
      async (tick) => void handed.push(tick),
      async () => void (asked += 1) as undefined,
    );
    await sut.declare(['dice'], [every('dice.roll')]);
    sut.start();
    await until(() => asked >= 2);
    expect(handed).toEqual([]);
  });

  it('follows what plugins declare, leaves other plugins alone, and reports what is no expression', async () => {
    const sut = worker(async () => undefined);
    const unfit: string[] = [];
    sut.on('unfit', (id) => unfit.push(id));
    await sut.declare(['dice', 'news'], [every('dice.roll'), every('news.send', '0 9 * * *')]);
    await sut.declare(['dice'], [every('dice.other', '0 8 * * *'), every('dice.wrong', '99 99 * * *')]);
    const known = (await queue.getJobSchedulers()).map(({ key, pattern }) => [key, pattern]);
    expect(new Map(known as [string, string][])).toEqual(
      new Map([
        ['news.send', '0 9 * * *'],
        ['dice.other', '0 8 * * *'],
      ]),
    );
    expect(unfit).toEqual(['dice.wrong']);
  });
});
