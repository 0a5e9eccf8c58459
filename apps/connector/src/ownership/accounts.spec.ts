import { describe, expect, it } from '@jest/globals';
import { DEFAULT_POOL, nodeId, selfId } from '@rookery/protocol';
import type { RegisteredAccount } from '@rookery/redis';
import { FakeClock } from '@rookery/testing';
import { Accounts } from './accounts';

const account = (self: string, changes: Partial<RegisteredAccount> = {}): RegisteredAccount =>
  ({
    selfId: selfId(self),
    pool: DEFAULT_POOL,
    mode: 'forward',
    url: 'ws://127.0.0.1:1',
    wanted: 'started',
    ...changes,
  }) as RegisteredAccount;

function setUp(...stored: RegisteredAccount[]) {
  const clock = new FakeClock();
  const registry = { version: 1, stored, inFile: [] as RegisteredAccount[], away: false };
  const sut = new Accounts(
    {
      all: async () => registry.stored,
      version: async () => {
        if (registry.away) throw new Error('Redis is away');
        return registry.version;
      },
      async seed() {
        registry.stored = registry.inFile;
        registry.version += 1;
      },
    },
    clock,
  );
  const log: string[] = [];
  sut.on('changed', () => log.push('changed'));
  sut.on('trouble', (error) => log.push(error.message));
  return { sut, clock, registry, log };
}

describe('Accounts', () => {
  it('shares out all that are not stopped, with pins and standbys', async () => {
    const { sut } = setUp(
      account('1'),
      account('2', { wanted: 'stopped' }),
      account('3', { wanted: 'paused', pinnedTo: nodeId('connector-x') }),
      account('4', { attach: 'dual' }),
    );
    await sut.start();
    expect(sut.wanted).toEqual({
      keys: ['1', '3', '4'],
      pins: new Map([['3', 'connector-x']]),
      standbys: new Set(['4']),
    });
    expect(sut.all.size).toBe(4);
    sut.stop();
  });

  it('registers what the file names again when Redis has lost everything', async () => {
    const { sut, registry } = setUp(account('1'), account('2'));
    await sut.start();
    registry.inFile = [account('1')];
    registry.stored = [];
    registry.version = 0;
    await sut.look();
    expect(sut.wanted.keys).toEqual(['1']);
    sut.stop();
  });

  it('reads again when the version is another one, at a notice and now and then', async () => {
    const { sut, clock, registry, log } = setUp(account('1'));
    await sut.start();
    const before = sut.wanted;
    await sut.look();
    expect(sut.wanted).toBe(before);
    registry.stored = [account('1'), account('2')];
    registry.version = 2;
    await sut.look();
    expect(sut.wanted.keys).toEqual(['1', '2']);
    registry.stored = [];
    registry.version = 3;
    await clock.advanceAsync(10_000);
    expect(sut.wanted.keys).toEqual([]);
    expect(log).toEqual(['changed', 'changed', 'changed']);
    sut.stop();
    expect(clock.pending).toBe(0);
  });

  it('keeps what it knows while the registry cannot be read', async () => {
    const { sut, registry, log } = setUp(account('1'));
    await sut.start();
    registry.away = true;
    await sut.look();
    expect(sut.wanted.keys).toEqual(['1']);
    expect(log).toEqual(['changed', 'Redis is away']);
    sut.stop();
  });

  it('does not start without having read the registry', async () => {
    const { sut, registry } = setUp();
    registry.away = true;
    await expect(sut.start()).rejects.toThrow('Redis is away');
  });
});
