import { LANES, type Action } from './action';
import { formOf } from './actions/prepare';
import { actionId, eventId, nodeId, selfId } from './ids';

type Fields = Readonly<Record<string, unknown>>;

/**
 * True only for what the schema of actions takes and leaves as it is: nothing in it is unknown. False tells nothing: the schema may take it
 * all the same, and says what is wrong where it does not.
 */
export function isAction(data: unknown): data is Action {
  if (!isFields(data)) return false;
  const { v, id, self, name, params, lane, conversation, createdAt, expiresAt, replyTo, origin } = data;
  return (
    isFields(params) &&
    isFields(origin) &&
    // The schema drops it.
    !Object.hasOwn(params, '__proto__') &&
    v === 1 &&
    isId(id, actionId) &&
    isId(self, selfId) &&
    isShort(name, NAME_MAX) &&
    name !== '' &&
    formOf(name).form === 'plain' &&
    KNOWN_LANES.has(lane) &&
    (conversation === undefined || isShort(conversation, CONVERSATION_MAX)) &&
    Number.isFinite(createdAt) &&
    Number.isFinite(expiresAt) &&
    (replyTo === undefined || isId(replyTo, nodeId)) &&
    isShort(origin['plugin'], PLUGIN_MAX) &&
    (origin['event'] === undefined || isId(origin['event'], eventId)) &&
    hasOnly(data, FIELDS) &&
    hasOnly(origin, ORIGIN_FIELDS)
  );
}

export const NAME_MAX = 100;
export const CONVERSATION_MAX = 300;
export const PLUGIN_MAX = 100;

const KNOWN_LANES: ReadonlySet<unknown> = new Set(LANES);
const ORIGIN_FIELDS: ReadonlySet<string> = new Set(['plugin', 'event']);
const FIELDS: ReadonlySet<string> = new Set([
  ...['v', 'id', 'self', 'name', 'params', 'lane', 'conversation'],
  ...['createdAt', 'expiresAt', 'replyTo', 'origin'],
]);

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isShort(value: unknown, max: number): value is string {
  return typeof value === 'string' && value.length <= max;
}

function hasOnly(value: Fields, known: ReadonlySet<string>): boolean {
  for (const key in value) if (!known.has(key)) return false;
  return true;
}

function isId(value: unknown, make: (text: string) => unknown): boolean {
  if (typeof value !== 'string') return false;
  try {
    make(value);
    return true;
  } catch {
    return false;
  }
}
