import { appendFileSync } from 'node:fs';
import { SIZES } from './sizes';

/** Something that a test measured, for whoever asked for figures. `goal` is left out where the figure only says how large the test was. */
export function figure(
  name: string,
  value: number,
  unit: string,
  goal?: { atMost: number } | { atLeast: number },
): void {
  if (SIZES.figures !== undefined) appendFileSync(SIZES.figures, `${JSON.stringify({ name, value, unit, goal })}\n`);
}
