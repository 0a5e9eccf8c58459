import { EventEmitter } from 'node:events';
import {
  accountConversation,
  EnvelopeDraft,
  eventId,
  partitionOf,
  selfId,
  type AccountStatus,
  type Clock,
  type NodeId,
  type PoolName,
  type ScheduleEvent,
  type SelfId,
  type WrittenEnvelope,
} from '@rookery/protocol';
import type { Tick } from '@rookery/queues';

export interface TicksOptions {
  /** What connectors say of the accounts. */
  readonly accounts: () => Promise<readonly Pick<AccountStatus, 'self' | 'pool' | 'state'>[]>;
  readonly publish: (envelope: WrittenEnvelope) => Promise<void>;
  readonly partitions: number;
  readonly node: NodeId;
  readonly clock: Clock;
}

export interface TicksEvents {
  /** No account fits the sender: nobody can speak, so the tick is given up. */
  senderless: [id: string, sender: string];
}

/**
 * Makes an event of each tick, which then goes the way of all events: the same tick is the same event of the same account's
 * conversation, whoever hands it on and how often, so its handler is run for it once.
 */
export class Ticks extends EventEmitter<TicksEvents> {
  #published = 0;

  constructor(private readonly options: TicksOptions) {
    super();
  }

  /** The account and its pool, in that order: of a pool the first that is online, else the first. */
  async sender({ id, sender }: Pick<Tick, 'id' | 'sender'>): Promise<string | undefined> {
    const [kind, name] = sender.split(':', 2);
    const candidates = (await this.options.accounts())
      .filter(({ self, pool }) => (kind === 'pool' ? pool : self) === name)
      .sort((a, b) => a.self.length - b.self.length || (a.self < b.self ? -1 : 1));
    const chosen = candidates.find(({ state }) => state === 'online') ?? candidates[0];
    if (!chosen) {
      this.emit('senderless', id, sender);
      return undefined;
    }
    return `${chosen.self}:${chosen.pool}`;
  }

  /** Rejects when the event is not stored; the same tick again is the same event. */
  async handOn({ id, at, prepared }: Tick): Promise<void> {
    const [account = '', pool] = prepared.split(':', 2);
    const self: SelfId = selfId(account);
    const { clock, node, partitions, publish } = this.options;
    const conversation = accountConversation(self);
    const event: ScheduleEvent = {
      id: eventId(`t.${id}.${at}`),
      type: 'schedule',
      kind: id,
      tick: at,
      self,
      pool: pool as PoolName,
      conversation,
      time: at,
      receivedAt: clock.now(),
    };
    const partition = partitionOf(conversation, partitions);
    const draft = new EnvelopeDraft({ partition, node, seq: ++this.#published });
    draft.add(event);
    await publish(draft.written());
  }
}
