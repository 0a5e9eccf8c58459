import type { ConversationKey, EventId } from '@rookery/protocol';

/** What a worker needs to know of events that it, or the worker before it, had in hand. */
export interface EventMemory {
  take(conversation: ConversationKey, reference: string, copy: EventId): Promise<Taken>;
  /** In the order of the calls, and before what is noted of the partition afterwards. Resolves when it is stored. */
  settle(conversation: ConversationKey, reference: string, copy: EventId): Promise<void>;
}

export type Taken = { readonly kind: 'new' } | { readonly kind: 'in_hand' | 'settled'; readonly copy: EventId };
