import type { ConversationKey, EventId, MessageSeq } from '@rookery/protocol';

export interface SeenMessagesLimits {
  /** Messages remembered of one conversation: copies come within seconds of each other. */
  readonly perConversation: number;
  /** Conversations remembered; the one that was silent longest is forgotten first. */
  readonly conversations: number;
}

/** Remembers which copy of a group message was taken, so that the other copies are recognised. */
export class SeenMessages {
  readonly #conversations = new Map<ConversationKey, Map<MessageSeq, EventId>>();

  constructor(private readonly limits: SeenMessagesLimits) {}

  /** True for the first copy, and for the same copy again: a replay is no sibling. */
  take(conversation: ConversationKey, seq: MessageSeq, copy: EventId): boolean {
    const seen = this.#conversations.get(conversation) ?? new Map<MessageSeq, EventId>();
    this.#conversations.delete(conversation);
    this.#conversations.set(conversation, seen);
    forgetOldest(this.#conversations, this.limits.conversations);
    const taken = seen.get(seq);
    if (taken !== undefined) return taken === copy;
    seen.set(seq, copy);
    forgetOldest(seen, this.limits.perConversation);
    return true;
  }
}

function forgetOldest<K>(map: Map<K, unknown>, limit: number): void {
  if (map.size <= limit) return;
  const [oldest] = map.keys();
  map.delete(oldest as K);
}
