import type { Random } from '@rookery/protocol';

/** One fault of a run, and a number in [0, 1) that decides whom it hits. */
export interface Planned {
  readonly fault: string;
  readonly draw: number;
}

/** Round after round, each fault once in each, in an order of its own. Equal numbers from `random` give the same schedule. */
export function* schedule(faults: readonly string[], random: Random): Generator<Planned> {
  for (;;) {
    const left = [...faults];
    while (left.length > 0) {
      const [fault] = left.splice(Math.floor(random() * left.length), 1);
      if (fault !== undefined) yield { fault, draw: random() };
    }
  }
}
