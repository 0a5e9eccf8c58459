import { beforeEach, describe, expect, it } from '@jest/globals';
import { nodeId, SECOND } from '@rookery/protocol';
import type { Service } from '@rookery/service';
import { Metrics, NoiseLimit } from '@rookery/telemetry';
import { FakeClock, MemoryLeaseStore } from '@rookery/testing';
import { observeWatch } from './observe-watch';
import { picture } from './spec-picture';
import { Watch } from './watch';

let clock: FakeClock;
let store: MemoryLeaseStore;
let failing: boolean;
let warnings: string[];

beforeEach(() => {
  clock = new FakeClock();
  store = new MemoryLeaseStore(clock);
  failing = false;
  warnings = [];
});

interface Node {
  readonly watch: Watch;
  /** The value that the node exports for the dead letters; undefined when it exports none. */
  exported(): Promise<string | undefined>;
}

function node(name: string): Node {
  const metrics = new Metrics({ app: 'test', version: '0', node: name });
  const watch = new Watch({
    node: nodeId(name),
    zone: '',
    store,
    clock,
    look: async () => {
      if (failing) throw new Error('Redis is away');
      return picture({ deadLetters: 3 });
    },
    announce: () => undefined,
  });
  const log = { warn: (_: object, text: string) => warnings.push(text), info: () => undefined, debug: () => undefined };
  const health = { ready: () => undefined, notReady: () => undefined };
  observeWatch({ metrics, log, health, noise: new NoiseLimit(clock) } as unknown as Service, watch);
  const exported = async () => /^rookery_dead_letters (\S+)$/m.exec(await metrics.exposition())?.[1];
  return { watch, exported };
}

/** Lets time pass with everything that falls due in it, promises included. */
async function pass(ms: number): Promise<void> {
  for (let left = ms; left > 0; left -= 100) {
    clock.advance(100);
    for (let turn = 0; turn < 20; turn++) await Promise.resolve();
  }
}

describe('Watch', () => {
  it('is kept by one of several nodes, and only that one speaks for the cluster', async () => {
    const nodes = [node('a'), node('b'), node('c')];
    await Promise.all(nodes.map(({ watch }) => watch.start()));
    await pass(SECOND);
    const values = await Promise.all(nodes.map((one) => one.exported()));
    expect(values.filter((value) => value !== undefined)).toEqual(['3']);
    await Promise.all([...nodes.map(({ watch }) => watch.stop()), pass(SECOND)]);
  });

  it('passes within 30 s to another node when the watcher dies without a word', async () => {
    const nodes = [node('a'), node('b')];
    await Promise.all(nodes.map(({ watch }) => watch.start()));
    await pass(SECOND);
    const [dead] = nodes.filter(({ watch }) => watch.isWatching);
    const [heir] = nodes.filter((one) => one !== dead);
    // It renews no more: its own calls fail while the other's go through.
    const renew = store.renew.bind(store);
    store.renew = (self, ...rest) =>
      self.node === (dead === nodes[0] ? 'a' : 'b') ? Promise.reject(new Error('dead')) : renew(self, ...rest);
    await pass(30 * SECOND);
    expect(await heir?.exported()).toBe('3');
    expect(await dead?.exported()).toBeUndefined();
    await Promise.all([...nodes.map(({ watch }) => watch.stop()), pass(10 * SECOND)]);
  });

  it('says nothing while Redis is away for longer than the lease, and goes on by itself', async () => {
    const sut = node('a');
    await sut.watch.start();
    await pass(SECOND);
    store.away = true;
    await pass(10 * SECOND);
    expect(await sut.exported()).toBeUndefined();
    store.away = false;
    await pass(15 * SECOND);
    expect(await sut.exported()).toBe('3');
    await Promise.all([sut.watch.stop(), pass(SECOND)]);
  });

  it('tells of a look that failed, and looks again', async () => {
    failing = true;
    const sut = node('a');
    await sut.watch.start();
    await pass(SECOND);
    expect(warnings).toEqual([expect.stringContaining('could not be looked at')]);
    failing = false;
    await pass(10 * SECOND);
    expect(await sut.exported()).toBe('3');
    await Promise.all([sut.watch.stop(), pass(SECOND)]);
  });
});
