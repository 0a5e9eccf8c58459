import { partitionOf, type ConversationKey, type EventId } from '@rookery/protocol';
import type { PartitionLedger } from './partition-ledger';

/** What was known of an event before it was taken. `copy` is the one that was taken then. */
export type Taken =
  | { readonly kind: 'new' }
  /** This or another worker took it and has not settled it: it went down, or is still at it. */
  | { readonly kind: 'in_hand'; readonly copy: EventId }
  | { readonly kind: 'settled'; readonly copy: EventId };

const SETTLED = '!';
const NEW: Taken = { kind: 'new' };

/**
 * Remembers beyond the life of a worker which events were taken and which are settled, so that a replayed envelope skips what was
 * done, and a copy that comes to the next worker is not taken for a new message. A reference is equal for all copies of one
 * event. Taking the same copy again is answered with `in_hand`, also when the call before it was carried out and its answer lost.
 */
export class SettledMemory {
  constructor(
    private readonly ledger: PartitionLedger,
    private readonly partitions: number,
  ) {}

  /** Waits while Redis is away: an event must not be handled before it is certain that nobody else took it. */
  async take(conversation: ConversationKey, reference: string, copy: EventId): Promise<Taken> {
    const partition = partitionOf(conversation, this.partitions);
    const stored = await this.ledger.note(partition, { what: 'take', subject: reference, value: copy });
    if (stored === '') return NEW;
    if (!stored.startsWith(SETTLED)) return { kind: 'in_hand', copy: stored as EventId };
    return { kind: 'settled', copy: stored.slice(SETTLED.length) as EventId };
  }

  /** Resolves when a replay would be recognised. */
  async settle(conversation: ConversationKey, reference: string, copy: EventId): Promise<void> {
    const partition = partitionOf(conversation, this.partitions);
    await this.ledger.note(partition, { what: 'settle', subject: reference, value: copy });
  }
}
