import { EventEmitter } from 'node:events';
import { KeyedMailboxes } from '@rookery/actors';
import type { ConversationKey, Event } from '@rookery/protocol';
import type { Dispatcher, Settled } from '../dispatch';
import { SeenMessages } from './seen-messages';

export interface ConversationsEvents {
  settled: [event: Event, settled: Settled];
  /** A fault of our own, not of a plugin; the event counts as failed. */
  fault: [event: Event, thrown: unknown];
}

export interface ConversationsOptions {
  readonly dispatcher: Pick<Dispatcher, 'match' | 'run'>;
  /** Numbers of all accounts of the fleet; read at every event, so the set may change. */
  readonly fleet: ReadonlySet<string>;
  /** Most events of one conversation that wait or run. What comes on top has failed with reason `overflow`. */
  readonly perConversation?: number;
  /** Most events of all conversations together. */
  readonly total?: number;
}

const PER_CONVERSATION = 2_000;
const TOTAL = 100_000;
const SEEN = { perConversation: 256, conversations: 20_000 };
const UNMATCHED: Settled = { result: 'unmatched' };

type Matches = ReturnType<Dispatcher['match']>;

interface Delivery {
  readonly event: Event;
  readonly matches: Matches;
  readonly settle: (settled: Settled) => void;
}

/** Takes events in the order of their arrival and settles each one exactly once. */
export class Conversations extends EventEmitter<ConversationsEvents> {
  readonly #seen = new SeenMessages(SEEN);
  readonly #mailboxes: KeyedMailboxes<ConversationKey, Delivery>;

  constructor(private readonly options: ConversationsOptions) {
    super();
    this.#mailboxes = new KeyedMailboxes({
      perKey: options.perConversation ?? PER_CONVERSATION,
      total: options.total ?? TOTAL,
      handle: ({ event, matches, settle }) => this.#run(event, matches).then(settle),
    });
  }

  /** Conversations with waiting or running events. */
  get active(): number {
    return this.#mailboxes.size;
  }

  /** Has taken the event into its mailbox when it returns; resolves when the event is settled, and never rejects. */
  async deliver(event: Event): Promise<Settled> {
    const settled = await this.#take(event);
    this.emit('settled', event, settled);
    return settled;
  }

  /** Resolves when all events that were delivered are settled. */
  drain(): Promise<void> {
    return this.#mailboxes.drain();
  }

  /** What nothing wants is told apart first: it needs no mailbox and no memory, and most events are of this kind. */
  #take(event: Event): Settled | Promise<Settled> {
    if (this.#isOwn(event)) return { result: 'skipped', reason: 'own' };
    let matches: Matches;
    try {
      matches = this.options.dispatcher.match(event);
    } catch (thrown) {
      return this.#fault(event, thrown);
    }
    if (matches.length === 0) return UNMATCHED;
    if (!this.#isFirstCopy(event)) return { result: 'skipped', reason: 'copy' };
    return new Promise((settle) => {
      const offer = this.#mailboxes.offer(event.conversation, { event, matches, settle });
      if (offer === 'full') settle({ result: 'failed', reason: 'overflow' });
    });
  }

  async #run(event: Event, matches: Matches): Promise<Settled> {
    try {
      return await this.options.dispatcher.run(event, matches);
    } catch (thrown) {
      return this.#fault(event, thrown);
    }
  }

  #fault(event: Event, thrown: unknown): Settled {
    this.emit('fault', event, thrown);
    return { result: 'failed', reason: 'INTERNAL' };
  }

  /** With `reportSelfMessage` on, or with two accounts in one group, bots would answer themselves and each other. */
  #isOwn(event: Event): boolean {
    return event.type === 'message' && (event.own || this.options.fleet.has(event.sender.userId));
  }

  /** Only group messages with a sequence number can be recognised; it is equal for every account in the group. */
  #isFirstCopy(event: Event): boolean {
    if (event.type !== 'message' || event.scene.kind !== 'group' || event.seq === undefined) return true;
    return this.#seen.take(event.conversation, event.seq, event.id);
  }
}
