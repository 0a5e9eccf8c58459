import type { ConversationKey, Event, EventId, SelfId } from '@rookery/protocol';
import { RecentMap } from './recent-map';

/** Something that happened and that several accounts may have seen, without a number that they share. */
interface Occurrence {
  readonly print: string;
  readonly time: number;
  /** Which event each account saw it as. */
  readonly copies: Map<SelfId, EventId>;
  /** The first of them: the name of the occurrence. */
  readonly name: EventId;
}

export interface OccurrencesLimits {
  readonly conversations: number;
  readonly perConversation: number;
}

/**
 * Pairs events of several accounts by content, time and order: an event belongs to the oldest occurrence with its print that its
 * account has no other event of.
 */
export class Occurrences {
  readonly #conversations: RecentMap<ConversationKey, Occurrence[]>;

  constructor(private readonly limits: OccurrencesLimits) {
    this.#conversations = new RecentMap(limits.conversations);
  }

  /** The name of the occurrence; the same event again has the same. `windowMs`: how far the times of copies lie apart. */
  of({ id, self, time, conversation }: Event, print: string, windowMs: number): EventId {
    const known = this.#conversations.getOr(conversation, () => []);
    let found: Occurrence | undefined;
    for (const occurrence of known) {
      if (occurrence.print !== print) continue;
      const copy = occurrence.copies.get(self);
      if (copy === id) return occurrence.name;
      if (copy === undefined && Math.abs(time - occurrence.time) <= windowMs) found ??= occurrence;
    }
    if (found) {
      found.copies.set(self, id);
      return found.name;
    }
    known.push({ print, time, copies: new Map([[self, id]]), name: id });
    if (known.length > this.limits.perConversation) known.shift();
    return id;
  }
}
