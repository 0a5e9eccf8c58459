import { parseAction, RookeryError, SECOND, toError, type Action, type ActionKind } from '@rookery/protocol';
import type { Candidate, LookWish } from '@rookery/redis';
import type { AccountSendsOptions } from './account-sends-options';
import { Expiry } from './expiry';
import type { RedisTime } from './redis-time';

/** Nothing waits longer than that for being looked at again; a lost notice costs no more. */
export const LOOK_MS = 30 * SECOND;

/** How many are wanted of each lane, and under which epoch they may be claimed by the look. */
export interface CandidatesWish extends Pick<LookWish, 'lanes' | 'most'> {
  readonly claim?: number | undefined;
}

/** Finds what one account might send next. Whether it may is decided elsewhere; a candidate stays in Redis at its place until then. */
export class Candidates {
  /** Until when, by the monotonic clock. */
  readonly #shutKinds = new Map<ActionKind, number>();
  readonly #expiry: Expiry;
  #nextLookAt = 0;
  /** The last look saw all that waits, and nothing has arrived or come back since. */
  #isEmpty = false;
  #changes = 0;
  #cancel: () => void = () => undefined;

  constructor(
    private readonly options: Pick<
      AccountSendsOptions,
      'self' | 'store' | 'expired' | 'clock' | 'onEnded' | 'onReady' | 'onForeign'
    >,
    private readonly time: RedisTime,
    private readonly inHand: () => readonly string[],
  ) {
    this.#expiry = new Expiry(options);
  }

  /** By lane, then by age; nothing of a room that is in hand. Ends what it finds expired. Without lanes only that is found. */
  async next(wish: CandidatesWish): Promise<readonly Candidate[]> {
    const { self, store, clock } = this.options;
    while (!this.#isEmpty) {
      const now = clock.monotonic();
      const inHand = this.inHand();
      const changes = this.#changes;
      for (const [kind, till] of this.#shutKinds) if (till <= now) this.#shutKinds.delete(kind);
      const answer = await store.next(self, { shutKinds: [...this.#shutKinds.keys()], inHand, ...wish });
      this.time.see(answer.now);
      this.#isEmpty = !answer.more && this.#changes === changes;
      if (answer.kind === 'found') {
        if (answer.found[0]?.expired === true && (await this.#expiry.sweep(inHand))) continue;
        this.#nextLookAt = 0;
        return answer.found;
      }
      if (answer.left) continue;
      if (this.#isEmpty) return [];
      const kinds = [...this.#shutKinds.values()].map((till) => till - clock.monotonic());
      this.lookAgain(Math.min(LOOK_MS, answer.againMs ?? LOOK_MS, ...kinds));
      return [];
    }
    return [];
  }

  /** A promise for what is no action of ours: it resolves when that is set aside. */
  read(found: Candidate): Action | Promise<void> {
    try {
      return parseAction(JSON.parse(found.data));
    } catch (thrown) {
      return this.#setAside(found, thrown);
    }
  }

  async #setAside(found: Candidate, thrown: unknown): Promise<void> {
    const error =
      thrown instanceof RookeryError ? thrown : new RookeryError('ENVELOPE_INVALID', toError(thrown).message);
    await this.unclaim(found);
    await this.options.store.setAside(this.options.self, found.job, `${error.code}: ${error.message}`);
    this.options.onForeign(error);
  }

  /** Where the look has claimed it, that is of no use. */
  async unclaim({ job, claim }: Candidate): Promise<void> {
    if (claim?.kind === 'ours') await this.options.store.unclaim(this.options.self, job, claim);
  }

  /** The last look found nothing, and nothing has happened since that would make another one worth while. */
  get isVain(): boolean {
    return this.options.clock.monotonic() < this.#nextLookAt;
  }

  /** Something has arrived, or one that was handed out stays where it was. */
  changed(): void {
    this.#nextLookAt = 0;
    this.#changes += 1;
    this.#isEmpty = false;
  }

  /** Limits or holds have changed. */
  reconsider(): void {
    this.#shutKinds.clear();
    this.changed();
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
