/**
 * Lets a few go at a time, in the order in which they came, and nobody while it is shut. Partitions that have to wait for a slot gather events
 * meanwhile: so the envelopes of a busy connector grow with its load, however many partitions share it. As long as hardly anything is to be gathered,
 * waiting would be in vain, and all may go.
 */
export class Slots {
  readonly #waiting: (() => void)[] = [];
  #isShut = false;

  /** `isQuiet`: whether hardly anything is to be gathered. */
  constructor(
    private free: number,
    private readonly isQuiet: () => boolean,
  ) {}

  /** Undefined when there is one at once; else resolves when it is the caller's turn. Whoever got one has to {@link release} it. */
  take(): Promise<void> | undefined {
    if (this.#mayGo()) {
      this.free -= 1;
      return undefined;
    }
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  release(): void {
    this.free += 1;
    this.#admit();
  }

  /** Who has a slot keeps it. */
  shut(): void {
    this.#isShut = true;
  }

  open(): void {
    this.#isShut = false;
    this.#admit();
  }

  #admit(): void {
    while (this.#mayGo()) {
      const next = this.#waiting.shift();
      if (!next) return;
      this.free -= 1;
      next();
    }
  }

  #mayGo(): boolean {
    return !this.#isShut && (this.free > 0 || this.isQuiet());
  }
}
