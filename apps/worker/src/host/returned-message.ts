import type { MessageLike, Segment } from '@rookery/protocol';

/** What a handler returned, if it is a message; handlers are free to return anything. */
export function returnedMessage(value: unknown): MessageLike | undefined {
  if (isPart(value)) return value;
  return Array.isArray(value) && value.length > 0 && value.every(isPart) ? value : undefined;
}

/** Nothing, or the outcome of a reply that the handler passed on. Anything else was probably meant to be a message. */
export function isIgnorable(value: unknown): boolean {
  if (value === undefined || value === null || typeof value === 'boolean') return true;
  return typeof value === 'object' && 'outcome' in value;
}

function isPart(value: unknown): value is string | Segment {
  if (typeof value === 'string') return true;
  if (typeof value !== 'object' || value === null || !('type' in value && 'data' in value)) return false;
  return typeof value.type === 'string' && typeof value.data === 'object' && value.data !== null;
}
