interface Step {
  /** What is done when it has ended, as in "its partitions are handed over". */
  readonly what: string;
  readonly run: () => Promise<unknown> | void;
}

/** What a process does when it stops, one thing after the other, and what of it is not done: one that is ended for taking too long says so. */
export class StopPlan {
  readonly #left: Step[] = [];
  readonly #missed: string[] = [];

  /** Before everything that was added so far. */
  first(what: string, run: Step['run']): void {
    this.#left.unshift({ what, run });
  }

  then(what: string, run: Step['run']): void {
    this.#left.push({ what, run });
  }

  /** A step gave something up, so as to end in time. */
  miss(what: string): void {
    this.#missed.push(what);
  }

  /** What was given up, what is being done, and what was not begun. */
  get notDone(): readonly string[] {
    return [...this.#missed, ...this.#left.map(({ what }) => what)];
  }

  /** Rejects as a step does; those behind it are not begun then. */
  async run(): Promise<void> {
    for (let step = this.#left[0]; step !== undefined; step = this.#left[0]) {
      await step.run();
      this.#left.shift();
    }
  }
}
