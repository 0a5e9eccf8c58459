import { createHmac } from 'node:crypto';

/** Chance that a repeated handler meets again: the same event gives the same numbers, and nobody outside can foresee them. */
export interface Chance {
  /** From 0 up to 1, 1 not included. */
  float(): number;
  /** A whole number; both ends can come. */
  int(from: number, to: number): number;
  /** One of them. Throws RangeError when there is none. */
  pick<T>(of: readonly T[]): T;
  /** All of them in another order, as a new array. */
  shuffle<T>(of: readonly T[]): T[];
}

/** `seed`: a secret of the cluster. `name`: the handling that the numbers are for. */
export class SeededChance implements Chance {
  readonly #state: Uint32Array;

  constructor(seed: string, name: string) {
    const digest = createHmac('sha256', seed).update(name).digest();
    this.#state = new Uint32Array(4).map((_, index) => digest.readUInt32LE(index * 4));
  }

  float(): number {
    return (this.#next() * 2 ** 21 + (this.#next() >>> 11)) / 2 ** 53;
  }

  int(from: number, to: number): number {
    if (!Number.isSafeInteger(from) || !Number.isSafeInteger(to) || from > to) {
      throw new RangeError(`there is no whole number from ${from} to ${to}`);
    }
    return from + Math.floor(this.float() * (to - from + 1));
  }

  pick<T>(of: readonly T[]): T {
    if (of.length === 0) throw new RangeError('there is nothing to pick from');
    return of[this.int(0, of.length - 1)] as T;
  }

  shuffle<T>(of: readonly T[]): T[] {
    const rest = [...of];
    const shuffled: T[] = [];
    while (rest.length > 0) shuffled.push(...rest.splice(this.int(0, rest.length - 1), 1));
    return shuffled;
  }

  /** sfc32, Chris Doty-Humphrey's small fast counting generator. */
  #next(): number {
    const s = this.#state;
    const [a = 0, b = 0, c = 0, d = 0] = s;
    const sum = (a + b + d) >>> 0;
    s[3] = d + 1;
    s[0] = b ^ (b >>> 9);
    s[1] = c + (c << 3);
    s[2] = ((c << 21) | (c >>> 11)) + sum;
    return sum;
  }
}
