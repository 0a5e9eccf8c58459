import { accountConversation, type MetaEvent } from '@rookery/protocol';
import type { Context } from './context';
import { isFields, MalformedEvent, type Fields } from './values';

/** Undefined when the kind of meta event is one that we do not know. */
export function metaEvent(frame: Fields, context: Context): MetaEvent | undefined {
  const { self } = context.reader;
  const base = () => context.base(context.contentId(), accountConversation(self));
  switch (frame['meta_event_type']) {
    case 'lifecycle': {
      const sub = frame['sub_type'];
      if (sub !== 'connect' && sub !== 'enable' && sub !== 'disable') return undefined;
      return { type: 'meta', kind: 'lifecycle', subType: sub, ...base() };
    }
    case 'heartbeat':
      return { type: 'meta', kind: 'heartbeat', ...heartbeat(frame), ...base() };
    default:
      if (typeof frame['meta_event_type'] !== 'string') throw new MalformedEvent('shape', 'meta_event_type is missing');
      return undefined;
  }
}

/** A heartbeat that says nothing of `online` is a sign of life; go-cqhttp may leave the status out. */
function heartbeat(frame: Fields): { online: boolean; intervalMs: number } {
  const { status, interval } = frame;
  const online = isFields(status) ? status['online'] : undefined;
  if (online !== undefined && online !== null && typeof online !== 'boolean') {
    throw new MalformedEvent('shape', 'status.online is no boolean');
  }
  const intervalMs = typeof interval === 'number' && Number.isFinite(interval) && interval > 0 ? interval : 0;
  return { online: online ?? true, intervalMs };
}
