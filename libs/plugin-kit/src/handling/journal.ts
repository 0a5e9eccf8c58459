import { RookeryError, toError, type ErrorCode, type JournalEntry } from '@rookery/protocol';

interface Recorded {
  readonly entry: JournalEntry;
  /** In the order in which steps ended. */
  readonly place: number;
}

interface Held {
  readonly place: number;
  readonly release: () => void;
}

/**
 * The steps of a handler in the order in which they ended. A handler that is run again is given the recorded ends instead of
 * making the steps once more, in the recorded order, so that it comes to the same point. A handler that makes another step
 * than the one recorded has changed: HANDLER_CHANGED.
 */
export class Journal {
  #begun = 0;
  #changed = false;
  readonly #recorded: ReadonlyMap<number, Recorded>;
  readonly #entries: JournalEntry[];
  readonly #open = new Map<number, { readonly step: string; readonly ended: Promise<unknown> }>();
  #held: Held[] = [];

  /** `recorded`: what {@link entries} told when the handler was suspended, and what has been added since. */
  constructor(recorded: readonly JournalEntry[] = []) {
    this.#entries = [...recorded];
    this.#recorded = new Map(recorded.map((entry, place) => [entry.n, { entry, place }]));
  }

  /** Number of the step that was begun last. */
  get begun(): number {
    return this.#begun;
  }

  /** With those that are still under way marked as such. */
  entries(): readonly JournalEntry[] {
    const open = [...this.#open].map(([n, { step }]) => ({ n, step, pending: true as const }));
    return [...this.#entries, ...open];
  }

  /** True when the handler has made other steps than those recorded, or has ended without making all of them. */
  get changed(): boolean {
    return this.#changed || this.#begun < this.#recorded.size;
  }

  /** Resolves when all steps that are no actions have ended, but for the given one. */
  async othersEnded(than: number): Promise<void> {
    const others = [...this.#open].filter(([n, { step }]) => n !== than && !step.startsWith('action '));
    await Promise.all(others.map(([, { ended }]) => ended));
  }

  /**
   * Makes the step, or gives back what is recorded of it. `whenPending`: what to tell of a step whose end was never recorded.
   * Rejects with HANDLER_CHANGED when something else is recorded.
   */
  step<T>(step: string, make: () => Promise<T>, whenPending?: () => T): Promise<T> {
    const n = ++this.#begun;
    const recorded = this.#recorded.get(n);
    if (!recorded) return this.#make(n, step, make);
    if (recorded.entry.step !== step) {
      this.#changed = true;
      const text = `step ${n} of the handler is "${step}" and was "${recorded.entry.step}" when it asked: its code has changed`;
      return Promise.reject(new RookeryError('HANDLER_CHANGED', text));
    }
    return this.#replay(recorded, make, whenPending);
  }

  #make<T>(n: number, step: string, make: () => Promise<T>): Promise<T> {
    const made = make();
    const ended = made.then(
      (value) => this.#end({ n, step, ...(value !== undefined && { value }) }),
      (thrown: unknown) => this.#end({ n, step, error: errorOf(thrown) }),
    );
    this.#open.set(n, { step, ended });
    return made;
  }

  #end(entry: JournalEntry): void {
    // What ends after the handler was suspended and run again is another run's business.
    if (this.#open.delete(entry.n)) this.#entries.push(entry);
  }

  async #replay<T>(
    { entry: { n, step, value, error, pending }, place }: Recorded,
    make: () => Promise<T>,
    whenPending?: () => T,
  ): Promise<T> {
    await this.#turn(place);
    if (error) throw new RookeryError(error.code, error.message);
    if (!pending) return value as T;
    return whenPending ? whenPending() : this.#make(n, step, make);
  }

  /**
   * Of the steps that wait, the one that ended first goes on first, and the next only when the code after it has begun its own
   * steps: what runs beside each other then runs in the order of then.
   */
  #turn(place: number): Promise<void> {
    return new Promise((release) => {
      this.#held.push({ place, release });
      if (this.#held.length === 1) this.#releaseLater();
    });
  }

  #releaseLater(): void {
    setImmediate(() => {
      this.#held.sort((a, b) => a.place - b.place);
      this.#held.shift()?.release();
      if (this.#held.length > 0) this.#releaseLater();
    });
  }
}

function errorOf(thrown: unknown): { readonly code: ErrorCode; readonly message: string } {
  const { message } = toError(thrown);
  return { code: thrown instanceof RookeryError ? thrown.code : 'HANDLER_FAILED', message };
}
