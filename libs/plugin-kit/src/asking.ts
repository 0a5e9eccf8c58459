import { hash } from 'node:crypto';
import { actionId, LANE_EXPIRY_MS, RookeryError, type ActionId, type Lane } from '@rookery/protocol';
import type { CallOptions } from './call';

/** No event id begins like that: they begin with the letter of their type. */
const KEYED = 'key.';

/** Until when the action may still be begun, milliseconds since 1970. */
export function expiryOf(now: number, lane: Lane, options: CallOptions = {}): number {
  return options.expiresAt ?? now + (options.expiresMs ?? LANE_EXPIRY_MS[lane]);
}

/** The id of an action that the caller named: apart from those that follow from events, and from other plugins'. */
export function keyedId(plugin: string, key: string): ActionId {
  const isPlain = /^[A-Za-z0-9_.-]{1,100}$/.test(key);
  return actionId(`${KEYED}${plugin}.${isPlain ? key : `~${hash('sha256', key, 'base64url')}`}`);
}

export function isKeyed(id: ActionId): boolean {
  return id.startsWith(KEYED);
}

/** Throws ACTION_INVALID. Options come from plugins, which need not be typed. */
export function checkOptions(action: string, { deadlineMs, expiresMs, expiresAt, id }: CallOptions): void {
  for (const [name, value] of Object.entries({ deadlineMs, expiresMs, expiresAt })) {
    if (value === undefined || (Number.isFinite(value) && value > 0)) continue;
    throw invalid(action, `${name} must be a positive number of milliseconds`);
  }
  if (id !== undefined && (typeof id !== 'string' || id === '')) throw invalid(action, 'id must be a text');
}

function invalid(action: string, problem: string): RookeryError {
  return new RookeryError('ACTION_INVALID', `${action.slice(0, 100)}: ${problem}`);
}
