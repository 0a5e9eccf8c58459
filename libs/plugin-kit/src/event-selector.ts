import {
  EVENT_TYPES,
  type EventType,
  type MessageEvent,
  type MetaEvent,
  type NoticeEvent,
  type RequestEvent,
} from '@rookery/protocol';

/** Which events a handler wants: all of a type, or one kind of it. Schedules have `@Every`. */
export type EventSelector =
  | Exclude<EventType, 'schedule'>
  | `message.${MessageEvent['scene']['kind']}`
  | `notice.${NoticeEvent['kind']}`
  | `request.${RequestEvent['kind']}`
  | `meta.${MetaEvent['kind']}`;

/** What a selector looks like at run time: authors without TypeScript can write anything. */
export function isEventSelector(text: string): text is EventSelector {
  const [type, ...kind] = text.split('.');
  return type !== 'schedule' && EVENT_TYPES.some((known) => known === type) && !kind.includes('');
}
