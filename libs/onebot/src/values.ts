import { isDecimalId, userId, type UserId } from '@rookery/protocol';

/** Reasons why a frame with a `post_type` yields no event. */
export const EVENT_REJECTIONS = ['shape', 'self_id', 'id', 'message', 'segments'] as const;
export type EventRejection = (typeof EVENT_REJECTIONS)[number];

/** Thrown inside the normaliser only, and turned into a result at its door. */
export class MalformedEvent extends Error {
  constructor(
    readonly reason: EventRejection,
    readonly detail: string,
  ) {
    super(detail);
  }
}

export type Fields = Readonly<Record<string, unknown>>;

export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Decimal text of an unsigned id given as a JSON integer or as text; undefined for everything else. */
export function idText(value: unknown): string | undefined {
  if (typeof value === 'number') return Number.isSafeInteger(value) && value >= 0 ? String(value) : undefined;
  return typeof value === 'string' && isDecimalId(value) ? value : undefined;
}

/** An id that may be absent; a present one that is no id makes the event malformed. Zero means unknown. */
export function optionalId(frame: Fields, key: string): string | undefined {
  const value = frame[key];
  if (value === undefined || value === null || value === '') return undefined;
  const id = idText(value);
  if (id === undefined) throw new MalformedEvent('id', `${key} is no id`);
  return id === '0' ? undefined : id;
}

export function optionalUser(frame: Fields, key: string): UserId | undefined {
  const id = optionalId(frame, key);
  return id === undefined ? undefined : userId(id);
}

/** An id that must be there; zero is let through, since it stands for an unknown person. */
export function requiredId(frame: Fields, key: string): string {
  const value = frame[key];
  if (value === undefined || value === null) throw new MalformedEvent('shape', `${key} is missing`);
  const id = idText(value);
  if (id === undefined) throw new MalformedEvent('id', `${key} is no id`);
  return id;
}

export function stringOr(value: unknown, otherwise: string): string {
  return typeof value === 'string' ? value : otherwise;
}
