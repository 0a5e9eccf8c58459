import type { BroadcastTarget, SelfId } from '@rookery/protocol';
import type { BroadcastHand } from '@rookery/redis';

export interface InHand {
  readonly hand: BroadcastHand;
  /** It is being called back because it took too long: then its account counts as one that cannot reach the target. */
  stuck: boolean;
  /** Monotonic; when it was last tried to call it back. */
  calledBackAt: number;
}

/** The targets that this worker has in hand, with how many of them each account has. */
export class Hands {
  readonly #entries = new Map<BroadcastTarget, InHand>();
  readonly #counts = new Map<SelfId, number>();

  get size(): number {
    return this.#entries.size;
  }

  get all(): readonly InHand[] {
    return [...this.#entries.values()];
  }

  of(self: SelfId): number {
    return this.#counts.get(self) ?? 0;
  }

  get(target: BroadcastTarget): InHand | undefined {
    return this.#entries.get(target);
  }

  add(hand: BroadcastHand): void {
    this.#entries.set(hand.target, { hand, stuck: false, calledBackAt: Number.NEGATIVE_INFINITY });
    this.#counts.set(hand.self, this.of(hand.self) + 1);
  }

  /** The target may be in another hand by now; that one stays. */
  delete(hand: BroadcastHand): void {
    if (this.#entries.get(hand.target)?.hand === hand) this.#entries.delete(hand.target);
    const left = this.of(hand.self) - 1;
    if (left > 0) this.#counts.set(hand.self, left);
    else this.#counts.delete(hand.self);
  }
}
