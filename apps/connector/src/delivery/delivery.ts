import { EventEmitter } from 'node:events';
import {
  conversationAt,
  DEFAULT_POOL,
  SECOND,
  toError,
  type Chat,
  type PoolName,
  type SelfId,
} from '@rookery/protocol';
import { ActionSource, actionQueueName, readQueueName, takeOver, STALL_CHECK_MS } from '@rookery/queues';
import { WaitingReads } from '@rookery/redis';
import { AccountDelivery } from './account-delivery';
import { AccountSends } from './account-sends';
import type { DeliveryEvents, DeliveryOptions } from './delivery-options';
import { LostClaims } from './lost-claims';
import type { Claims, Gate, Waiting } from './ports';

interface AccountParts {
  readonly sends: AccountSends;
  readonly sending: AccountDelivery;
  readonly source: ActionSource;
  readonly reading: AccountDelivery;
  /** The link is up as far as this stage was told. */
  isUp: boolean;
  /** What a dead predecessor had in hand was put back. */
  tookOver: boolean;
}

/** A lost announcement of work costs at most this long. */
const POLL_MS = 30 * SECOND;
const READS_IN_FLIGHT = 4;
/** Sends to different chats overlap: one that NapCat takes long for does not hold the others. */
const SENDS_IN_FLIGHT = 4;
/**
 * Accounts whose reads are looked through each time although their link is up: a Redis that lost power may have forgotten that some had ended,
 * and then has them in hand of nobody.
 */
const READS_LOOKED_THROUGH = 20;
/** After Redis could not be told that the account begins anew. */
const BEGIN_AGAIN_MS = SECOND;

/** The outgoing side of all accounts that this connector holds. */
export class Delivery extends EventEmitter<DeliveryEvents> {
  readonly #accounts = new Map<SelfId, AccountParts>();
  readonly #lostClaims = new LostClaims();
  readonly #reads: WaitingReads;
  #cancelUpkeep: () => void = () => undefined;
  #cancelPoll: () => void = () => undefined;
  #nextToLookThrough = 0;

  constructor(private readonly options: DeliveryOptions) {
    super();
    this.#reads = new WaitingReads(options.backend.redis);
    options.holds.onChanged((self, chat) => void this.#reconsider(self, chat));
    options.limits.on('changed', () => {
      for (const self of this.#accounts.keys()) void this.#reconsider(self);
    });
    this.#upkeepLater();
    this.#pollLater();
  }

  /**
   * Takes an account over: puts back what a predecessor had in hand, then executes what waits while the link is up. Only for an
   * account whose fence was raised, so that the predecessor cannot act any more.
   */
  async add(self: SelfId): Promise<void> {
    if (this.#accounts.has(self)) return;
    const sends = this.#sends(self);
    const source = this.#source(readQueueName(self));
    const parts: AccountParts = {
      sends,
      source,
      sending: this.#delivery(self, sends, sends, SENDS_IN_FLIGHT, sends),
      reading: this.#delivery(self, oneByOne(source), this.options.claims, READS_IN_FLIGHT, undefined),
      isUp: false,
      tookOver: false,
    };
    this.#accounts.set(self, parts);
    await this.#takeOver(self, parts);
  }

  async remove(self: SelfId): Promise<void> {
    const parts = this.#accounts.get(self);
    if (!parts) return;
    this.#accounts.delete(self);
    parts.isUp = false;
    parts.sends.rest();
    await Promise.all([parts.sending.stop(), parts.reading.stop()]);
    parts.sends.rest();
    await parts.source.close();
    this.emit('left', self);
  }

  linkUp(self: SelfId): void {
    const parts = this.#accounts.get(self);
    if (!parts || parts.isUp) return;
    parts.isUp = true;
    parts.reading.open();
    void this.#begin(self, parts);
  }

  linkDown(self: SelfId): void {
    const parts = this.#accounts.get(self);
    if (!parts) return;
    parts.isUp = false;
    parts.sends.rest();
    parts.sending.close();
    parts.reading.close();
  }

  /** These accounts have new work, those of `reads` something to look up; accounts of other connectors are passed over. */
  wake(accounts: readonly SelfId[], reads = accounts): void {
    for (const self of accounts) {
      const parts = this.#accounts.get(self);
      parts?.sends.arrived();
      parts?.sending.wake();
    }
    for (const self of reads) this.#accounts.get(self)?.reading.wake();
  }

  /** This node may act again for what it holds. */
  wakeAll(): void {
    this.wake([...this.#accounts.keys()]);
  }

  /** Takes nothing more, and resolves when all that is under way has ended. */
  async stop(): Promise<void> {
    this.#cancelPoll();
    await Promise.all([...this.#accounts.keys()].map((self) => this.remove(self)));
    this.#cancelUpkeep();
  }

  #source(queue: string): ActionSource {
    return new ActionSource({
      backend: this.options.backend,
      queue,
      clock: this.options.clock,
      onForeign: (_job, error) => this.emit('trouble', error),
    });
  }

  #sends(self: SelfId): AccountSends {
    const { sends: store, expired, claims, holds, limits, accountOf, clock, random } = this.options;
    const pool = (): PoolName => accountOf(self)?.pool ?? DEFAULT_POOL;
    return new AccountSends({
      self,
      store,
      expired,
      claims,
      limits: {
        timeZone: limits.timeZone,
        since: () => midnightOf(accountOf(self)?.since),
        inForce: () => limits.of(self, pool()),
        inChat: (chat) => limits.in(conversationAt(chat, self, pool()), self, pool()),
      },
      holds,
      clock,
      random,
      onReady: () => this.#accounts.get(self)?.sending.wake(),
      onEnded: (action, result) => this.emit('ended', action, result),
      onHeld: (action, why, ms) => this.emit('held', action, why, ms),
      onWaited: (action, layer, ms) => this.emit('waited', action, layer, ms),
      onForeign: (error) => this.emit('trouble', error),
      onTrouble: (error) => this.emit('trouble', error),
    });
  }

  #delivery(self: SelfId, waiting: Waiting, claims: Claims, inFlight: number, pace: Gate | undefined): AccountDelivery {
    const { caller, clock, random } = this.options;
    return new AccountDelivery({
      self,
      waiting,
      claims: this.#lostClaims.guard(claims),
      caller,
      epoch: () => this.options.epochOf(self),
      pace,
      clock,
      random,
      inFlight,
      onEnded: (action, result) => this.emit('ended', action, result),
      onStale: (action) => this.emit('stale', action),
      onLate: (action, result) => this.emit('late', action, result),
      onRetried: (action, end, next) => this.emit('retried', action, end, next),
      onProgress: (progress) => this.emit('mediaProgress', progress),
      onTrouble: (error) => this.emit('trouble', error),
    });
  }

  #pollLater(): void {
    this.#cancelPoll = this.options.clock.after(POLL_MS, () => {
      this.wakeAll();
      this.#pollLater();
    });
  }

  #upkeepLater(): void {
    this.#cancelUpkeep = this.options.clock.after(STALL_CHECK_MS, () => {
      void this.#upkeep().finally(() => this.#upkeepLater());
    });
  }

  /**
   * The account begins anew: it stays shut for a moment before it sends. Not before its NapCat reads: what lay unread in a socket of
   * it, of whichever connector, is read then, and counts from then on.
   */
  async #begin(self: SelfId, parts: AccountParts): Promise<void> {
    try {
      await this.options.caller.caughtUp(self);
      await parts.sends.begin();
      if (parts.isUp && this.#accounts.get(self) === parts) parts.sending.open();
    } catch (thrown) {
      this.emit('trouble', toError(thrown));
      this.options.clock.after(BEGIN_AGAIN_MS, () => {
        if (parts.isUp && this.#accounts.get(self) === parts) void this.#begin(self, parts);
      });
    }
  }

  async #reconsider(self: SelfId, chat?: Chat): Promise<void> {
    try {
      await this.#accounts.get(self)?.sends.reconsider(chat);
    } catch (thrown) {
      this.emit('trouble', toError(thrown));
    }
    this.wake([self]);
  }

  /** Keeps what is in hand ours, and ends what has expired where nothing may be sent. */
  async #upkeep(): Promise<void> {
    const first = this.#nextToLookThrough;
    this.#nextToLookThrough = first + READS_LOOKED_THROUGH >= this.#accounts.size ? 0 : first + READS_LOOKED_THROUGH;
    let place = -1;
    for (const [self, parts] of this.#accounts) {
      place += 1;
      const isTurn = place >= first && place < first + READS_LOOKED_THROUGH;
      try {
        await parts.source.renew();
        if (this.options.epochOf(self) === undefined) continue;
        if (!parts.tookOver) {
          await this.#takeOver(self, parts);
          this.wake([self]);
        }
        if (!parts.isUp || parts.sends.waitMs() > 0) await this.#expireSends(parts);
        if (!parts.isUp || isTurn) await this.#expireReads(self, parts);
      } catch (error) {
        this.emit('trouble', toError(error));
      }
    }
  }

  async #expireSends({ sends, sending }: AccountParts): Promise<void> {
    for (let taken = await sends.takeExpired(); taken; taken = await sends.takeExpired()) await sending.expire(taken);
  }

  async #expireReads(self: SelfId, { reading }: AccountParts): Promise<void> {
    for (const { job, action } of await this.#reads.expired(self)) {
      const done = () => this.#reads.end(self, job).then(() => undefined, toError);
      const putBack = () => Promise.resolve(undefined);
      await reading.expire({ action, tries: 0, done, putBack });
    }
  }

  async #takeOver(self: SelfId, parts: AccountParts): Promise<void> {
    try {
      await parts.source.takeOver();
      // What a connector of an earlier version had in hand.
      await takeOver(this.options.backend.redis, actionQueueName(self));
      parts.tookOver = true;
    } catch (error) {
      this.emit('trouble', toError(error));
    }
  }
}

const oneByOne = (source: ActionSource): Waiting => ({
  take: async () => {
    const taken = await source.take();
    return taken === undefined ? [] : [taken];
  },
});

const midnightOf = (date: string | undefined): number | undefined =>
  date === undefined ? undefined : Date.parse(date);
