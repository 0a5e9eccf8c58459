import { EventEmitter } from 'node:events';
import { KeyedMailboxes } from '@rookery/actors';
import {
  partitionOf,
  RookeryError,
  SlotMap,
  unfolded,
  type ConversationKey,
  type EnvelopeEvent,
  type Event,
  type EventHead,
  type EventId,
  type MessageEvent,
} from '@rookery/protocol';
import type { Dispatcher, Settled } from '../dispatch';
import { Brake, type BrakeLimits } from './brake';
import { CopyChoice, type CopyChoiceOptions } from './copy-choice';
import type { EventMemory } from './event-memory';
import { COPY, Gathering, isChatter, placeOf, REPLAY, type Copy, type Foreseen } from './gathering';
import type { GroupMembers } from './group-members';
import { Overload, type OverloadLimits } from './overload';
import { RecentMap } from './recent-map';
import { References } from './references';

export interface ConversationsEvents {
  /** `atOnce`: while it was being delivered. */
  settled: [event: EventHead, settled: Settled, atOnce: boolean];
  /** A fault of our own, not of a plugin; the event counts as failed. */
  fault: [event: EventHead, thrown: unknown];
  /** Its sender answers us like a bot and is ignored in this conversation for a while. */
  braked: [event: MessageEvent];
  /** A copy was waited for. `came`: it was the wanted one's; else another was taken after the grace time. */
  waited: [event: Event, came: boolean];
}

export interface ConversationsOptions extends CopyChoiceOptions {
  readonly dispatcher: Pick<Dispatcher, 'mayWant' | 'match' | 'run'>;
  readonly memory: EventMemory;
  readonly members: GroupMembers;
  /** How many there are. */
  readonly partitions: number;
  /** Numbers of all accounts of the fleet; read at every event, so the set may change. */
  readonly fleet: Pick<ReadonlySet<string>, 'has'>;
  readonly overload: OverloadLimits;
  readonly brake: BrakeLimits;
  /** Most events of one conversation that wait or run. What comes on top has failed with reason `overflow`. */
  readonly perConversation?: number;
  /** Most events of all conversations together. */
  readonly total?: number;
}

/** `copy`: the one that was handled, where one was: that is remembered. */
interface Handled {
  readonly settled: Settled;
  readonly copy?: Event;
}

interface Turn {
  readonly work: () => Promise<void>;
}

const PER_CONVERSATION = 2_000;
const TOTAL = 100_000;
/** Settled events that are recognised without asking Redis: copies and doubles come within seconds of each other. */
const RECENT = 25_000;
/** An answer of the memory that is older may be false: this process may have slept, and another worker have settled the event. */
const FORESEEN_MS = 1_000;
const UNMATCHED: Settled = { result: 'unmatched' };
const OWN: Settled = { result: 'skipped', reason: 'own' };

/** Takes events in the order of their arrival and settles each one exactly once. */
export class Conversations extends EventEmitter<ConversationsEvents> {
  readonly #references = new References();
  /** Events in hand, by their reference. */
  readonly #gatherings = new SlotMap<string, Gathering>();
  /** Events that were settled: which copy it was. */
  readonly #recent = new RecentMap<string, EventId>(RECENT);
  /** Events that a worker went down with and whose taken copy has not come again yet: which one that is. */
  readonly #comeAgain = new RecentMap<string, EventId>(RECENT);
  readonly #mailboxes: KeyedMailboxes<ConversationKey, Gathering | Turn>;
  readonly #choice: CopyChoice;
  readonly #brake: Brake;
  readonly #overload: Overload;

  constructor(private readonly options: ConversationsOptions) {
    super();
    this.#choice = new CopyChoice(options, (event, came) => this.emit('waited', event, came));
    this.#brake = new Brake(options.clock, options.brake);
    this.#overload = new Overload(options.clock, options.overload);
    this.#mailboxes = new KeyedMailboxes({
      perKey: options.perConversation ?? PER_CONVERSATION,
      total: options.total ?? TOTAL,
      handle: (entry) => (entry instanceof Gathering ? this.#handle(entry) : entry.work()),
      // An event whose copy is still waited for is not begun: what was said before it may come from another connector meanwhile.
      ready: (entry) => (entry instanceof Gathering && !entry.chosen ? entry.decided : undefined),
    });
  }

  /** Conversations with waiting or running events. */
  get active(): number {
    return this.#mailboxes.size;
  }

  /** Events that wait or run. */
  get backlog(): number {
    return this.#mailboxes.messages;
  }

  /** This worker is behind: commands go first, and chatter that is too old is skipped. */
  get overloaded(): boolean {
    return this.#overload.active;
  }

  /**
   * Has taken the event into its mailbox when it returns; the promise resolves when the event is settled, and never rejects. What
   * is settled at once, as most events are, costs no promise.
   */
  deliver(event: EnvelopeEvent): Settled | Promise<Settled> {
    const settled = (how: Settled, atOnce = false): Settled => {
      this.emit('settled', event, how, atOnce);
      return how;
    };
    try {
      const taken = this.#take(event);
      return taken instanceof Promise ? taken.then((how) => settled(how)) : settled(taken, true);
    } catch (thrown) {
      return settled(this.#fault(event, thrown), true);
    }
  }

  /** Work that is no event but must not run beside those of its conversation. Rejects when there is no room for it. */
  inTurn(conversation: ConversationKey, work: () => Promise<unknown>): Promise<void> {
    return new Promise((resolve, reject) => {
      const turn = { work: () => work().then(() => resolve(), reject) };
      if (this.#mailboxes.offer(conversation, turn) === 'full') {
        reject(new RookeryError('CONVERSATION_FULL', `no room for more in conversation ${conversation}`));
      }
    });
  }

  /**
   * The partition goes to another worker, and no event of it is delivered any more: what has not begun settles as withdrawn, its envelope takes
   * it along. Else both workers would handle it.
   */
  withdraw(partition: number): void {
    for (const [key, gathering] of this.#gatherings)
      if (gathering.partition === partition && gathering.withdraw()) this.#gatherings.delete(key);
  }

  /** Resolves when all events that were delivered are settled. */
  drain(): Promise<void> {
    return this.#mailboxes.drain();
  }

  /** What nothing wants is told apart first: it needs no mailbox and no memory, nor all of it to be read, and most events are of this kind. */
  #take(taken: EnvelopeEvent): Settled | Promise<Settled> {
    const { dispatcher, members } = this.options;
    this.#overload.heard(taken);
    members.heard(taken);
    if (this.#isOwn(taken)) return OWN;
    if (taken.type === 'message' && !dispatcher.mayWant(taken)) return this.#unmatched(taken);
    const event = unfolded(taken);
    const matches = dispatcher.match(event);
    if (matches.length === 0) return this.#unmatched(event);
    const { key, shared } = this.#references.of(event);
    const settledAs = this.#recent.get(key);
    if (settledAs !== undefined) return settledAs === event.id ? REPLAY : COPY;
    const comesAgain = this.#comeAgain.get(key);
    if (comesAgain !== undefined && comesAgain !== event.id) return COPY;
    return new Promise((settle) => this.#gather(key, shared, { event, matches, settle }));
  }

  #unmatched(event: EventHead): Settled {
    if (event.type === 'message') this.#brake.heard(event, false);
    return UNMATCHED;
  }

  #gather(key: string, shared: boolean, copy: Copy): void {
    const known = this.#gatherings.get(key);
    if (known) {
      known.add(copy);
      return;
    }
    const { event, settle } = copy;
    if (this.#isBraked(event)) {
      this.#recent.set(key, event.id);
      settle({ result: 'skipped', reason: 'brake' });
      return;
    }
    const gathering = new Gathering(key, partitionOf(event.conversation, this.options.partitions), copy);
    const chatter = isChatter(copy);
    const standing = { yields: chatter, overtakes: !chatter && this.#overload.active, place: placeOf(event) };
    if (this.#mailboxes.offer(event.conversation, gathering, standing) === 'full') {
      settle({ result: 'failed', reason: 'overflow' });
      return;
    }
    this.#gatherings.set(key, gathering);
    if (!shared || this.#comeAgain.get(key) === event.id) gathering.choose(copy);
    else this.#choice.begin(gathering);
    const { chosen } = gathering;
    gathering.foreseen = chosen
      ? this.#foresee(gathering, chosen)
      : gathering.decided.then((decided) => this.#foresee(gathering, decided));
  }

  /** Asks for the event before its turn comes, so that all events of an envelope are asked for in one call. */
  #foresee({ key, isWithdrawn }: Gathering, copy: Copy): Promise<Foreseen | undefined> | undefined {
    // A failure has been told of by the memory; the question is put again when its turn comes.
    return isWithdrawn || this.#isStale(copy) ? undefined : this.#ask(key, copy).catch(() => undefined);
  }

  #ask(key: string, { event }: Copy): Promise<Foreseen> {
    const at = this.options.clock.monotonic();
    return this.options.memory.take(event.conversation, key, event.id).then((taken) => ({ at, taken }));
  }

  async #handle(gathering: Gathering): Promise<void> {
    const decided = gathering.chosen ?? (await gathering.decided);
    if (gathering.isWithdrawn) return;
    const { key } = gathering;
    let handled: Handled | undefined;
    try {
      handled = await this.#work(gathering, decided);
    } catch (thrown) {
      handled = { settled: this.#fault(decided.event, thrown) };
    }
    if (!handled) return;
    const { settled, copy } = handled;
    // Before its envelope can be ended, since the memory keeps the order in which it is told; the next event waits until it is stored.
    const stored = copy && this.options.memory.settle(copy.conversation, key, copy.id);
    if (this.#gatherings.get(key) === gathering) this.#gatherings.delete(key);
    gathering.end(settled);
    await stored?.catch((thrown: unknown) => this.#fault(decided.event, thrown));
  }

  /** Undefined when it was withdrawn before it could begin. */
  async #work(gathering: Gathering, decided: Copy): Promise<Handled | undefined> {
    const { dispatcher, clock } = this.options;
    const { key } = gathering;
    const { id } = decided.event;
    if (this.#isStale(decided)) {
      this.#recent.set(key, id);
      return { settled: { result: 'skipped', reason: 'stale' } };
    }
    const foreseen = await gathering.foreseen;
    if (gathering.isWithdrawn) return undefined;
    const recent = foreseen && clock.monotonic() - foreseen.at < FORESEEN_MS;
    const { taken } = recent ? foreseen : await this.#ask(key, decided);
    if (gathering.isWithdrawn) return undefined;
    if (taken.kind === 'settled') {
      this.#recent.set(key, taken.copy);
      return { settled: taken.copy === id ? REPLAY : COPY };
    }
    // A worker that went down had taken that copy: its actions carry the ids of that one, so that one is handled again. Where
    // it is not here, its envelope comes again.
    const copy = taken.kind === 'new' ? decided : gathering.copies.find(({ event }) => event.id === taken.copy);
    if (!copy) {
      // At once: the copy that was taken may come before this one is settled, and must not be settled with it.
      if (taken.kind === 'in_hand') this.#comeAgain.set(key, taken.copy);
      this.#gatherings.delete(key);
      return { settled: COPY };
    }
    gathering.begin(copy);
    const begun = clock.monotonic();
    const settled = await this.#run(dispatcher, copy);
    this.#recent.set(key, copy.event.id);
    this.#comeAgain.delete(key);
    if (settled.result === 'handled' && copy.event.type === 'message') {
      const copies = gathering.received.map(({ event: { self, receivedAt } }) => ({ self, receivedAt }));
      this.#brake.answered(copy.event, copies, clock.monotonic() - begun);
    }
    return { settled, copy: copy.event };
  }

  async #run(dispatcher: ConversationsOptions['dispatcher'], { event, matches }: Copy): Promise<Settled> {
    try {
      return await dispatcher.run(event, matches);
    } catch (thrown) {
      return this.#fault(event, thrown);
    }
  }

  #isStale(copy: Copy): boolean {
    return isChatter(copy) && this.#overload.isStale(copy.event);
  }

  #isBraked(event: Event): boolean {
    if (event.type !== 'message') return false;
    const heard = this.#brake.heard(event, true);
    if (heard === 'braked') this.emit('braked', event);
    return heard !== 'free';
  }

  #fault(event: EventHead, thrown: unknown): Settled {
    this.emit('fault', event, thrown);
    return { result: 'failed', reason: thrown instanceof RookeryError ? thrown.code : 'INTERNAL' };
  }

  /** With `reportSelfMessage` on, or with two accounts in one group, bots would answer themselves and each other. */
  #isOwn(event: EventHead): boolean {
    return event.type === 'message' && (event.own || this.options.fleet.has(event.sender.userId));
  }
}
