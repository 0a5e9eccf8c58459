import { accountConversation, type Event, type SelfId } from '@rookery/protocol';
import { Context, type Reader } from './context';
import type { EventFrame } from './frame';
import { messageEvent } from './message-event';
import { metaEvent } from './meta-event';
import { noticeEvent } from './notice-event';
import { printable } from './printable';
import { requestEvent } from './request-event';
import { idText, MalformedEvent, stringOr, type EventRejection } from './values';

export type Normalized =
  | {
      readonly ok: true;
      readonly event: Event;
      /** True when the frame's time was absent or absurd and the time of arrival stands in for it. */
      readonly timeReplaced: boolean;
    }
  | { readonly ok: false; readonly reason: EventRejection; readonly detail: string };

const DAY = 86_400_000;
/** 2005-01-01; QQ has no groups with sequences of before. */
const EARLIEST = 1_104_537_600_000;

/**
 * One event frame as an event; never throws. Extra and missing fields are fine; what an {@link Event} promises is checked.
 * Kinds that we do not know become `unknown` events that carry the frame.
 */
export function normalizeEvent(frame: EventFrame, reader: Reader): Normalized {
  const said = frameTime(frame['time'], reader.receivedAt);
  const context = new Context(frame, reader, said ?? reader.receivedAt);
  try {
    checkSelf(frame, reader.self);
    return {
      ok: true,
      event: byPostType(frame, context) ?? unknownEvent(frame, context),
      timeReplaced: said === undefined,
    };
  } catch (error) {
    if (error instanceof MalformedEvent) return { ok: false, reason: error.reason, detail: error.detail };
    throw error;
  }
}

/** Undefined for kinds that we do not know. */
function byPostType(frame: EventFrame, context: Context): Event | undefined {
  switch (frame['post_type']) {
    case 'message':
    case 'message_sent':
      return messageEvent(frame, context);
    case 'notice':
      return noticeEvent(frame, context);
    case 'request':
      return requestEvent(frame, context);
    case 'meta_event':
      return metaEvent(frame, context);
    default:
      return undefined;
  }
}

function unknownEvent(frame: EventFrame, context: Context): Event {
  const parts = ['post_type', 'message_type', 'notice_type', 'request_type', 'meta_event_type', 'sub_type'].map((key) =>
    stringOr(frame[key], ''),
  );
  return {
    type: 'unknown',
    kind: printable(parts.filter((part) => part !== '').join('.'), 64),
    ...context.base(context.contentId(), accountConversation(context.reader.self)),
    raw: frame,
  };
}

/** An event of another account must never be routed to this one. */
function checkSelf(frame: EventFrame, self: SelfId): void {
  const told = idText(frame['self_id']);
  if (told === undefined) throw new MalformedEvent('self_id', 'self_id is missing or no id');
  if (told !== self) throw new MalformedEvent('self_id', `the frame is of account ${told}`);
}

/** Seconds to milliseconds; undefined when absent, in milliseconds, negative or in the future. */
function frameTime(value: unknown, receivedAt: number): number | undefined {
  const seconds = typeof value === 'string' && /^[0-9]{9,11}$/.test(value) ? Number(value) : value;
  if (typeof seconds !== 'number' || !Number.isFinite(seconds)) return undefined;
  const time = Math.floor(seconds * 1000);
  return time >= EARLIEST && time <= receivedAt + DAY ? time : undefined;
}
