export interface CallsUnderWayOptions<Key> {
  readonly isCluster: boolean;
  /**
   * Begins the next call with what waits, without what `isBusy`, on a Redis Cluster with what is of one key only; undefined where nothing is left to begin.
   */
  readonly begin: (isBusy: (key: Key) => boolean) => BegunCall<Key> | undefined;
  /** Runs it when all has come up that shall travel together. */
  readonly gather: (then: () => void) => void;
}

export interface BegunCall<Key> {
  readonly keys: Iterable<Key>;
  /** Never rejects. */
  readonly done: Promise<void>;
}

/**
 * With one, this process, Redis and whoever waits for the answers would take turns. Every further one makes all of them smaller, and a call has
 * its price.
 */
const AT_ONCE = 2;

/**
 * Which calls to Redis are under way: a few at a time, on a Redis Cluster any number, but of a key one. So what is asked for a key is never overtaken by what is
 * asked for it later, whatever becomes of a call.
 */
export class CallsUnderWay<Key> {
  readonly #busy = new Set<Key>();
  readonly #most: number;
  #calls = 0;
  #isGathering = false;

  constructor(private readonly options: CallsUnderWayOptions<Key>) {
    this.#most = options.isCluster ? Number.POSITIVE_INFINITY : AT_ONCE;
  }

  /** Something waits: it goes as soon as a call may be made. */
  soon(): void {
    if (this.#isGathering || this.#calls >= this.#most) return;
    this.#isGathering = true;
    this.options.gather(() => {
      this.#isGathering = false;
      this.#beginAll();
    });
  }

  #beginAll(): void {
    while (this.#calls < this.#most) {
      const call = this.options.begin((key) => this.#busy.has(key));
      if (call === undefined) return;
      void this.#watch(call);
    }
  }

  async #watch({ keys, done }: BegunCall<Key>): Promise<void> {
    const own = [...keys];
    for (const key of own) this.#busy.add(key);
    this.#calls += 1;
    await done;
    this.#calls -= 1;
    for (const key of own) this.#busy.delete(key);
    this.soon();
  }
}
