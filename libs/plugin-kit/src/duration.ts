import { MINUTE, RookeryError, SECOND } from '@rookery/protocol';

/** A length of time: `500ms`, `60s`, `5m`, `2h`, `7d`. */
export type Duration = `${number}${keyof typeof UNITS}`;

const UNITS = { ms: 1, s: SECOND, m: MINUTE, h: 60 * MINUTE, d: 24 * 60 * MINUTE } as const;

/** Throws PLUGIN_INVALID for anything else, which authors without TypeScript can write. */
export function milliseconds(duration: Duration): number {
  const [, amount, unit] = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/.exec(duration) ?? [];
  if (amount === undefined || unit === undefined) {
    throw new RookeryError(
      'PLUGIN_INVALID',
      `${JSON.stringify(duration)} is no length of time; write "60s", "5m", "2h" or "7d"`,
    );
  }
  return Number(amount) * UNITS[unit as keyof typeof UNITS];
}
