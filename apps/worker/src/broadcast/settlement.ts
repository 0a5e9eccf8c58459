import { EventEmitter } from 'node:events';
import { pause, SECOND, toError, type ActionResult, type Clock, type Outcome, type SelfId } from '@rookery/protocol';
import { BroadcastTaken, type BroadcastHand, type BroadcastRecord, type BroadcastWork } from '@rookery/redis';
import type { Hands } from './hands';
import type { Listing } from './listing';
import type { PoolAccounts } from './pool-accounts';
import { failureOf, verdictOn } from './verdict';

export interface SettlementEvents {
  /** A target has its outcome. */
  reached: [outcome: Outcome];
  /** A target waits again, for another account or another time; nothing was sent. */
  givenBack: [reason: 'elsewhere' | 'again' | 'withdrawn'];
  /** What came of a hand is stored, and the hand is free. */
  settled: [];
  /** Another worker carries the broadcast out now: nothing is stored any more. */
  taken: [];
  trouble: [error: Error];
}

export interface SettlementOptions {
  readonly work: Pick<BroadcastWork, 'giveBack' | 'end'>;
  readonly accounts: Pick<PoolAccounts, 'of'>;
  readonly listing: Pick<Listing, 'has'>;
  readonly hands: Hands;
  readonly clock: Clock;
  /** Aborts when the run has ended: what is known then is found again by a successor. */
  readonly signal: AbortSignal;
}

/** An account to which something happened that passes is left alone for a while. */
const REST_MS = 5 * SECOND;
/** Hands of one target; beyond, whatever is in the way does not pass. */
const ATTEMPTS_MAX = 100;
const STORE_AGAIN_MS = 1 * SECOND;
/** So long a refused target waits for accounts that have not said yet whom they reach; one that gave no answer is asked again in 5 s. */
const LISTING_MS = 10 * SECOND;
const LISTING_LOOK_MS = 100;

/** What becomes of the targets in hand when their actions have ended: an outcome that stays, or another hand. */
export class Settlement extends EventEmitter<SettlementEvents> {
  readonly #restingUntil = new Map<SelfId, number>();

  constructor(private readonly options: SettlementOptions) {
    super();
  }

  /** Resolves when it is stored what came of the hand, or the run has ended. `result` must not reject. */
  async of(pool: BroadcastRecord['pool'], hand: BroadcastHand, result: Promise<ActionResult>): Promise<void> {
    const known = await result;
    if (verdictOn(known) === 'elsewhere') await this.#untilListed(pool);
    await this.#settle(hand, known);
  }

  isResting(self: SelfId): boolean {
    return (this.#restingUntil.get(self) ?? Number.NEGATIVE_INFINITY) > this.options.clock.monotonic();
  }

  /** A refusal that comes before the other accounts have said whom they reach would look like that of the last one. */
  async #untilListed(pool: BroadcastRecord['pool']): Promise<void> {
    const { accounts, clock, listing, signal } = this.options;
    const isListed = () => accounts.of(pool).every(({ self, online }) => listing.has(self) || !online);
    for (let waitedMs = 0; waitedMs < LISTING_MS && !isListed() && !signal.aborted; waitedMs += LISTING_LOOK_MS) {
      await pause(clock, LISTING_LOOK_MS);
    }
  }

  /** Until it is stored: what is known of a target must not be lost because Redis is away for a while. */
  async #settle(hand: BroadcastHand, result: ActionResult): Promise<void> {
    const { clock, hands, signal } = this.options;
    while (!signal.aborted) {
      try {
        await this.#store(hand, result);
        break;
      } catch (thrown) {
        if (thrown instanceof BroadcastTaken) {
          this.emit('taken');
          return;
        }
        this.emit('trouble', toError(thrown));
        await pause(clock, STORE_AGAIN_MS);
      }
    }
    hands.delete(hand);
    this.emit('settled');
  }

  async #store(hand: BroadcastHand, result: ActionResult): Promise<void> {
    const { work, clock, hands } = this.options;
    const verdict = hand.attempt >= ATTEMPTS_MAX ? 'ended' : verdictOn(result);
    if (verdict !== 'ended') {
      const stuck = hands.get(hand.target)?.stuck === true;
      const withdrawn = result.error?.code === 'ACTION_WITHDRAWN';
      if (verdict === 'again' && !withdrawn) this.#restingUntil.set(hand.self, clock.monotonic() + REST_MS);
      const unable = verdict === 'elsewhere' || stuck;
      // The only one that is slow is better than none.
      if ((await work.giveBack(hand, unable)) || (stuck && verdict === 'again' && (await work.giveBack(hand, false)))) {
        this.emit('givenBack', withdrawn ? 'withdrawn' : verdict);
        return;
      }
    }
    await work.end(hand, result.outcome, failureOf(hand, result.outcome, result));
    this.emit('reached', result.outcome);
  }
}
