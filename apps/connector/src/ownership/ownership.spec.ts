import { EventEmitter } from 'node:events';
import { beforeEach, describe, expect, it } from '@jest/globals';
import { DEFAULT_POOL, selfId, type AccountState, type AccountStatus, type SelfId } from '@rookery/protocol';
import type { RegisteredAccount } from '@rookery/redis';
import { FakeClock, MemoryLeaseStore } from '@rookery/testing';
import type { LinkAccount, LinkEventMap, LinkRole } from '../link/link-events';
import { Accounts } from './accounts';
import { Ownership } from './ownership';

const A = selfId('10001');
const R = selfId('10002');
const secret = { reveal: () => 'token' };
const TTL_MS = 6_000;

const forward = (changes: object = {}) =>
  ({
    selfId: A,
    pool: DEFAULT_POOL,
    mode: 'forward',
    url: 'ws://x',
    wanted: 'started',
    ...changes,
  }) as RegisteredAccount;
const reverse = (changes: object = {}) =>
  ({
    selfId: R,
    pool: DEFAULT_POOL,
    mode: 'reverse',
    token: secret,
    wanted: 'started',
    ...changes,
  }) as RegisteredAccount;

/** Remembers which links there are, and says of each that it is in the state that the test gave. */
class FakeLinks extends EventEmitter<LinkEventMap> {
  readonly roles = new Map<SelfId, LinkRole>();
  readonly log: string[] = [];
  state: AccountState = 'online';

  add(account: LinkAccount, { role = 'owner' }: { readonly role?: LinkRole } = {}): void {
    if (this.roles.has(account.selfId)) throw new Error(`${account.selfId} was added twice`);
    this.roles.set(account.selfId, role);
    this.log.push(`add ${account.selfId} ${role}`);
  }
  async remove(self: SelfId, reason = ''): Promise<void> {
    this.roles.delete(self);
    this.log.push(`remove ${self} ${reason}`);
  }
  status(self: SelfId): AccountStatus | undefined {
    if (!this.roles.has(self)) return undefined;
    return { self, pool: DEFAULT_POOL, mode: 'forward', state: this.state, reason: '', since: 0 };
  }
  role(self: SelfId): LinkRole | undefined {
    return this.roles.get(self);
  }
  promote(self: SelfId): boolean {
    this.roles.set(self, 'owner');
    return true;
  }
  demote(self: SelfId): boolean {
    if (this.roles.has(self)) this.roles.set(self, 'standby');
    return true;
  }
  pause(self: SelfId): boolean {
    this.log.push(`pause ${self}`);
    return true;
  }
  resume(self: SelfId): boolean {
    this.log.push(`resume ${self}`);
    return true;
  }
  expect(account: LinkAccount): void {
    this.log.push(`expect ${account.selfId}`);
  }
  unexpect(self: SelfId): void {
    this.log.push(`unexpect ${self}`);
  }
}

let clock: FakeClock;
let store: MemoryLeaseStore;
let registry: { version: number; stored: readonly RegisteredAccount[] };
let connectors: Ownership[];
/** Accounts whose next owner has said that it is online. */
let online: Set<SelfId>;
beforeEach(() => {
  clock = new FakeClock();
  store = new MemoryLeaseStore(clock);
  registry = { version: 1, stored: [forward(), reverse()] };
  connectors = [];
  online = new Set();
});

async function connector(node: string) {
  const links = new FakeLinks();
  const log: string[] = [];
  const fence = { answer: true, away: false };
  const work = { settle: () => undefined as unknown, settled: Promise.resolve() };
  const source = { all: async () => registry.stored, version: async () => registry.version, seed: async () => false };
  const accounts = new Accounts(source, clock);
  await accounts.start();
  const sut: Ownership = new Ownership({
    self: { node, capacity: 10, zone: '' },
    store,
    accounts,
    links,
    clock,
    fence: {
      async raiseFence(self, epoch) {
        if (fence.away) throw new Error('Redis is away');
        log.push(`fence ${self} ${epoch}`);
        return fence.answer;
      },
    },
    delivery: {
      async add(self) {
        log.push(`deliver ${self}`);
      },
      async remove(self) {
        log.push(`rest ${self}`);
        await work.settled;
      },
      linkUp: (self) => void log.push(`up ${self}`),
      wake: (selves) => void log.push(`look ${selves.join(' ')}`),
      wakeAll: () => void log.push('wake'),
    },
    onlineElsewhere: async (selves) => selves.filter((self) => online.has(self)),
    announce: () => {
      for (const other of connectors) if (other !== sut) other.leases.poke();
    },
    onTrouble: (error) => void log.push(error.message),
  });
  connectors.push(sut);
  await sut.start();
  await clock.advanceAsync(0);
  return { sut, links, log, fence, accounts, work };
}

async function change(...stored: RegisteredAccount[]) {
  registry = { version: registry.version + 1, stored };
}

describe('Ownership', () => {
  it('of a gained account connects it, and delivers only after earlier holders are shut out', async () => {
    registry.stored = [forward()];
    const { sut, links, log } = await connector('a');
    expect(links.log).toContain(`add ${A} owner`);
    expect(log).toEqual([`fence ${A} 1`, `deliver ${A}`, `up ${A}`]);
    expect(sut.epochOf(A)).toBe(1);
  });

  it('does nothing for an account while its fence cannot be raised, and tries again', async () => {
    registry.stored = [forward()];
    const { sut, log, fence, links } = await connector('a');
    fence.away = true;
    links.state = 'connecting';
    await change(forward(), reverse());
    await sut.stop();
    const b = await connector('b');
    b.fence.away = true;
    expect(log).not.toContain(`deliver ${R}`);
    b.fence.away = false;
    await clock.advanceAsync(500);
    expect(b.log).toContain(`deliver ${R}`);
  });

  it.each([
    ['Redis is away', { away: true, answer: true }],
    ['a newer holder is known', { away: false, answer: false }],
  ])('may not act when the fence is not raised because %s', async (_why, answers) => {
    const holder = await connector('a');
    Object.assign(holder.fence, answers);
    holder.log.length = 0;
    await change(forward(), reverse(), { ...forward(), selfId: selfId('10003') } as RegisteredAccount);
    await holder.accounts.look();
    await clock.advanceAsync(0);
    expect(holder.sut.leases.holds('10003')).toBe(true);
    expect(holder.sut.epochOf(selfId('10003'))).toBeUndefined();
    expect(holder.log).not.toContain('deliver 10003');
    Object.assign(holder.fence, { away: false, answer: true });
    await clock.advanceAsync(500);
    expect(holder.log.includes('deliver 10003')).toBe(answers.away);
  });

  it('after a failover shuts out a holder that Redis forgot, before it acts again over the same link', async () => {
    registry.stored = [forward()];
    const { sut, log, links, fence } = await connector('a');
    store.failOver(false);
    fence.away = true;
    await clock.advanceAsync(2 * TTL_MS);
    expect(sut.leases.epochOf(A)).toBe(2);
    expect(sut.epochOf(A)).toBeUndefined();
    fence.away = false;
    await clock.advanceAsync(500);
    expect(sut.epochOf(A)).toBe(2);
    expect(log.slice(-4)).toEqual([`fence ${A} 2`, `deliver ${A}`, `up ${A}`, `look ${A}`]);
    expect(links.log.filter((line) => line.startsWith('add'))).toHaveLength(1);
  });

  it('of a suspended node allows nothing and keeps the links; resumed, delivery looks at its queues again', async () => {
    const { sut, links, log } = await connector('a');
    store.away = true;
    await clock.advanceAsync(TTL_MS);
    expect(sut.epochOf(A)).toBeUndefined();
    expect(links.roles.size).toBe(2);
    store.away = false;
    await clock.advanceAsync(TTL_MS);
    expect(sut.epochOf(A)).toBeDefined();
    expect(log).toContain('wake');
  });

  it('drains: actions under way end first, the next owner connects while the link still listens', async () => {
    registry.stored = [forward()];
    const a = await connector('a');
    let settle = (): void => undefined;
    a.work.settled = new Promise((resolve) => (settle = resolve));
    const b = await connector('b');
    const stopped = a.sut.stop();
    await clock.advanceAsync(100);
    expect(a.log).toContain(`rest ${A}`);
    expect([a.sut.epochOf(A), b.sut.epochOf(A)]).toEqual([undefined, undefined]);
    settle();
    await clock.advanceAsync(0);
    expect(b.sut.epochOf(A)).toBeDefined();
    expect([a.links.roles.get(A), b.links.roles.get(A)]).toEqual(['standby', 'owner']);
    await clock.advanceAsync(3_000);
    expect(a.links.roles.get(A)).toBe('standby');
    online.add(A);
    await clock.advanceAsync(500);
    await stopped;
    expect(a.links.log).toContain(`remove ${A} another connector holds the account`);
  });

  it('ends its drain in time though a next owner does not come online, and at once when there is nobody to come', async () => {
    registry.stored = [forward()];
    const [a, b] = [await connector('a'), await connector('b')];
    const stopped = a.sut.stop();
    await Promise.all([stopped, clock.advanceAsync(6_600)]);
    expect(a.links.roles.size).toBe(0);
    const last = b.sut.stop();
    await Promise.all([last, clock.advanceAsync(0)]);
    expect(b.sut.leases.size).toBe(0);
  });

  it('lets the NapCat that dials in here win over the connector that holds the account', async () => {
    const a = await connector('a');
    const b = await connector('b');
    expect(a.sut.leases.holds(R)).toBe(true);
    b.links.emit('claimed', R, '127.0.0.1');
    await clock.advanceAsync(0);
    expect([a.sut.epochOf(R), typeof b.sut.epochOf(R)]).toEqual([undefined, 'number']);
    expect(b.links.log).toContain(`add ${R} owner`);
    expect(a.links.log).toContain(`remove ${R} another connector holds the account`);
    await clock.advanceAsync(5 * TTL_MS);
    expect(b.sut.leases.holds(R)).toBe(true);
  });

  it('tries again when it could not seize the account at once, and not for a stopped one', async () => {
    const a = await connector('a');
    const b = await connector('b');
    store.away = true;
    b.links.emit('claimed', R, '127.0.0.1');
    await clock.advanceAsync(100);
    store.away = false;
    await clock.advanceAsync(500);
    expect(b.sut.leases.holds(R)).toBe(true);
    await change(forward(), reverse({ wanted: 'stopped' }));
    for (const { accounts } of [a, b]) await accounts.look();
    await clock.advanceAsync(0);
    b.links.emit('claimed', R, '127.0.0.1');
    await clock.advanceAsync(6_000);
    expect(b.sut.leases.includes(R)).toBe(false);
  });

  it('follows the operator: stop, start, pause, resume, another address', async () => {
    const { sut, links, log, accounts } = await connector('a');
    const apply = async (...stored: RegisteredAccount[]) => {
      links.log.length = 0;
      log.length = 0;
      await change(...stored);
      await accounts.look();
      await clock.advanceAsync(0);
    };
    await apply(forward({ wanted: 'stopped' }), reverse());
    expect(links.log).toContain(`remove ${A} stopped by the operator`);
    expect(log).toEqual([`rest ${A}`]);
    expect(sut.leases.includes(A)).toBe(false);
    await apply(forward({ wanted: 'paused' }), reverse());
    expect(links.log).toEqual(expect.arrayContaining([`add ${A} owner`, `pause ${A}`]));
    await apply(forward(), reverse());
    expect(links.log).toContain(`resume ${A}`);
    await apply(forward({ url: 'ws://y' }), reverse());
    expect(links.log).toEqual(expect.arrayContaining([`remove ${A} its settings were changed`, `add ${A} owner`]));
    await apply(forward({ url: 'ws://y' }), reverse({ wanted: 'paused' }));
    expect(links.log).toContain(`pause ${R}`);
    await apply(reverse());
    expect(links.log).toEqual(expect.arrayContaining([`unexpect ${A}`, `remove ${A} stopped by the operator`]));
  });

  it('attaches twice where that is wanted: the standby takes over without dialling', async () => {
    registry.stored = [forward({ attach: 'dual' })];
    online.add(A);
    const a = await connector('a');
    const b = await connector('b');
    await clock.advanceAsync(3 * TTL_MS);
    const [owner, standby] = a.sut.leases.holds(A) ? [a, b] : [b, a];
    expect([owner.links.roles.get(A), standby.links.roles.get(A)]).toEqual(['owner', 'standby']);
    const dialled = standby.links.log.filter((line) => line.startsWith('add')).length;
    const stopped = owner.sut.stop();
    await clock.advanceAsync(2_000);
    await stopped;
    expect(standby.links.roles.get(A)).toBe('owner');
    expect(standby.sut.epochOf(A)).toBeDefined();
    expect(standby.links.log.filter((line) => line.startsWith('add')).length).toBe(dialled);
  });

  it('gives up standing by when that is not wanted any more', async () => {
    registry.stored = [forward({ attach: 'dual' })];
    const a = await connector('a');
    const b = await connector('b');
    await clock.advanceAsync(3 * TTL_MS);
    await change(forward());
    for (const { accounts } of [a, b]) await accounts.look();
    await clock.advanceAsync(TTL_MS);
    expect(a.links.roles.size + b.links.roles.size).toBe(1);
  });
});
