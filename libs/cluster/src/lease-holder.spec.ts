import { beforeEach, describe, expect, it } from '@jest/globals';
import { FakeClock, MemoryLeaseStore } from '@rookery/testing';
import { LeaseHolder } from './lease-holder';
import type { LeaseHolderOptions, Wanted } from './lease-holder-options';

const TTL_MS = 6_000;
const KEYS = Array.from({ length: 20 }, (_, n) => `k${n}`);

let clock: FakeClock;
let store: MemoryLeaseStore;
let wanted: Wanted;
let log: string[];
let nodes: Map<string, LeaseHolder>;

beforeEach(() => {
  clock = new FakeClock();
  store = new MemoryLeaseStore(clock);
  wanted = { keys: KEYS };
  log = [];
  nodes = new Map();
});

interface Faults {
  /** The node's own clock, when it is to stand still while the others' goes on. */
  readonly own?: FakeClock;
  readonly settled?: LeaseHolderOptions['settled'];
  readonly stays?: (key: string) => boolean;
}

async function start(name: string, { own = clock, ...rest }: Faults = {}): Promise<LeaseHolder> {
  const sut = new LeaseHolder({
    self: { node: name, capacity: 100, zone: '' },
    store,
    clock: own,
    ttlMs: TTL_MS,
    wanted: () => wanted,
    settled: async () => undefined,
    announce: () => {
      for (const [other, holder] of nodes) if (other !== name) holder.poke();
    },
    ...rest,
  });
  sut.on('gained', ({ key }, how) => log.push(`${name} gained ${key} ${how}`));
  sut.on('lost', ({ key }, reason) => log.push(`${name} lost ${key} ${reason}`));
  sut.on('suspended', () => log.push(`${name} suspended`));
  sut.on('resumed', () => log.push(`${name} resumed`));
  sut.on('kept', (left) => log.push(`${name} kept ${left}`));
  sut.on('trouble', (error) => log.push(`${name} trouble ${error.message}`));
  nodes.set(name, sut);
  await sut.start();
  return sut;
}

const held = (sut: LeaseHolder) => KEYS.filter((key) => sut.holds(key));
const count = (text: string) => log.filter((line) => line.includes(text)).length;
/** Every key is held by exactly one of the nodes. */
function expectPartition(...all: LeaseHolder[]): void {
  expect(all.flatMap(held).sort()).toEqual([...KEYS].sort());
}

describe('LeaseHolder alone', () => {
  it('takes everything in its first round', async () => {
    const sut = await start('a');
    expect(held(sut)).toEqual(KEYS);
    expect(sut.size).toBe(KEYS.length);
    expect(count('resumed')).toBe(0);
  });

  it('keeps everything under the same epochs as long as it renews', async () => {
    const sut = await start('a');
    const epoch = sut.epochOf('k1');
    await clock.advanceAsync(10 * TTL_MS);
    expect(sut.epochOf('k1')).toBe(epoch);
    expect(count('lost')).toBe(0);
  });

  it.each([
    ['forward', 10],
    ['back', -10],
  ])(
    'neither loses nor suspends anything when the wall clock of its node jumps %s by ten minutes',
    async (_way, minutes) => {
      const own = new FakeClock();
      const sut = await start('a', { own });
      const other = await start('b');
      const epochs = () => KEYS.map((key) => sut.epochOf(key));
      const both = async (ms: number) => {
        for (let passed = 0; passed < ms; passed += 100) {
          await own.advanceAsync(100);
          await clock.advanceAsync(100);
        }
      };
      await both(3 * TTL_MS);
      const before = epochs();
      log.length = 0;
      own.jumpWall(minutes * 60_000);
      await both(3 * TTL_MS);
      expect(epochs()).toEqual(before);
      expect(log).toEqual([]);
      expectPartition(sut, other);
    },
  );

  it('gives up a key that is not wanted any more at once, and takes a new one', async () => {
    const sut = await start('a');
    wanted = { keys: ['k0', 'new'] };
    sut.poke();
    await clock.advanceAsync(0);
    expect([sut.holds('k0'), sut.holds('k1'), sut.holds('new')]).toEqual([true, false, true]);
    expect(count('removed')).toBe(KEYS.length - 1);
  });

  it('stops acting before others may begin, while the store is away, and goes on when it is back in time', async () => {
    const sut = await start('a');
    store.away = true;
    await clock.advanceAsync(TTL_MS * (5 / 6));
    expect(held(sut)).toEqual([]);
    expect(sut.epochOf('k1')).toBeUndefined();
    expect(sut.includes('k1')).toBe(true);
    expect(count('a suspended')).toBe(1);
    store.away = false;
    await clock.advanceAsync(TTL_MS / 12);
    expect(held(sut)).toEqual(KEYS);
    expect(count('a resumed')).toBe(1);
    expect(count('lost')).toBe(0);
    expect(count('trouble the store is away')).toBeGreaterThan(0);
  });

  it('after a long outage goes on under the same epochs when nobody took anything', async () => {
    const sut = await start('a');
    const epoch = sut.epochOf('k1');
    store.away = true;
    await clock.advanceAsync(10 * TTL_MS);
    store.away = false;
    await clock.advanceAsync(TTL_MS);
    expect(sut.epochOf('k1')).toBe(epoch);
  });
});

describe('LeaseHolder among others', () => {
  it('shares out with a node that joins, after the members were stable for a time to live, each key once', async () => {
    const a = await start('a');
    const b = await start('b');
    await clock.advanceAsync(TTL_MS / 2);
    expect(held(b)).toEqual([]);
    await clock.advanceAsync(TTL_MS);
    expectPartition(a, b);
    expect(held(b).length).toBeGreaterThan(3);
    const moves = count('rebalanced');
    expect(moves).toBe(held(b).length);
    await clock.advanceAsync(10 * TTL_MS);
    expect(count('rebalanced')).toBe(moves);
  });

  it('takes over from a node that died within its time to live, and nothing else moves', async () => {
    const frozen = new FakeClock();
    const a = await start('a');
    const b = await start('b', { own: frozen });
    const c = await start('c');
    for (let step = 0; step < 8; step++) {
      await clock.advanceAsync(TTL_MS / 3);
      await frozen.advanceAsync(TTL_MS / 3);
    }
    expectPartition(a, b, c);
    const [ofA, ofB, ofC] = [held(a), held(b), held(c)];
    expect(ofB.length).toBeGreaterThan(0);
    log = [];
    // From here the clock of b stands still: its process is stopped, or dead.
    await clock.advanceAsync(TTL_MS + 100);
    expect([...held(a), ...held(c)].sort()).toEqual([...KEYS].sort());
    expect(held(a)).toEqual(expect.arrayContaining(ofA));
    expect(held(c)).toEqual(expect.arrayContaining(ofC));
    expect(count('gained')).toBe(ofB.length);
    // It wakes up: before it can do anything its clock tells it that its time is over.
    frozen.advance(TTL_MS + 100);
    expect(held(b)).toEqual([]);
    await frozen.advanceAsync(0);
    expect(count('b suspended')).toBe(1);
    expect(count('b lost')).toBe(ofB.length);
    expect(log.filter((line) => line.startsWith('b lost')).every((line) => line.endsWith('taken'))).toBe(true);
  });

  it('takes over at once what a draining node has settled', async () => {
    let settle = (): void => undefined;
    const stuck = new Promise<void>((resolve) => (settle = resolve));
    const a = await start('a', { settled: ({ key }) => (key === 'k3' ? stuck : Promise.resolve()) });
    const b = await start('b');
    const drained = a.drain();
    await clock.advanceAsync(0);
    expect(held(a)).toEqual([]);
    expect(held(b)).toEqual(KEYS.filter((key) => key !== 'k3'));
    expect(count('a lost k3 drained')).toBe(1);
    settle();
    await clock.advanceAsync(0);
    expect(held(b)).toEqual(KEYS);
    await drained;
    expect(b.peers).toEqual([]);
    await clock.advanceAsync(2 * TTL_MS);
    expect(count('a gained')).toBe(KEYS.length);
  });

  it('leaves after a limit even when something never settles', async () => {
    const a = await start('a', { settled: () => new Promise(() => undefined) });
    const b = await start('b');
    const drained = a.drain();
    await clock.advanceAsync(5_000);
    await drained;
    await clock.advanceAsync(0);
    expect(held(b)).toEqual(KEYS);
  });

  it('a settling that fails is trouble, and the key is given back', async () => {
    const a = await start('a', { settled: () => Promise.reject(new Error('stuck')) });
    const b = await start('b');
    await a.drain();
    await clock.advanceAsync(0);
    expect(held(b)).toEqual(KEYS);
    expect(log).toContain('a trouble stuck');
  });

  it('a drain while the store is away ends all the same, and tells how many leases were not given back', async () => {
    const a = await start('a');
    store.away = true;
    const drained = a.drain();
    await clock.advanceAsync(10_000);
    await drained;
    expect(held(a)).toEqual([]);
    expect(log).toContain(`a kept ${KEYS.length}`);
    expect(clock.pending).toBe(0);
  });

  it('moves a pinned key without waiting', async () => {
    const a = await start('a');
    const b = await start('b');
    wanted = { keys: KEYS, pins: new Map([['k5', 'b']]) };
    a.poke();
    await clock.advanceAsync(0);
    expect([a.holds('k5'), b.holds('k5')]).toEqual([false, true]);
    expect(held(a)).toHaveLength(KEYS.length - 1);
  });

  it('seizes a key, the former holder learns of it, and it stays where it is as long as it must', async () => {
    const stays = new Set<string>();
    const a = await start('a');
    const b = await start('b', { stays: (key) => stays.has(key) });
    await clock.advanceAsync(3 * TTL_MS);
    const key = String(held(a)[0]);
    stays.add(key);
    expect(await b.seize(key)).toBe(true);
    expect(await b.seize(key)).toBe(true);
    await clock.advanceAsync(0);
    expect([a.holds(key), b.holds(key)]).toEqual([false, true]);
    expect(log).toContain(`a lost ${key} taken`);
    await clock.advanceAsync(5 * TTL_MS);
    expect(b.holds(key)).toBe(true);
    stays.clear();
    await clock.advanceAsync(TTL_MS);
    expect(a.holds(key)).toBe(true);
  });

  it('cannot seize while the store is away, or while it drains', async () => {
    const a = await start('a');
    store.away = true;
    expect(await a.seize('other')).toBe(false);
    store.away = false;
    const drained = a.drain();
    expect(await a.seize('other')).toBe(false);
    await drained;
  });

  it('tells of keys that want a standby whenever it is to own them or to stand by, before it holds them', async () => {
    wanted = { keys: KEYS, standbys: new Set(['k1', 'k2']) };
    const told = new Map<string, string[][]>();
    const listen = (name: string, sut: LeaseHolder) =>
      sut.on('standbys', (keys) => told.set(name, [...(told.get(name) ?? []), [...keys]]));
    const a = await start('a');
    listen('a', a);
    const b = await start('b');
    const c = await start('c');
    for (const [name, sut] of nodes) if (name !== 'a') listen(name, sut);
    wanted = { ...wanted, standbys: new Set(['k1', 'k2', 'k3']) };
    for (const sut of [a, b, c]) sut.poke();
    await clock.advanceAsync(0);
    const last = [...told.values()].flatMap((all) => all.at(-1) ?? []);
    expect(last.filter((key) => key === 'k3')).toHaveLength(2);
    wanted = { keys: KEYS };
    for (const sut of [a, b, c]) sut.poke();
    await clock.advanceAsync(0);
    for (const all of told.values()) expect(all.at(-1)).toEqual([]);
  });
});

describe('LeaseHolder when the store fails over', () => {
  it('waits one time to live before it acts again, keeping its leases under epochs above those that the store forgot', async () => {
    const sut = await start('a');
    const epoch = Number(sut.epochOf('k1'));
    store.failOver(false);
    await clock.advanceAsync(TTL_MS / 3);
    expect(held(sut)).toEqual([]);
    expect(count('a suspended')).toBe(1);
    await clock.advanceAsync(TTL_MS + 100);
    expect(held(sut)).toEqual(KEYS);
    expect(sut.epochOf('k1')).toBeGreaterThan(epoch);
    expect(count('lost')).toBe(0);
  });

  it('gives back under its new epoch what was on its way back', async () => {
    let settle: (value?: unknown) => void = () => undefined;
    const work = new Promise((resolve) => (settle = resolve));
    const sut = await start('a', { settled: async () => void (await work) });
    void sut.drain();
    await clock.advanceAsync(0);
    store.failOver(false);
    await clock.advanceAsync(TTL_MS / 3);
    expect(await store.all()).toHaveLength(KEYS.length);
    settle();
    await clock.advanceAsync(0);
    expect(await store.all()).toEqual([]);
  });

  it('that has lost its data, gets its keys again after one time to live, under new epochs', async () => {
    const sut = await start('a');
    const epoch = Number(sut.epochOf('k1'));
    store.failOver(true);
    await clock.advanceAsync(TTL_MS / 3);
    expect(count('taken')).toBe(KEYS.length);
    expect(sut.size).toBe(0);
    await clock.advanceAsync(TTL_MS + 100);
    expect(held(sut)).toEqual(KEYS);
    expect(sut.epochOf('k1')).toBeGreaterThan(epoch);
  });

  it('gives back what the store says it holds and it does not know of', async () => {
    await start('a');
    const b = await start('b');
    const [lost] = await store.acquire('b', ['stray']);
    expect(lost).toBeDefined();
    store.failOver(false);
    await clock.advanceAsync(TTL_MS);
    expect(b.holds('stray')).toBe(false);
    expect((await store.all()).map(({ key }) => key)).not.toContain('stray');
  });
});
