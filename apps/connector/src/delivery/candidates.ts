import { SECOND, type ActionKind } from '@rookery/protocol';
import type { Candidate, SendLane } from '@rookery/redis';
import type { AccountSendsOptions } from './account-sends-options';
import { Ahead } from './ahead';
import { Expiry } from './expiry';
import type { RedisTime } from './redis-time';

/** Nothing waits longer than that for being looked at again; a lost notice costs no more. */
export const LOOK_MS = 30 * SECOND;
/** Candidates that one look may find where nothing keeps the next send of the account back. */
const FOUND_PER_LOOK = 4;

/** Finds what one account might send next. Whether it may is decided elsewhere; a candidate stays in Redis at its place until then. */
export class Candidates {
  /** Until when, by the monotonic clock. */
  readonly #shutKinds = new Map<ActionKind, number>();
  readonly #ahead = new Ahead();
  readonly #expiry: Expiry;
  #nextLookAt = 0;
  #cancel: () => void = () => undefined;

  constructor(
    private readonly options: Pick<
      AccountSendsOptions,
      'self' | 'store' | 'expired' | 'clock' | 'limits' | 'onEnded' | 'onReady'
    >,
    private readonly time: RedisTime,
    private readonly inHand: () => readonly Candidate[],
  ) {
    this.#expiry = new Expiry(options);
  }

  /** By lane, then by age; nothing of a room that is in hand. Ends what it finds expired. Without lanes only that is found. */
  async next(lanes: readonly SendLane[]): Promise<Candidate | undefined> {
    const { self, store, clock, limits } = this.options;
    const most = limits.inForce().settings.gapSeconds === 0 ? FOUND_PER_LOOK : 1;
    for (;;) {
      const now = clock.monotonic();
      const inHand = this.inHand();
      const rooms = inHand.map(({ room }) => room);
      for (const [kind, till] of this.#shutKinds) if (till <= now) this.#shutKinds.delete(kind);
      const ahead = this.#ahead.take(lanes, rooms, (kind) => this.#shutKinds.has(kind), now);
      if (ahead !== undefined) return ahead;
      const answer = await store.next(self, { lanes, shutKinds: [...this.#shutKinds.keys()], inHand: rooms, most });
      this.time.see(answer.now);
      if (answer.kind === 'found') {
        if (answer.expired && (await this.#expiry.sweep(inHand.map(({ job }) => job)))) continue;
        this.#nextLookAt = 0;
        this.#ahead.keep(answer.behind, lanes, clock.monotonic());
        return answer;
      }
      if (answer.left) continue;
      const kinds = [...this.#shutKinds.values()].map((till) => till - clock.monotonic());
      this.lookAgain(Math.min(LOOK_MS, answer.againMs ?? LOOK_MS, ...kinds));
      return undefined;
    }
  }

  /** The last look found nothing, and nothing has happened since that would make another one worth while. */
  get isVain(): boolean {
    return this.options.clock.monotonic() < this.#nextLookAt;
  }

  /** Something has arrived. */
  arrived(): void {
    this.#nextLookAt = 0;
  }

  /** Limits or holds have changed. */
  reconsider(): void {
    this.#ahead.clear();
    this.#shutKinds.clear();
  }

  /** One that was handed out stays where it was; what was found behind it comes after it still. */
  stays(): void {
    this.#ahead.clear();
  }

  shut(kind: ActionKind, ms: number): void {
    this.#shutKinds.set(kind, this.options.clock.monotonic() + ms);
  }

  lookAgain(ms: number): void {
    const { clock, onReady } = this.options;
    const wait = Math.max(1, ms);
    this.#nextLookAt = clock.monotonic() + wait;
    this.#cancel();
    this.#cancel = clock.after(wait, onReady);
  }

  /** No timer stays. */
  rest(): void {
    this.#cancel();
  }
}
