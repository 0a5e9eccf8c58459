import type { FaultyCluster } from './cluster';

const TICK_MS = 25;

/** Questions to some accounts in turn, at a steady rate, until it is ended. */
export class Talk {
  /** Questions asked so far. */
  said = 0;
  readonly #begun = performance.now();
  /** When each was asked, on this process's monotonic clock. */
  readonly #asked: number[] = [];
  readonly #timer: NodeJS.Timeout;

  /** `rate`: questions per second over all accounts. */
  constructor(
    private readonly cluster: FaultyCluster,
    private readonly selves: readonly string[],
    private readonly tag: string,
    rate: number,
  ) {
    this.#timer = setInterval(() => {
      const due = ((performance.now() - this.#begun) / 1000) * rate;
      while (this.said < due) this.#ask();
    }, TICK_MS);
  }

  /** Asked, and not answered by now. */
  get unanswered(): number {
    return this.said - this.#sum((answers) => new Set(answers).size);
  }

  /** When each was asked that is not answered by now: milliseconds before (or, negative, after) a moment of `performance.now`. */
  unansweredBefore(moment: number): number[] {
    const { length } = this.selves;
    const answered = this.selves.map((self) => new Set(this.cluster.answers(self, this.tag)));
    return this.#asked.flatMap((at, n) => (answered[n % length]?.has(Math.floor(n / length)) ? [] : [moment - at]));
  }

  /** Answers to questions that had been answered before. */
  get doubled(): number {
    return this.#sum((answers) => answers.length - new Set(answers).size);
  }

  end(): void {
    clearInterval(this.#timer);
  }

  #ask(): void {
    const self = this.selves[this.said % this.selves.length];
    if (self === undefined) throw new Error('nobody to talk to');
    this.cluster.ask(self, this.tag, Math.floor(this.said / this.selves.length));
    this.#asked.push(performance.now());
    this.said += 1;
  }

  #sum(of: (answers: readonly number[]) => number): number {
    return this.selves.reduce((sum, self) => sum + of(this.cluster.answers(self, this.tag)), 0);
  }
}
