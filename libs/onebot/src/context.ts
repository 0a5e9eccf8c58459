import type { ConversationKey, Event, EventId, Mutable, PoolName, SelfId } from '@rookery/protocol';
import { contentEventId } from './event-id';
import type { EventFrame } from './frame';

/** Who read a frame, and when. */
export interface Reader {
  readonly self: SelfId;
  readonly pool: PoolName;
  /** Milliseconds since 1970. */
  readonly receivedAt: number;
  /** How many times this key was asked for before on this connection, see {@link Ordinals}. */
  ordinal(key: string): number;
  /** Carry the frame itself in `event.raw`. Default false: it doubles what travels through the queues. */
  readonly keepRaw?: boolean;
  /** The frame was read from history. */
  readonly filled?: boolean;
}

type BaseFields = Pick<Event, 'id' | 'self' | 'pool' | 'conversation' | 'time' | 'receivedAt' | 'filled' | 'raw'>;

/** What the events of every type share. A class, since an object of closures per frame costs a microsecond. */
export class Context {
  constructor(
    readonly frame: EventFrame,
    readonly reader: Reader,
    /** Milliseconds since 1970. */
    readonly time: number,
  ) {}

  /** Id for events without a reference of their own. */
  contentId(): EventId {
    const { frame, reader, time } = this;
    return contentEventId(reader.self, frame, Math.floor(time / 1000), (key) => reader.ordinal(key));
  }

  base(id: EventId, conversation: ConversationKey): BaseFields {
    const { self, pool, receivedAt, keepRaw, filled } = this.reader;
    const base: Mutable<BaseFields> = { id, self, pool, conversation, time: this.time, receivedAt };
    if (filled === true) base.filled = filled;
    if (keepRaw === true) base.raw = this.frame;
    return base;
  }
}
