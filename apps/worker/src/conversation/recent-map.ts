/**
 * A map that forgets what was not asked for longest: of its youngest entries it keeps at least `kept`, of all at most twice as many.
 *
 * Two generations stand for the order. A map in which each new entry drops the oldest one is slow in the long run: what was dropped
 * stays in it as a gap until the next rehash, and whoever asks for its first entry passes all of them.
 */
export class RecentMap<K, V> {
  /** What was set or asked for since the generations changed. */
  #young = new Map<K, V>();
  #old = new Map<K, V>();

  constructor(private readonly kept: number) {}

  /** Makes the entry one of the youngest. */
  get(key: K): V | undefined {
    const value = this.#young.get(key);
    if (value !== undefined) return value;
    const older = this.#old.get(key);
    if (older !== undefined) this.set(key, older);
    return older;
  }

  set(key: K, value: V): void {
    this.#young.set(key, value);
    if (this.#young.size < this.kept) return;
    this.#old = this.#young;
    this.#young = new Map();
  }

  getOr(key: K, make: () => V): V {
    const known = this.get(key);
    if (known !== undefined) return known;
    const made = make();
    this.set(key, made);
    return made;
  }

  delete(key: K): void {
    this.#young.delete(key);
    this.#old.delete(key);
  }
}
