import { EventEmitter } from 'node:events';
import { Pace, type PACE_PROFILES } from '@rookery/pacing';
import {
  SECOND,
  toError,
  type Action,
  type ActionResult,
  type Clock,
  type Random,
  type SelfId,
} from '@rookery/protocol';
import { ActionSource, actionQueueName, readQueueName, STALL_CHECK_MS, type SharedQueueBackend } from '@rookery/queues';
import { AccountDelivery, type Claims } from './account-delivery';
import type { Holds } from './holds';
import type { Caller, MediaProgress } from './media';

export interface DeliveryEvents {
  /** An action ended; `replyTo` of the action waits for it. */
  ended: [action: Action, result: ActionResult];
  /** A newer holder of the account is known; the action was left to it. */
  stale: [action: Action];
  /** The outcome of an action was unknown, and a reply after its time limit has decided it. */
  late: [action: Action, result: ActionResult];
  /** A file of an action is on its way. */
  mediaProgress: [progress: MediaProgress];
  /** The account was given up, and nothing of it is under way any more. */
  left: [self: SelfId];
  /** Redis or a queue had a problem; delivery goes on by itself. */
  trouble: [error: Error];
}

export interface DeliveryOptions {
  readonly backend: SharedQueueBackend;
  readonly claims: Claims;
  readonly caller: Caller;
  /** Under which this node may act for an account now; undefined while it may not. */
  readonly epochOf: (self: SelfId) => number | undefined;
  readonly profile: (typeof PACE_PROFILES)[keyof typeof PACE_PROFILES];
  readonly clock: Clock;
  readonly random: Random;
  /** What keeps actions back besides limits. */
  readonly holds: Holds;
}

interface AccountParts {
  readonly sources: readonly ActionSource[];
  readonly deliveries: readonly AccountDelivery[];
  /** What a dead predecessor had in hand was put back. */
  tookOver: boolean;
}

/** A lost announcement of work costs at most this long. */
const POLL_MS = 30 * SECOND;
const READS_IN_FLIGHT = 4;

/** The outgoing side of all accounts that this connector holds. */
export class Delivery extends EventEmitter<DeliveryEvents> {
  readonly #accounts = new Map<SelfId, AccountParts>();
  #cancelUpkeep: () => void = () => undefined;
  #cancelPoll: () => void = () => undefined;

  constructor(private readonly options: DeliveryOptions) {
    super();
    options.holds.onChanged((self) => this.wake([self]));
    this.#upkeepLater();
    this.#pollLater();
  }

  /**
   * Takes an account over: puts back what a predecessor had in hand, then executes what waits while the link is up. Only for an
   * account whose fence was raised, so that the predecessor cannot act any more.
   */
  async add(self: SelfId): Promise<void> {
    if (this.#accounts.has(self)) return;
    const { clock, random, profile } = this.options;
    const sends = this.#source(actionQueueName(self));
    const reads = this.#source(readQueueName(self));
    const parts: AccountParts = {
      sources: [sends, reads],
      deliveries: [
        this.#delivery(self, sends, 1, new Pace(profile, clock, random)),
        this.#delivery(self, reads, READS_IN_FLIGHT, undefined),
      ],
      tookOver: false,
    };
    this.#accounts.set(self, parts);
    await this.#takeOver(parts);
  }

  async remove(self: SelfId): Promise<void> {
    const parts = this.#accounts.get(self);
    if (!parts) return;
    this.#accounts.delete(self);
    await Promise.all(parts.deliveries.map((delivery) => delivery.stop()));
    await Promise.all(parts.sources.map((source) => source.close()));
    this.emit('left', self);
  }

  linkUp(self: SelfId): void {
    for (const delivery of this.#accounts.get(self)?.deliveries ?? []) delivery.open();
  }

  linkDown(self: SelfId): void {
    for (const delivery of this.#accounts.get(self)?.deliveries ?? []) delivery.close();
  }

  /** These accounts have new work; accounts of other connectors are passed over. */
  wake(accounts: readonly SelfId[]): void {
    for (const self of accounts) {
      for (const delivery of this.#accounts.get(self)?.deliveries ?? []) delivery.wake();
    }
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
      pause: (ms) => new Promise((resolve) => this.options.clock.after(ms, resolve)),
      onForeign: (_job, error) => this.emit('trouble', error),
    });
  }

  #delivery(self: SelfId, waiting: ActionSource, inFlight: number, pace: Pace | undefined): AccountDelivery {
    const { claims, caller, clock } = this.options;
    return new AccountDelivery({
      self,
      waiting,
      claims,
      caller,
      epoch: () => this.options.epochOf(self),
      pace,
      clock,
      inFlight,
      onEnded: (action, result) => this.emit('ended', action, result),
      onStale: (action) => this.emit('stale', action),
      onLate: (action, result) => this.emit('late', action, result),
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

  /** Keeps what is in hand ours. */
  async #upkeep(): Promise<void> {
    for (const [self, parts] of this.#accounts) {
      try {
        await Promise.all(parts.sources.map((source) => source.renew()));
      } catch (error) {
        this.emit('trouble', toError(error));
      }
      if (parts.tookOver || this.options.epochOf(self) === undefined) continue;
      await this.#takeOver(parts);
      this.wake([self]);
    }
  }

  async #takeOver(parts: AccountParts): Promise<void> {
    try {
      await Promise.all(parts.sources.map((source) => source.takeOver()));
      parts.tookOver = true;
    } catch (error) {
      this.emit('trouble', toError(error));
    }
  }
}
