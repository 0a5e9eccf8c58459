/**
 * A map for what comes and goes all the time, such as what is in hand; in the order of arrival, as `Map`.
 *
 * A `Map` that is used so makes a new table every few dozen entries, and in V8 each table it has left points to the next one. The first of them
 * that grew old therefore keeps all later ones from being collected with the young garbage, and with them whatever they held when they were left:
 * nearly all that ever was in hand is copied twice and stays until the whole heap is looked through. Here the tables hold numbers, and
 * what was deleted is held by nothing.
 */
export class SlotMap<K, V extends NonNullable<unknown>> implements Iterable<readonly [K, V]> {
  readonly #slots = new Map<K, number>();
  readonly #values: (V | undefined)[] = [];
  readonly #free: number[] = [];

  get size(): number {
    return this.#slots.size;
  }

  get(key: K): V | undefined {
    const slot = this.#slots.get(key);
    return slot === undefined ? undefined : this.#values[slot];
  }

  has(key: K): boolean {
    return this.#slots.has(key);
  }

  set(key: K, value: V): void {
    let slot = this.#slots.get(key);
    if (slot === undefined) {
      slot = this.#free.pop() ?? this.#values.length;
      this.#slots.set(key, slot);
    }
    this.#values[slot] = value;
  }

  /** Whether it was there. */
  delete(key: K): boolean {
    const slot = this.#slots.get(key);
    if (slot === undefined) return false;
    this.#slots.delete(key);
    this.#values[slot] = undefined;
    this.#free.push(slot);
    return true;
  }

  keys(): IterableIterator<K> {
    return this.#slots.keys();
  }

  *values(): IterableIterator<V> {
    for (const slot of this.#slots.values()) {
      const value = this.#values[slot];
      if (value !== undefined) yield value;
    }
  }

  *[Symbol.iterator](): IterableIterator<readonly [K, V]> {
    for (const [key, slot] of this.#slots) {
      const value = this.#values[slot];
      if (value !== undefined) yield [key, value];
    }
  }
}
