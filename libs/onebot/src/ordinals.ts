/**
 * Counts how often one connection has delivered the same content in the same second. Two connections to one account count
 * alike, so their copies of one event get the same number. Keys hold the second, hence old ones are of no use: the oldest
 * are forgotten beyond `limit`.
 */
export class Ordinals {
  readonly #seen = new Map<string, number>();

  constructor(private readonly limit = 1000) {}

  /** 0 for the first time. */
  next(key: string): number {
    const times = this.#seen.get(key) ?? 0;
    this.#seen.delete(key);
    this.#seen.set(key, times + 1);
    if (this.#seen.size > this.limit) {
      for (const oldest of this.#seen.keys()) {
        this.#seen.delete(oldest);
        break;
      }
    }
    return times;
  }
}
