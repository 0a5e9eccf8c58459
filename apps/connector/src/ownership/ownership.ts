import { isDeepStrictEqual } from 'node:util';
import { LeaseHolder, type Lease, type LeaseStore, type LossReason, type NodeRecord } from '@rookery/cluster';
import { toError, type Clock, type SelfId } from '@rookery/protocol';
import type { RegisteredAccount } from '@rookery/redis';
import type { Delivery } from '../delivery/delivery';
import type { Links } from '../link/links';
import type { Accounts } from './accounts';
import { Overlap } from './overlap';

/** Shuts out earlier holders of an account. */
export interface Fence {
  raiseFence(self: SelfId, epoch: number): Promise<boolean>;
}

export interface OwnershipOptions {
  readonly self: Omit<NodeRecord, 'draining'>;
  readonly store: LeaseStore;
  readonly fence: Fence;
  readonly accounts: Accounts;
  readonly links: Pick<
    Links,
    'add' | 'remove' | 'status' | 'role' | 'promote' | 'demote' | 'pause' | 'resume' | 'expect' | 'unexpect'
  > & { on(event: 'claimed', listener: (self: SelfId) => void): unknown };
  readonly delivery: Pick<Delivery, 'add' | 'remove' | 'linkUp' | 'wake' | 'wakeAll'>;
  readonly clock: Clock;
  /** Which of the accounts another connector has online. */
  readonly onlineElsewhere: (accounts: readonly SelfId[]) => Promise<readonly SelfId[]>;
  /** Tells the other connectors that leases changed. */
  readonly announce: () => void;
  readonly onTrouble: (error: Error) => void;
}

const RETRY_MS = 500;
/** A reverse connection waits some seconds for its account; so often we try to get it. */
const SEIZE_TRIES = 10;
/**
 * Which accounts this connector holds, and what follows from it.
 *
 * gained     link (or the standby's link becomes the owner's), fence raised, then delivery
 * renumbered the fence is raised again, and until then nothing is taken or sent: a holder that Redis forgot may have raised it
 * suspended  nothing is taken or sent, since delivery asks `epochOf` before each step; links stay
 * lost       nothing is sent from this moment; the link listens on until the next owner has said that it is online, and goes
 *
 * Accounts that are attached twice have a link before the lease comes, and keep it afterwards while this node is to stand by.
 *
 * A NapCat that dials in here for an account that another connector holds wins: the lease is seized.
 */
export class Ownership {
  readonly leases: LeaseHolder;
  /** Epochs whose fence is raised. */
  readonly #fenced = new Map<SelfId, number>();
  /** Actions under way of accounts that are given up. */
  readonly #resting = new Map<SelfId, Promise<void>>();
  readonly #linked = new Map<SelfId, RegisteredAccount>();
  readonly #overlap: Overlap;
  #standbys: ReadonlySet<string> = new Set();

  constructor(private readonly options: OwnershipOptions) {
    const { self, store, clock, accounts, links, announce, delivery } = options;
    this.leases = new LeaseHolder({
      self,
      store,
      clock,
      announce,
      wanted: () => accounts.wanted,
      settled: async ({ key }) => this.#resting.get(key as SelfId),
      stays: (key) => this.#isDialledIn(key as SelfId),
    });
    this.#overlap = new Overlap({
      clock,
      onlineElsewhere: options.onlineElsewhere,
      onOver: (account) => this.#disconnect(account, 'another connector holds the account'),
      onTrouble: options.onTrouble,
    });
    this.leases.on('gained', (lease) => this.#onGained(lease));
    this.leases.on('renumbered', (lease) => void this.#begin(lease.key as SelfId, lease));
    this.leases.on('lost', (lease, reason) => this.#onLost(lease, reason));
    this.leases.on('resumed', () => delivery.wakeAll());
    this.leases.on('standbys', (keys) => {
      this.#standbys = keys;
      this.#attachStandbys();
    });
    accounts.on('changed', () => this.#onAccountsChanged());
    links.on('claimed', (account) => void this.#seize(account, SEIZE_TRIES));
  }

  /** Under which this node may act for the account now. */
  epochOf(self: SelfId): number | undefined {
    const epoch = this.leases.epochOf(self);
    return this.#fenced.get(self) === epoch ? epoch : undefined;
  }

  /** Resolves when this node has taken its accounts, or knows that Redis does not answer (it then goes on trying). */
  async start(): Promise<void> {
    this.#expectReverse();
    await this.leases.start();
  }

  /** Hands everything over; resolves when the next owners are online, or have had their time for it. */
  async stop(): Promise<void> {
    this.options.accounts.stop();
    await this.leases.drain();
    if (this.leases.peers.length > 0) await this.#overlap.empty();
    this.#overlap.close();
    await Promise.all([...this.#resting.values()]);
  }

  #onGained(lease: Lease): void {
    const self = lease.key as SelfId;
    const account = this.options.accounts.all.get(self);
    // Removed while we asked for it: the next round gives it back.
    if (account === undefined) return;
    this.#overlap.forget(self);
    this.#connect(account);
    void this.#begin(self, lease);
  }

  #connect(account: RegisteredAccount): void {
    const { links } = this.options;
    const { selfId: self } = account;
    if (links.status(self) === undefined) {
      links.add(account);
      this.#linked.set(self, account);
    } else {
      links.promote(self);
    }
    if (account.wanted === 'paused') links.pause(self, 'paused by the operator');
  }

  /** Nothing may be done before earlier holders are shut out. */
  async #begin(self: SelfId, lease: Lease): Promise<void> {
    const { fence, delivery, links, clock, onTrouble } = this.options;
    let raised = false;
    try {
      raised = await fence.raiseFence(self, lease.epoch);
    } catch (thrown) {
      onTrouble(toError(thrown));
      clock.after(RETRY_MS, () => {
        if (this.leases.has(lease)) void this.#begin(self, lease);
      });
      return;
    }
    if (!raised || !this.leases.has(lease)) return;
    const isAgain = this.#fenced.has(self);
    this.#fenced.set(self, lease.epoch);
    await delivery.add(self);
    const state = links.status(self)?.state;
    if (state === 'online' || state === 'deaf') delivery.linkUp(self);
    if (isAgain) delivery.wake([self]);
  }

  #onLost({ key }: Lease, reason: LossReason): void {
    const { links, delivery } = this.options;
    const self = key as SelfId;
    this.#fenced.delete(self);
    const resting = delivery.remove(self).finally(() => {
      if (this.#resting.get(self) === resting) this.#resting.delete(self);
    });
    this.#resting.set(self, resting);
    if (reason === 'removed') {
      void resting.then(() => this.#disconnect(self, 'stopped by the operator'));
      return;
    }
    // From here its states are the next owner's to tell.
    links.demote(self);
    const isForward = this.options.accounts.all.get(self)?.mode === 'forward';
    const idle = reason === 'taken' ? Promise.resolve() : resting;
    void idle.then(() => {
      if (this.leases.includes(key)) return;
      if (isForward) this.#overlap.begin(self);
      else this.#disconnect(self, 'another connector holds the account');
    });
  }

  #disconnect(self: SelfId, reason: string): void {
    if (this.leases.includes(self) || this.#standbys.has(self)) return;
    this.#linked.delete(self);
    void this.options.links.remove(self, reason);
  }

  async #seize(self: SelfId, tries: number): Promise<void> {
    const { accounts, clock } = this.options;
    if (tries === 0 || !accounts.wanted.keys.includes(self) || (await this.leases.seize(self))) return;
    clock.after(RETRY_MS, () => void this.#seize(self, tries - 1));
  }

  #isDialledIn(self: SelfId): boolean {
    const { links, accounts } = this.options;
    const state = links.status(self)?.state;
    const isUp = state !== undefined && state !== 'connecting' && state !== 'failed' && state !== 'stopped';
    return isUp && accounts.all.get(self)?.mode === 'reverse';
  }

  #expectReverse(): void {
    const { accounts, links } = this.options;
    for (const account of accounts.all.values()) {
      if (account.mode === 'reverse' && account.wanted !== 'stopped') links.expect(account);
      else links.unexpect(account.selfId);
    }
  }

  #onAccountsChanged(): void {
    const { accounts, links } = this.options;
    this.#expectReverse();
    for (const [self, before] of this.#linked) {
      const now = accounts.all.get(self);
      if (now === undefined) links.unexpect(self);
      if (now === undefined || now.wanted === 'stopped') continue; // the next round gives it up
      this.#linked.set(self, now);
      if (!isDeepStrictEqual(connectionOf(before), connectionOf(now))) {
        const role = links.role(self) ?? 'owner';
        void links.remove(self, 'its settings were changed').then(() => {
          if (links.status(self) === undefined && (this.leases.includes(self) || role === 'standby'))
            links.add(now, { role });
        });
      } else if (now.wanted !== before.wanted) {
        if (now.wanted === 'paused') links.pause(self, 'paused by the operator');
        else links.resume(self);
      }
    }
    this.leases.poke();
  }

  #attachStandbys(): void {
    const { accounts, links } = this.options;
    for (const key of this.#standbys) {
      const account = accounts.all.get(key as SelfId);
      if (account === undefined || links.status(account.selfId) !== undefined) continue;
      links.add(account, { role: 'standby' });
      this.#linked.set(account.selfId, account);
    }
    for (const self of this.#linked.keys()) {
      if (links.role(self) === 'standby' && !this.#overlap.has(self) && !this.#resting.has(self)) {
        this.#disconnect(self, 'another connector stands by for the account');
      }
    }
  }
}

/** What of an account needs a new connection when it changes. */
function connectionOf(account: RegisteredAccount): object {
  const { mode, pool } = account;
  return { mode, pool, url: mode === 'forward' ? account.url : '', token: account.token?.reveal() };
}
