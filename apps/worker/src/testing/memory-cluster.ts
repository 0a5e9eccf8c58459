import type { Asked, Outbox } from '@rookery/plugin-kit';
import type { Action, ActionId, ActionResult, Clock, ConversationKey, EventId, SelfId } from '@rookery/protocol';
import type { DeadLetter, SuspendedHandling } from '@rookery/redis';
import type { EventMemory, Taken } from '../conversation/event-memory';
import type { AskStore } from '../dispatch/pending-asks';
import type { Decide } from './fleet';
import { MemoryBroadcasts } from './memory-broadcasts';
import { MemoryCooldowns } from './memory-cooldowns';
import { MemorySettings } from './memory-settings';
import { MemoryStorage } from './memory-storage';

/** What outlives a worker, in memory: events that were taken, questions, stored values, settings, cooldowns, actions. */
export class MemoryCluster implements EventMemory, Outbox, AskStore {
  readonly storage: MemoryStorage;
  readonly broadcasts: MemoryBroadcasts;
  readonly cooldowns: MemoryCooldowns;
  readonly settings = new MemorySettings();
  readonly assignees = new Map<ConversationKey, SelfId>();
  readonly letters: DeadLetter[] = [];
  /** In the order in which they were asked for, each once. */
  readonly actions: Action[] = [];
  decide: Decide = () => undefined;
  readonly #results = new Map<ActionId, ActionResult>();
  readonly #events = new Map<string, Exclude<Taken, { kind: 'new' }>>();
  readonly #asks = new Map<string, string>();

  constructor(private readonly clock: Clock) {
    this.storage = new MemoryStorage(clock);
    this.broadcasts = new MemoryBroadcasts(clock);
    this.cooldowns = new MemoryCooldowns(clock);
  }

  take(_conversation: ConversationKey, reference: string, copy: EventId): Promise<Taken> {
    const known = this.#events.get(reference);
    if (!known) this.#events.set(reference, { kind: 'in_hand', copy });
    return Promise.resolve(known ?? { kind: 'new' });
  }

  settle(_conversation: ConversationKey, reference: string, copy: EventId): Promise<void> {
    this.#events.set(reference, { kind: 'settled', copy });
    return Promise.resolve();
  }

  ask(action: Action): Asked {
    return { queued: Promise.resolve(), result: Promise.resolve(this.#carryOut(action)) };
  }

  post(action: Action): Promise<void> {
    this.#carryOut(action);
    return Promise.resolve();
  }

  put(suspended: SuspendedHandling): Promise<void> {
    this.#asks.set(suspended.id, JSON.stringify(suspended));
    return Promise.resolve();
  }

  remove({ id }: SuspendedHandling): Promise<void> {
    this.#asks.delete(id);
    return Promise.resolve();
  }

  load(): Promise<readonly SuspendedHandling[]> {
    return Promise.resolve([...this.#asks.values()].map((json) => JSON.parse(json) as SuspendedHandling));
  }

  /** The same id is the same action. */
  #carryOut(action: Action): ActionResult {
    const known = this.#results.get(action.id);
    if (known) return known;
    this.actions.push(action);
    const { id, self } = action;
    const data = { message_id: this.actions.length };
    const result: ActionResult = { id, self, outcome: 'sent', data, endedAt: this.clock.now(), ...this.decide(action) };
    this.#results.set(id, result);
    return result;
  }
}
