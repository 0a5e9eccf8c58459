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
import { AccountDelivery, type Caller, type Claims } from './account-delivery';

export interface DeliveryEvents {
  /** An action ended; `replyTo` of the action waits for it. */
  ended: [action: Action, result: ActionResult];
  /** Redis or a queue had a problem; delivery goes on by itself. */
  trouble: [error: Error];
}

export interface DeliveryOptions {
  readonly backend: SharedQueueBackend;
  readonly claims: Claims;
  readonly caller: Caller;
  readonly profile: (typeof PACE_PROFILES)[keyof typeof PACE_PROFILES];
  readonly clock: Clock;
  readonly random: Random;
}

interface AccountParts {
  readonly sources: readonly ActionSource[];
  readonly deliveries: readonly AccountDelivery[];
  recoveriesLeft: number;
}

/** A lost announcement of work costs at most this long. */
const POLL_MS = 30 * SECOND;
const READS_IN_FLIGHT = 4;
/** Marking, and then moving once the dead holder's lock has run out (10 s), with one in reserve. */
const RECOVERIES = 4;

/** The outgoing side of all accounts that this connector holds. */
export class Delivery extends EventEmitter<DeliveryEvents> {
  readonly #accounts = new Map<SelfId, AccountParts>();
  #cancelUpkeep: () => void = () => undefined;
  #cancelPoll: () => void = () => undefined;

  constructor(private readonly options: DeliveryOptions) {
    super();
    this.#upkeepLater();
    this.#pollLater();
  }

  add(self: SelfId): void {
    if (this.#accounts.has(self)) return;
    const { clock, random, profile } = this.options;
    const sends = this.#source(actionQueueName(self));
    const reads = this.#source(readQueueName(self));
    this.#accounts.set(self, {
      sources: [sends, reads],
      deliveries: [
        this.#delivery(self, sends, 1, new Pace(profile, clock, random)),
        this.#delivery(self, reads, READS_IN_FLIGHT, undefined),
      ],
      recoveriesLeft: RECOVERIES,
    });
  }

  async remove(self: SelfId): Promise<void> {
    const parts = this.#accounts.get(self);
    if (!parts) return;
    this.#accounts.delete(self);
    await Promise.all(parts.deliveries.map((delivery) => delivery.stop()));
    await Promise.all(parts.sources.map((source) => source.close()));
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
      pace,
      clock,
      inFlight,
      onEnded: (action, result) => this.emit('ended', action, result),
      onTrouble: (error) => this.emit('trouble', error),
    });
  }

  #pollLater(): void {
    this.#cancelPoll = this.options.clock.after(POLL_MS, () => {
      this.wake([...this.#accounts.keys()]);
      this.#pollLater();
    });
  }

  #upkeepLater(): void {
    this.#cancelUpkeep = this.options.clock.after(STALL_CHECK_MS, () => {
      void this.#upkeep().finally(() => this.#upkeepLater());
    });
  }

  /** Keeps what is in hand ours, and brings back what a dead predecessor had in hand. */
  async #upkeep(): Promise<void> {
    for (const [self, parts] of this.#accounts) {
      try {
        await Promise.all(parts.sources.map((source) => source.renew()));
        if (parts.recoveriesLeft === 0) continue;
        const recovered = await Promise.all(parts.sources.map((source) => source.recover()));
        parts.recoveriesLeft -= 1;
        if (recovered.some((count) => count > 0)) this.wake([self]);
      } catch (error) {
        this.emit('trouble', toError(error));
      }
    }
  }
}
