import type { ConversationKey, Event, PoolName, SelfId } from '@rookery/protocol';

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
}

/** What the events of every type share. */
export interface Context {
  readonly reader: Reader;
  /** Milliseconds since 1970. */
  readonly time: number;
  /** Id for events without a reference of their own. */
  contentId(): Event['id'];
  base(
    id: Event['id'],
    conversation: ConversationKey,
  ): Pick<Event, 'id' | 'self' | 'pool' | 'conversation' | 'time' | 'receivedAt' | 'raw'>;
}
