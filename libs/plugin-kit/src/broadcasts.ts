import { hash } from 'node:crypto';
import {
  broadcastId,
  checkBroadcast,
  RookeryError,
  type BroadcastDetails,
  type BroadcastId,
  type BroadcastInput,
  type BroadcastOrder,
  type BroadcastStatus,
  type BroadcastWish,
} from '@rookery/protocol';
import type { Handling } from './handling/handling';

/** The grant that lets somebody begin and change broadcasts through plugins. Superusers have it. */
export const BROADCAST_GRANT = 'broadcast';
const LIST_MAX = 20;
const FAILURES_MAX = 50;

/** One message for many targets, wherever it was begun. Everything rejects with BROADCAST_UNKNOWN when there is none with that id. */
export class Broadcast {
  readonly #order: Ordering;

  constructor(
    readonly id: BroadcastId,
    order: Ordering,
  ) {
    this.#order = order;
  }

  /** How far it is, with up to `failures` (at most 50) targets that were not reached, newest first. */
  status(failures = 10): Promise<BroadcastDetails> {
    return this.#order({ do: 'find', id: this.id, failures: Math.min(failures, FAILURES_MAX) });
  }

  /** Nothing is sent until it is resumed; its time goes on. Rejects with BROADCAST_ENDED, as the next two. */
  pause(): Promise<BroadcastStatus> {
    return this.#want('paused');
  }

  resume(): Promise<BroadcastStatus> {
    return this.#want('running');
  }

  /** What has been begun ends as it ends; the rest is given up as `not_sent`. */
  cancel(): Promise<BroadcastStatus> {
    return this.#want('cancelled');
  }

  #want(wish: BroadcastWish): Promise<BroadcastStatus> {
    return this.#order({ do: 'want', id: this.id, wish });
  }
}

/** The broadcasts of the cluster, also those that the console or other plugins have begun. */
export class Broadcasts {
  readonly #handling: Handling;
  #begun = 0;

  constructor(handling: Handling) {
    this.#handling = handling;
  }

  /** Its id follows from event, plugin, handler and order: a repeated handler begins the same one and not a second. */
  async start(input: BroadcastInput): Promise<Broadcast> {
    const { id: handling, services } = this.#handling;
    const request = checkBroadcast(input, services.media);
    this.#begun += 1;
    const id = broadcastId(hash('sha256', `${handling}.${this.#begun}`, 'hex').slice(0, 16));
    await this.#order({ do: 'start', id, request });
    return this.#broadcast(id);
  }

  /** Rejects with BROADCAST_UNKNOWN when a text can be no id of a broadcast. */
  async find(id: string): Promise<Broadcast> {
    try {
      return this.#broadcast(broadcastId(id));
    } catch {
      throw new RookeryError('BROADCAST_UNKNOWN', `"${id.slice(0, 64)}" is no id of a broadcast`);
    }
  }

  /** Newest first, at most 20. */
  list(limit = 5): Promise<readonly BroadcastStatus[]> {
    return this.#orderAll({ do: 'list', limit: Math.min(limit, LIST_MAX) });
  }

  #broadcast(id: BroadcastId): Broadcast {
    return new Broadcast(id, (order) => this.#order(order));
  }

  async #order(order: BroadcastOrder): Promise<BroadcastDetails> {
    const [found] = await this.#orderAll(order);
    if (found) return found;
    throw new RookeryError('BROADCAST_UNKNOWN', 'the broadcast is not there any more');
  }

  #orderAll(order: BroadcastOrder): Promise<readonly BroadcastDetails[]> {
    return this.#handling.step(`broadcast ${order.do}`, () => this.#handling.services.backing.broadcast(order));
  }
}

type Ordering = (order: BroadcastOrder) => Promise<BroadcastDetails>;
