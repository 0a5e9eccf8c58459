import { describe, expect, it } from '@jest/globals';
import { nodeId, SECOND, type WrittenEnvelope } from '@rookery/protocol';
import { FakeClock } from '@rookery/testing';
import { MemoryGuard } from './memory-guard';

const envelope = (bytes: number): WrittenEnvelope => ({
  partition: 0,
  node: nodeId('c-1'),
  seq: 1,
  events: 1,
  json: new Uint8Array(bytes),
});

async function setUp(usedBytes: number, limitBytes = 1_000) {
  const clock = new FakeClock();
  const memory = { usedBytes, limitBytes };
  let away = false;
  let looks = 0;
  const published: number[] = [];
  const sut = new MemoryGuard({
    clock,
    memory: () => {
      looks += 1;
      return away ? Promise.reject(new Error('away')) : Promise.resolve({ ...memory });
    },
    sink: { publish: async ({ json }) => void published.push(json.byteLength) },
  });
  const seen: string[] = [];
  for (const what of ['shut', 'opened'] as const) sut.on(what, () => seen.push(what));
  for (const what of ['full', 'roomy'] as const) sut.on(what, (share) => seen.push(`${what} ${share}`));
  await sut.start();
  const look = async (used: number): Promise<void> => {
    memory.usedBytes = used;
    await clock.advanceAsync(2 * SECOND);
  };
  const told = () => seen.splice(0);
  return { sut, clock, look, told, published, looks: () => looks, goAway: (gone: boolean) => (away = gone) };
}

describe('MemoryGuard', () => {
  it('shuts at 80 % of the limit, and opens by itself below 75 %', async () => {
    const { look, told } = await setUp(799);
    expect(told()).toEqual([]);
    await look(800);
    expect(told()).toEqual(['full 0.8', 'shut']);
    await look(760);
    expect(told()).toEqual([]);
    await look(749);
    expect(told()).toEqual(['roomy 0.749', 'opened']);
  });

  it('is shut from the start where Redis is full then', async () => {
    expect((await setUp(900)).told()).toEqual(['full 0.9', 'shut']);
  });

  it('lets a quarter of the room through between two looks, and tells nobody that Redis is full then', async () => {
    const { sut, look, told, published } = await setUp(400);
    await sut.publish(envelope(60));
    expect(told()).toEqual([]);
    await sut.publish(envelope(60));
    expect(told()).toEqual(['shut']);
    // What has been begun is carried out.
    expect(published).toEqual([60, 60]);
    await look(600);
    expect(told()).toEqual(['opened']);
    await sut.publish(envelope(50));
    expect(told()).toEqual(['shut']);
  });

  it.each([0, 10_000_000])('is never shut where Redis has no limit and uses %d bytes', async (used) => {
    const { sut, look, told } = await setUp(used, 0);
    await sut.publish(envelope(1_000_000));
    await look(used * 2);
    expect(told()).toEqual([]);
  });

  it('keeps to what it knew while Redis does not answer, and goes on asking', async () => {
    const { look, told, goAway } = await setUp(850);
    told();
    goAway(true);
    await look(100);
    expect(told()).toEqual([]);
    goAway(false);
    await look(100);
    expect(told()).toEqual(['roomy 0.1', 'opened']);
  });

  it('asks once in two seconds, however much goes through, and lets go of everything when it stops', async () => {
    const { sut, clock, told, looks } = await setUp(700);
    for (let n = 0; n < 100; n++) await sut.publish(envelope(1));
    await clock.advanceAsync(10 * SECOND);
    expect(looks()).toBe(6);
    await sut.publish(envelope(1_000));
    told();
    sut.stop();
    await sut.publish(envelope(1_000));
    await clock.advanceAsync(10 * SECOND);
    expect([told(), looks(), clock.pending]).toEqual([['opened'], 6, 0]);
  });
});
