import { SECOND, toError, type Clock, type SelfId } from '@rookery/protocol';

export interface OverlapOptions {
  readonly clock: Clock;
  /** Which of the accounts another connector has online. */
  readonly onlineElsewhere: (accounts: readonly SelfId[]) => Promise<readonly SelfId[]>;
  /** The account needs not be listened to here any more. */
  readonly onOver: (self: SelfId) => void;
  readonly onTrouble: (error: Error) => void;
}

const LOOK_MS = 100;
/** What NapCat wrote to us alone, just before the next owner was there, may still be on its way. */
const GRACE_MS = 300;
/** However long the next owner takes. Well within the time that a connector has for stopping. */
const LIMIT_MS = 6.5 * SECOND;

/**
 * Accounts that were handed over and are still listened to. NapCat's forward server serves several clients and never sends an
 * event again: so the former owner leaves only when the next one has said that it is online, and then nothing is missed.
 */
export class Overlap {
  /** Account → when it is over at the latest, monotonic. */
  readonly #until = new Map<SelfId, number>();
  #cancel: (() => void) | undefined;
  #onEmpty: (() => void)[] = [];

  constructor(private readonly options: OverlapOptions) {}

  has(self: SelfId): boolean {
    return this.#until.has(self);
  }

  begin(self: SelfId): void {
    this.#until.set(self, this.options.clock.monotonic() + LIMIT_MS);
    this.#cancel ??= this.options.clock.after(LOOK_MS, () => void this.#look());
  }

  /** The account is ours again. */
  forget(self: SelfId): void {
    this.#until.delete(self);
    this.#settle();
  }

  /** Resolves when none is left. */
  async empty(): Promise<void> {
    if (this.#until.size > 0) await new Promise<void>((resolve) => this.#onEmpty.push(resolve));
  }

  /** Ends without a further word. */
  close(): void {
    this.#until.clear();
    this.#settle();
  }

  async #look(): Promise<void> {
    const { clock, onlineElsewhere, onOver, onTrouble } = this.options;
    try {
      const soon = clock.monotonic() + GRACE_MS;
      for (const self of await onlineElsewhere([...this.#until.keys()])) {
        const until = this.#until.get(self);
        if (until !== undefined && until > soon) this.#until.set(self, soon);
      }
    } catch (thrown) {
      onTrouble(toError(thrown));
    }
    const now = clock.monotonic();
    for (const [self, until] of this.#until) {
      if (until > now) continue;
      this.#until.delete(self);
      onOver(self);
    }
    this.#cancel = undefined;
    if (!this.#settle()) this.#cancel = clock.after(LOOK_MS, () => void this.#look());
  }

  #settle(): boolean {
    if (this.#until.size > 0) return false;
    this.#cancel?.();
    this.#cancel = undefined;
    for (const resolve of this.#onEmpty.splice(0)) resolve();
    return true;
  }
}
