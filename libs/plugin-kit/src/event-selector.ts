import {
  EVENT_TYPES,
  type Event,
  type EventType,
  type MessageEvent,
  type MetaEvent,
  type NoticeEvent,
  type RequestEvent,
} from '@rookery/protocol';
import type { EventContext, MessageContext } from './context';

/** Which events a handler wants: all of a type, or one kind of it. */
export type EventSelector =
  | EventType
  | `message.${MessageEvent['scene']['kind']}`
  | `notice.${NoticeEvent['kind']}`
  | `request.${RequestEvent['kind']}`
  | `meta.${MetaEvent['kind']}`;

/** The context that a handler of these events is given. */
export type ContextOf<S extends EventSelector> = S extends 'message' | `message.${string}`
  ? MessageContext
  : S extends `${infer Type extends EventType}.${infer Kind}`
    ? EventContext<Extract<Event, { readonly type: Type; readonly kind: Kind }>>
    : EventContext<Extract<Event, { readonly type: S }>>;

/** What a selector looks like at run time: authors without TypeScript can write anything. */
export function isEventSelector(text: string): text is EventSelector {
  const [type, ...kind] = text.split('.');
  return EVENT_TYPES.some((known) => known === type) && !kind.includes('');
}
