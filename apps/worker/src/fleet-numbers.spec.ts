import { describe, expect, it } from '@jest/globals';
import { selfId } from '@rookery/protocol';
import { eventually, FakeClock } from '@rookery/testing';
import { FleetNumbers } from './fleet-numbers';

function setUp() {
  const clock = new FakeClock();
  const registry = { version: 1, numbers: ['10002'], reads: 0, broken: false };
  const troubles: string[] = [];
  const accounts = {
    async version() {
      if (registry.broken) throw new Error('Redis is away');
      return registry.version;
    },
    async list() {
      registry.reads += 1;
      return registry.numbers.map((number) => ({ self: selfId(number) }));
    },
  };
  const sut = new FleetNumbers(accounts, ['10001'], clock, (error) => troubles.push(error.message));
  return { sut, clock, registry, troubles };
}

describe('FleetNumbers', () => {
  it('has the accounts of the file before anything is read', () => {
    expect([...setUp().sut.numbers]).toEqual(['10001']);
  });

  it('follows the registry, and keeps what is in the file', async () => {
    const { sut, registry } = setUp();
    const { numbers } = sut;
    await sut.start();
    expect([...numbers].sort()).toEqual(['10001', '10002']);
    Object.assign(registry, { version: 2, numbers: ['10003'] });
    await sut.look();
    expect([...numbers].sort()).toEqual(['10001', '10003']);
    sut.stop();
  });

  it('reads the list only when the version is another one', async () => {
    const { sut, registry } = setUp();
    await sut.start();
    await sut.look();
    expect(registry.reads).toBe(1);
    sut.stop();
  });

  it('finds a change whose notice was lost', async () => {
    const { sut, clock, registry } = setUp();
    await sut.start();
    Object.assign(registry, { version: 2, numbers: ['10004'] });
    clock.advance(10_000);
    await eventually('the new account', () => sut.numbers.has('10004'));
    expect(sut.numbers.has('10002')).toBe(false);
    sut.stop();
  });

  it('goes on with what it knows while Redis is away, and says so', async () => {
    const { sut, clock, registry, troubles } = setUp();
    await sut.start();
    registry.broken = true;
    await sut.look();
    expect([[...sut.numbers].sort(), troubles]).toEqual([['10001', '10002'], ['Redis is away']]);
    Object.assign(registry, { broken: false, version: 2, numbers: [] });
    clock.advance(10_000);
    await eventually('the removal', () => !sut.numbers.has('10002'));
    sut.stop();
    expect(clock.pending).toBe(0);
  });
});
