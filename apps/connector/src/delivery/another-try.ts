import { SECOND, type ErrorCode, type Outcome, type Random } from '@rookery/protocol';
import type { NextTry } from '@rookery/redis';
import type { Ending } from './ports';

/**
 * The ends of a call that are known to have changed nothing and may come out otherwise at another try. What is not here is not tried
 * again: NapCat answers nearly every failure with retcode 1200 ("handler threw", protocol/network.md 4), and only QQ's own words, which
 * differ between releases, tell a refusal from a send that took effect; 1400 and 1404 come out the same each time.
 */
const HARMLESS: Readonly<Partial<Record<ErrorCode, Outcome>>> = {
  // The frame was not handed to a socket, or the action only reads and its connection was lost (libs/onebot/src/outcome.ts).
  LINK_DOWN: 'not_sent',
  // Retcode 1403 comes before any handler runs, and the connection ends with it (protocol/network.md 4).
  LINK_TOKEN_REFUSED: 'refused',
};
const HANDLER_THREW = 1200;

/** With the first one. Three waits of 1, 4 and 16 s outlast a connection that is made anew, and fit into the minute of a reply. */
export const TRIES_MAX = 4;
const FIRST_MS = SECOND;
const FACTOR = 4;
const JITTER = 0.25;

/**
 * When an action is to be tried again that has ended so, after `before` other tries; undefined when this end stands. Its expiry is
 * not looked at: by the clock of Redis, it ends what waits too long.
 */
export function anotherTry({ outcome, error }: Ending, before: number, random: Random): NextTry | undefined {
  const tries = before + 1;
  if (error === undefined || HARMLESS[error.code] !== outcome || error.retcode === HANDLER_THREW) return undefined;
  if (tries >= TRIES_MAX) return undefined;
  const ms = FIRST_MS * FACTOR ** before;
  return { tries, ms: Math.round(ms * (1 + JITTER * (2 * random() - 1))) };
}
