import {
  assertNever,
  RookeryError,
  type BroadcastCounts,
  type BroadcastDetails,
  type BroadcastFailure,
  type BroadcastId,
  type BroadcastOrder,
  type BroadcastWish,
  type Clock,
} from '@rookery/protocol';

/** What a test says of a broadcast: how many of its targets have which outcome, and those that were not reached. */
export interface BroadcastProgress extends Partial<Omit<BroadcastCounts, 'waiting'>> {
  readonly failures?: readonly BroadcastFailure[];
}

const NONE: BroadcastCounts = { total: 0, waiting: 0, inHand: 0, sent: 0, refused: 0, not_sent: 0, unknown: 0 };

/** The broadcasts of a cluster in memory. Nobody carries them out: a test says how far they are. */
export class MemoryBroadcasts {
  readonly #all = new Map<BroadcastId, BroadcastDetails>();

  constructor(private readonly clock: Clock) {}

  /** Newest first. */
  get all(): readonly BroadcastDetails[] {
    return [...this.#all.values()].reverse();
  }

  /** As a worker does it for plugin `by`. */
  async carryOut(order: BroadcastOrder, by: string): Promise<readonly BroadcastDetails[]> {
    switch (order.do) {
      case 'start':
        if (!this.#all.has(order.id)) this.#all.set(order.id, this.#begun(order, by));
        return [this.find(order.id)];
      case 'find':
        return [{ ...this.find(order.id), failures: this.find(order.id).failures.slice(0, order.failures) }];
      case 'list':
        return this.all.slice(0, order.limit).map((found) => ({ ...found, failures: [] }));
      case 'want':
        return [this.#want(order.id, order.wish)];
      default:
        return assertNever(order);
    }
  }

  /** Throws BROADCAST_UNKNOWN. */
  find(id: BroadcastId): BroadcastDetails {
    const found = this.#all.get(id);
    if (found) return found;
    throw new RookeryError('BROADCAST_UNKNOWN', `there is no broadcast ${id}`);
  }

  /** Says how far it is. When nothing waits and nothing is in hand any more, it has ended. */
  progress(id: BroadcastId, { failures, ...counted }: BroadcastProgress): void {
    const before = this.find(id);
    const counts = { ...before.counts, ...counted };
    const { total, inHand, sent, refused, not_sent: notSent, unknown } = counts;
    const waiting = Math.max(0, total - inHand - sent - refused - notSent - unknown);
    const isDone = waiting + inHand === 0;
    this.#all.set(id, {
      ...before,
      ...(failures && { failures }),
      ...(isDone && { state: 'done', endedAt: this.clock.now() }),
      counts: { ...counts, waiting },
    });
  }

  #begun(order: Extract<BroadcastOrder, { do: 'start' }>, createdBy: string): BroadcastDetails {
    const { id, request } = order;
    const { audience, lifeMs, ...rest } = request;
    const total = audience.kind === 'list' ? audience.groups.length + audience.users.length : 0;
    const createdAt = this.clock.now();
    return {
      id,
      ...rest,
      audience: audience.kind,
      createdBy,
      createdAt,
      expiresAt: createdAt + lifeMs,
      state: 'running',
      counts: { ...NONE, total, waiting: total },
      failures: [],
    };
  }

  /** Nothing is ever in hand of its own accord, so one that is cancelled has ended at once. */
  #want(id: BroadcastId, wish: BroadcastWish): BroadcastDetails {
    const before = this.find(id);
    if (before.endedAt !== undefined) throw new RookeryError('BROADCAST_ENDED', `broadcast ${id} has ended`);
    const { counts } = before;
    const cancelled = {
      state: 'cancelled' as const,
      endedAt: this.clock.now(),
      counts: { ...counts, waiting: 0, not_sent: counts.not_sent + counts.waiting },
    };
    const after = { ...before, ...(wish === 'cancelled' ? cancelled : { state: wish }) };
    this.#all.set(id, after);
    return after;
  }
}
